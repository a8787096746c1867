//! Frequent itemsets and association rules (`org.apache.spark.ml.fpm.FPGrowth`).

mod mine;
mod model;
mod rules;

pub(super) use model::PREDICT;

use super::items::{ItemNumbers, shown};
use crate::class::{Class, Role};
use crate::data::Dataset;
use crate::error;
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid};
use arrow::array::{Array, AsArray};
use firesteel_common::{Result, SparkError, SparkType};
use model::FpGrowthModel;

const PARAMS: &[Param] = &[
    Param::string("itemsCol", "items"),
    Param::string("predictionCol", "prediction"),
    Param::double("minSupport", 0.3).valid(Valid::In(0.0, 1.0)),
    Param::double("minConfidence", 0.8).valid(Valid::In(0.0, 1.0)),
    Param::new("numPartitions", ParamKind::Int, Default::None).valid(Valid::GtEq(1.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.fpm.FPGrowth",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.fpm.FPGrowthModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.fpm.FPGrowthModel",
    params: PARAMS,
    role: Role::Model { attributes: &["freqItemsets", "associationRules"], load: model::load },
};

/// # Errors
/// Spark's: the column has no arrays.
fn check_items(kind: &SparkType) -> Result<()> {
    if matches!(kind, SparkType::Array { .. }) {
        return Ok(());
    }
    Err(error::requirement(format!(
        "The input column must be array, but got {}.",
        kind.simple_string()
    )))
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let column = data.frame.column(params.string("itemsCol")?)?;
    let kind = column.field.data_type.clone();
    check_items(&kind)?;
    let mut numbers = ItemNumbers::default();
    // Transactions one after the other.
    let (mut starts, mut all) = (vec![0_usize], Vec::<u32>::new());
    let mut seen: Vec<usize> = Vec::new();
    data.scan(vec![column.expr()], |batch| {
        let broken = || SparkError::internal("a column of items is a list");
        let lists = batch.column(0).as_list_opt::<i32>().ok_or_else(broken)?;
        let items = numbers.of(lists.values())?;
        seen.resize(numbers.items.len(), 0);
        for row in (0..lists.len()).filter(|row| lists.is_valid(*row)) {
            let ends = lists.value_offsets();
            for item in &items[ends[row] as usize..ends[row + 1] as usize] {
                // A transaction's number marks what it has.
                if std::mem::replace(&mut seen[*item as usize], starts.len()) == starts.len() {
                    return Err(error::failed(format!(
                        "Items in a transaction must be unique but got {}.",
                        shown(&lists.value(row))
                    )));
                }
                all.push(*item);
            }
            starts.push(all.len());
        }
        Ok(())
    })?;
    let n_transactions = starts.len() as i64 - 1;
    let count_min = (params.double("minSupport")? * n_transactions as f64).ceil() as i64;
    let mut counts = vec![0_i64; numbers.items.len()];
    all.iter().for_each(|item| counts[*item as usize] += 1);
    let mut frequent: Vec<u32> =
        (0..counts.len() as u32).filter(|item| counts[*item as usize] >= count_min).collect();
    frequent.sort_by_key(|item| -counts[*item as usize]);
    let mut ranks = vec![u32::MAX; counts.len()];
    for (rank, item) in frequent.iter().enumerate() {
        ranks[*item as usize] = rank as u32;
    }
    let transactions = starts.windows(2).map(|ends| {
        let own = all[ends[0]..ends[1]].iter().map(|item| ranks[*item as usize]);
        let mut own: Vec<u32> = own.filter(|rank| *rank != u32::MAX).collect();
        own.sort_unstable();
        own
    });
    let itemsets = mine::mine(transactions, frequent.len(), count_min, data.job.as_ref())?;
    let items = frequent.iter().map(|item| numbers.items[*item as usize].clone()).collect();
    Ok(Fitted::new(FpGrowthModel { kind, items, itemsets, n_transactions, nullable: false }))
}

#[cfg(test)]
mod tests {
    use super::mine::mine;
    use super::rules::rules;
    use crate::job::Job;
    use firesteel_common::{Result, SessionSettings};

    struct Alone(SessionSettings);

    impl Job for Alone {
        fn scan(
            &self,
            _: datafusion_expr::LogicalPlan,
            _: &mut dyn FnMut(usize, arrow::array::RecordBatch) -> Result<()>,
        ) -> Result<()> {
            Ok(())
        }

        fn n_threads(&self) -> usize {
            2
        }

        fn check(&self) -> Result<()> {
            Ok(())
        }

        fn progress(&self, _: usize, _: usize) {}

        fn settings(&self) -> &SessionSettings {
            &self.0
        }
    }

    #[test]
    fn itemsets_by_hand() {
        let transactions = [vec![0, 1, 2], vec![0, 1], vec![0, 2], vec![1]];
        let job = Alone(SessionSettings::default());
        let mut found = mine(transactions.into_iter(), 3, 2, &job).unwrap();
        found.sort();
        let expected = [(vec![0], 3), (vec![1], 3), (vec![1, 0], 2), (vec![2], 2), (vec![2, 0], 2)];
        assert_eq!(found, expected);
        let rules = rules(&found, 4, 0.9);
        assert_eq!(rules.len(), 1);
        assert_eq!((rules[0].antecedent.as_slice(), rules[0].consequent), ([2].as_slice(), 0));
        assert_eq!(
            (rules[0].confidence, rules[0].lift, rules[0].support),
            (1.0, Some(4.0 / 3.0), 0.5)
        );
    }
}

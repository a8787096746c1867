//! `QuantileDiscretizer`: finds split points between which about as many values lie, for a `Bucketizer`.

use super::quantiles::{Gathered, quantile};
use super::{bucketizer, in_out_many};
use crate::data::{Dataset, doubles};
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter};
use crate::{Answer, Argument, Class, Fitted, Model, Role, Value, error};
use firesteel_common::{Frame, Result, TableHost};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::int("numBuckets", 2).valid(Valid::GtEq(2.0)),
    Param::new("numBucketsArray", ParamKind::Ints, Default::None).valid(Valid::Check(
        |value| matches!(value, Value::Ints(items) if items.iter().all(|item| *item >= 2)),
    )),
    shared::HANDLE_INVALID,
    shared::RELATIVE_ERROR,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.QuantileDiscretizer",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

/// Spark gives a `Bucketizer`, which is a transformer and no model: clients ask for its split points and make their
/// own.
pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.QuantileDiscretizer.Bucketizer",
    params: bucketizer::PARAMS,
    role: Role::Model { attributes: &["getSplits", "getSplitsArray"], load },
};

#[derive(Debug)]
struct Splits {
    splits: Vec<Vec<f64>>,
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols", "numBucketsArray"])?;
    let n_buckets = match params.is_set("inputCols") && params.is_set("numBucketsArray") {
        true => params.ints("numBucketsArray")?.to_vec(),
        false => vec![params.int("numBuckets")?; pairs.len()],
    };
    if n_buckets.len() != pairs.len() {
        let n = pairs.len();
        let lengths = [("inputCols", n), ("outputCols", n), ("numBucketsArray", n_buckets.len())];
        return Err(in_out_many::mismatched(params, &lengths));
    }
    let exprs =
        pairs.iter().map(|(input, _)| data.double_expr(input)).collect::<Result<Vec<_>>>()?;
    let mut columns = vec![Gathered::default(); pairs.len()];
    data.scan(exprs, |batch| {
        for (column, values) in batch.columns().iter().zip(&mut columns) {
            let found = doubles(column)?;
            found
                .iter()
                .flatten()
                .filter(|value| !value.is_nan())
                .for_each(|value| values.push(value));
        }
        Ok(())
    })?;
    let relative_error = params.double("relativeError")?;
    let splits = columns
        .into_iter()
        .zip(&n_buckets)
        .map(|(values, n)| splits(&mut values.into_values(0), *n, relative_error));
    Ok(Fitted::new(Splits { splits: splits.collect() }))
}

/// Quantiles without repetitions, the outer ones at infinity.
fn splits(values: &mut [f64], n_buckets: i32, relative_error: f64) -> Vec<f64> {
    let probability = |i: i32| f64::from(i) / f64::from(n_buckets);
    let inner = (1..n_buckets).filter_map(|i| quantile(values, probability(i), relative_error));
    // Zero has one sign.
    let mut splits: Vec<f64> =
        std::iter::once(f64::NEG_INFINITY).chain(inner.map(|split| split + 0.0)).collect();
    splits.push(f64::INFINITY);
    splits.dedup();
    splits
}

fn load(_: &Params, _: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    Err(error::failed("A fitted QuantileDiscretizer is saved as a Bucketizer."))
}

impl Model for Splits {
    fn size_bytes(&self) -> u64 {
        self.splits.iter().map(|splits| 8 * splits.len() as u64).sum()
    }

    fn transform(&self, params: &Params, input: Frame, host: &mut dyn TableHost) -> Result<Frame> {
        let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols"])?;
        let pairs = pairs.into_iter().zip(&self.splits);
        let pairs =
            pairs.map(|((input, output), splits)| (input, output, splits.clone())).collect();
        bucketizer::add(input, pairs, params.string("handleInvalid")?, host)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match (name, self.splits.as_slice()) {
            ("getSplits", [splits, ..]) => Ok(Value::Doubles(splits.clone()).into()),
            ("getSplitsArray", all) => {
                Ok(Value::List(all.iter().cloned().map(Value::Doubles).collect()).into())
            }
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, _: &mut dyn ModelWriter) -> Result<()> {
        Err(error::failed("A fitted QuantileDiscretizer is saved as a Bucketizer."))
    }
}

//! `sample` and `randomSplit`: a random part of the rows.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::output::column;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Sample};
use arrow::datatypes::DataType;
use datafusion::arrow::datatypes::Field;
use datafusion::logical_expr::{Extension, LogicalPlan, SortExpr};
use firesteel_common::nodes::{
    Generate, PartitionColumns, PartitionFunction, SortWithinPartitions,
};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

impl Resolver<'_> {
    /// Without replacement: rows whose random number lies between the bounds, so that the parts of a
    /// `randomSplit` do not overlap. With replacement: each row as often as a Poisson number says.
    pub(super) fn sample(&mut self, sample: &Sample) -> Result<Resolved> {
        let mut input = self.relation(&sample.input)?;
        check_fraction(sample.upper - sample.lower, sample.with_replacement)?;
        if sample.deterministic_order {
            input = ordered(input);
        }
        let seed = sample.seed.unwrap_or_else(|| self.env.query_start_micros());
        if sample.with_replacement {
            return self.sample_with_replacement(input, sample.upper - sample.lower, seed);
        }
        let random = || Expr::call("rand", vec![Expr::literal(Literal::Long(seed))]);
        let bound = |bound: f64| Expr::literal(Literal::Double(bound));
        let condition = Expr::call(
            "and",
            vec![
                Expr::call(">=", vec![random(), bound(sample.lower)]),
                Expr::call("<", vec![random(), bound(sample.upper)]),
            ],
        );
        self.filter_resolved(input, &condition)
    }

    fn sample_with_replacement(
        &mut self,
        input: Resolved,
        mean: f64,
        seed: i64,
    ) -> Result<Resolved> {
        let (times, dummy) = (self.fresh(), self.fresh());
        let poisson = PartitionFunction::Poisson { seed, mean_bits: mean.to_bits() };
        let node = PartitionColumns::try_new(input.plan, vec![(times.clone(), poisson)])?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        let mut context = ExprContext::new(&input.scope, Clause::Other);
        context.fields.insert(Arc::new(Field::new(&times, DataType::Int32, false)));
        let one = self.expr(
            &Expr::call(
                "named_struct",
                vec![Expr::string("i"), Expr::literal(Literal::Integer(1))],
            ),
            &mut context,
        )?;
        let count = self.typed(column(&times), times.clone(), &context)?;
        let rows =
            self.call_builtin("array_repeat", vec![one.arg(), count.arg()], times, &context)?;
        let columns = vec![Arc::new(Field::new(dummy, SparkType::Integer.to_arrow(), true))];
        let node = Generate::try_new(plan, rows.expr, columns, false)?;
        let plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Resolved { plan, scope: input.scope })
    }
}

/// What rounding may add to a fraction or take from it.
const ROUNDING: f64 = 1e-6;
/// With replacement a row may come many times; more than this, at once, is no sample but a mistake.
const REPLACEMENT_FRACTION_MAX: f64 = 1e6;

fn check_fraction(fraction: f64, with_replacement: bool) -> Result<()> {
    let rule = match with_replacement {
        false if (-ROUNDING..=1.0 + ROUNDING).contains(&fraction) => return Ok(()),
        false => "must be on interval [0, 1] without replacement".to_owned(),
        true if (-ROUNDING..=REPLACEMENT_FRACTION_MAX).contains(&fraction) => return Ok(()),
        true if fraction > 0.0 => format!("must not be more than {REPLACEMENT_FRACTION_MAX}"),
        true => "must be nonnegative with replacement".to_owned(),
    };
    let message = format!("requirement failed: Sampling fraction ({fraction}) {rule}");
    Err(SparkError::new(ErrorKind::IllegalArgument, "", message))
}

/// Each partition in order of all columns that have an order, so that equal seeds pick equal rows
/// however the partition was computed.
fn ordered(input: Resolved) -> Resolved {
    let sortable = input.scope.columns.iter().filter(|column| {
        !matches!(column.field.data_type, SparkType::Map { .. } | SparkType::Variant)
    });
    let order: Vec<SortExpr> = sortable
        .map(|own| SortExpr { expr: column(&own.internal), asc: true, nulls_first: true })
        .collect();
    if order.is_empty() {
        return input;
    }
    let node = Arc::new(SortWithinPartitions { input: input.plan, order });
    Resolved { plan: LogicalPlan::Extension(Extension { node }), scope: input.scope }
}

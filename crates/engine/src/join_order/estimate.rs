//! How many rows a relation has, and how many values its columns can have.

use super::selectivity::{domains_after, selectivity};
use crate::sharing::SharedRowsExec;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, JoinType, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use std::any::Any;
use std::sync::Arc;

/// Part of the groups of a filter over an aggregate, or of rows of an anti join, when nothing is known.
const UNKNOWN_PART: f64 = 0.25;

#[derive(Debug, Clone)]
pub(super) struct Estimate {
    pub rows: f64,
    pub columns: Vec<Domain>,
}

/// What is known of a column's values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Domain {
    /// How many values there can be; filters of other columns do not change it.
    pub size: f64,
    /// Whether every row seemed to have a value of its own before filters.
    pub is_unique: bool,
    /// Whether `size` is more than the number of rows.
    pub is_known: bool,
    /// Bounds as numbers.
    pub range: Option<(f64, f64)>,
    pub null_part: f64,
}

impl Domain {
    pub fn unknown(rows: f64) -> Self {
        Self { size: rows.max(1.0), is_unique: false, is_known: false, range: None, null_part: 0.0 }
    }
}

/// None: the number of rows is unknown.
pub(super) fn estimate(plan: &dyn ExecutionPlan) -> Option<Estimate> {
    let any = plan as &dyn Any;
    if let Some(filter) = any.downcast_ref::<FilterExec>() {
        let input = estimate(filter.input().as_ref())?;
        let part = selectivity(filter.predicate(), &|column| input.columns.get(column).copied());
        let columns = domains_after(filter.predicate(), &input.columns);
        let columns = match filter.projection().as_ref() {
            None => columns,
            Some(places) => places.iter().filter_map(|at| columns.get(*at).copied()).collect(),
        };
        return Some(Estimate { rows: (input.rows * part).max(1.0), columns });
    }
    if let Some(projection) = any.downcast_ref::<ProjectionExec>() {
        let input = estimate(projection.input().as_ref())?;
        let columns = projection.expr().iter().map(|part| domain_of(&part.expr, &input)).collect();
        return Some(Estimate { rows: input.rows, columns });
    }
    if let Some(aggregate) = any.downcast_ref::<AggregateExec>() {
        let input = estimate(aggregate.input().as_ref())?;
        let groups: Vec<_> =
            aggregate.group_expr().expr().iter().map(|(expr, _)| domain_of(expr, &input)).collect();
        let values: f64 = groups.iter().map(|domain| domain.size.min(input.rows)).product();
        let rows = if groups.is_empty() { 1.0 } else { values.min(input.rows) };
        let mut columns = groups;
        // One group key alone has each value once.
        if let [key] = columns.as_mut_slice() {
            key.is_unique = true;
            key.size = key.size.min(rows);
        }
        columns.resize(plan.schema().fields().len(), Domain::unknown(rows));
        return Some(Estimate { rows, columns });
    }
    if let Some(join) = any.downcast_ref::<HashJoinExec>() {
        return estimate_join(join);
    }
    let passes = any.is::<SharedRowsExec>()
        || matches!(
            plan.name(),
            "CoalescePartitionsExec" | "RepartitionExec" | "SortExec" | "CooperativeExec"
        ) && plan.fetch().is_none();
    if passes && let [input] = plan.children().as_slice() {
        return estimate(input.as_ref());
    }
    let known = StatisticsContext::new().compute(plan, &StatisticsArgs::new()).ok()?;
    let rows = *known.num_rows.get_value()? as f64;
    let columns = known.column_statistics.iter().map(|column| domain(column, rows)).collect();
    Some(Estimate { rows: rows.max(1.0), columns })
}

fn estimate_join(join: &HashJoinExec) -> Option<Estimate> {
    let left = estimate(join.left().as_ref())?;
    let right = estimate(join.right().as_ref())?;
    let keys = join.on().iter().map(|(l, r)| (domain_of(l, &left), domain_of(r, &right)));
    let pairs = keys.map(|(l, r)| 1.0 / matches(&l, &r)).product::<f64>();
    let both = left.rows * right.rows * pairs;
    // The part of one side's rows that has a partner.
    let met = |rows: f64, other: f64| (other * rows * pairs / rows).min(1.0);
    let rows = match join.join_type() {
        JoinType::Inner => both,
        JoinType::Left => both.max(left.rows),
        JoinType::Right => both.max(right.rows),
        JoinType::Full => both.max(left.rows).max(right.rows),
        JoinType::LeftSemi => left.rows * met(left.rows, right.rows),
        JoinType::RightSemi => right.rows * met(right.rows, left.rows),
        JoinType::LeftAnti => left.rows * (1.0 - met(left.rows, right.rows)).max(UNKNOWN_PART),
        JoinType::RightAnti => right.rows * (1.0 - met(right.rows, left.rows)).max(UNKNOWN_PART),
        JoinType::LeftMark => left.rows,
        JoinType::RightMark => right.rows,
    };
    let mut columns = match join.join_type() {
        JoinType::LeftSemi | JoinType::LeftAnti => left.columns,
        JoinType::RightSemi | JoinType::RightAnti => right.columns,
        JoinType::LeftMark => left.columns.into_iter().chain([Domain::unknown(2.0)]).collect(),
        JoinType::RightMark => right.columns.into_iter().chain([Domain::unknown(2.0)]).collect(),
        _ => left.columns.into_iter().chain(right.columns).collect::<Vec<_>>(),
    };
    if let Some(places) = join.projection.as_ref() {
        columns = places.iter().filter_map(|at| columns.get(*at).copied()).collect();
    }
    Some(Estimate { rows: rows.max(1.0), columns })
}

/// Of so many pairs of rows, one is equal in these columns.
pub(super) fn matches(left: &Domain, right: &Domain) -> f64 {
    let values = match (left.is_unique, right.is_unique) {
        // A key and what refers to it: each row there has one partner here, whatever part of the values it has.
        (true, false) => left.size,
        (false, true) => right.size,
        // The larger domain is that of a range with holes.
        (true, true) => left.size.min(right.size),
        (false, false) => left.size.max(right.size),
    };
    values.max(1.0)
}

/// What is known of the values of an expression.
pub(super) fn domain_of(expr: &Arc<dyn PhysicalExpr>, input: &Estimate) -> Domain {
    let any = expr.as_ref() as &dyn Any;
    if let Some(column) = any.downcast_ref::<Column>() {
        let found = input.columns.get(column.index()).copied();
        return found.unwrap_or_else(|| Domain::unknown(input.rows));
    }
    match any.downcast_ref::<CastExpr>() {
        Some(cast) => domain_of(cast.expr(), input),
        None => Domain::unknown(input.rows),
    }
}

fn domain(column: &ColumnStatistics, rows: f64) -> Domain {
    let value = |bound: &Precision<ScalarValue>| bound.get_value().and_then(number);
    let range = value(&column.min_value).zip(value(&column.max_value));
    let null_part = match column.null_count.get_value() {
        Some(nulls) if rows > 0.0 => (*nulls as f64 / rows).min(1.0),
        _ => 0.0,
    };
    let steps = range.and_then(|(min, max)| {
        let step = step(column.min_value.get_value()?)?;
        Some(((max - min) / step + 1.0).max(1.0))
    });
    let distinct = column.distinct_count.get_value().map(|n_values| *n_values as f64);
    let values = match (distinct, steps) {
        (Some(distinct), Some(steps)) => Some(distinct.min(steps)),
        (distinct, steps) => distinct.or(steps),
    };
    match values {
        None => Domain { range, null_part, ..Domain::unknown(rows) },
        Some(values) => Domain {
            size: values.min(rows).max(1.0),
            is_unique: values >= 0.9 * rows,
            is_known: true,
            range,
            null_part,
        },
    }
}

/// A value as a number, dates and timestamps in their own unit.
pub(super) fn number(value: &ScalarValue) -> Option<f64> {
    let power = |scale: i8| 10f64.powi(i32::from(scale));
    Some(match value {
        ScalarValue::Int8(Some(value)) => f64::from(*value),
        ScalarValue::Int16(Some(value)) => f64::from(*value),
        ScalarValue::Int32(Some(value)) | ScalarValue::Date32(Some(value)) => f64::from(*value),
        ScalarValue::Int64(Some(value)) | ScalarValue::TimestampMicrosecond(Some(value), _) => {
            *value as f64
        }
        ScalarValue::Float32(Some(value)) => f64::from(*value),
        ScalarValue::Float64(Some(value)) => *value,
        ScalarValue::Decimal32(Some(value), _, scale) => f64::from(*value) / power(*scale),
        ScalarValue::Decimal64(Some(value), _, scale) => *value as f64 / power(*scale),
        ScalarValue::Decimal128(Some(value), _, scale) => *value as f64 / power(*scale),
        _ => return None,
    })
}

/// How far apart two values of the type are at least; none where that tells nothing of how many there are.
fn step(value: &ScalarValue) -> Option<f64> {
    Some(match value {
        ScalarValue::Int8(_)
        | ScalarValue::Int16(_)
        | ScalarValue::Int32(_)
        | ScalarValue::Int64(_)
        | ScalarValue::Date32(_) => 1.0,
        ScalarValue::Decimal32(_, _, scale)
        | ScalarValue::Decimal64(_, _, scale)
        | ScalarValue::Decimal128(_, _, scale) => 10f64.powi(-i32::from(*scale)),
        _ => return None,
    })
}

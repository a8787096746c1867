//! `EXPLAIN COST`: the optimized plan with what the optimizer knows of each step's rows.

use super::names::ShownNames;
use super::tree::{Tree, logical_line};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use firesteel_engine::LocalRunner;
use futures::future::BoxFuture;
use std::sync::Arc;

/// The tree of `plan`. Statistics belong to physical plans, so each step is planned as if it were the
/// whole query. What is not known is taken for very large, as in Spark.
pub fn with_statistics<'p>(
    runner: &'p Arc<LocalRunner>,
    plan: &'p LogicalPlan,
    names: &'p ShownNames,
) -> BoxFuture<'p, Tree> {
    Box::pin(async move {
        let mut children = Vec::new();
        for input in plan.inputs() {
            children.push(with_statistics(runner, input, names).await);
        }
        let mut line = logical_line(plan, names);
        line.push_str(&format!(", Statistics({})", statistics(runner, plan).await));
        Tree { line, children }
    })
}

/// Spark's `spark.sql.defaultSizeInBytes`.
const UNKNOWN_BYTES: usize = i64::MAX as usize;

async fn statistics(runner: &Arc<LocalRunner>, plan: &LogicalPlan) -> String {
    let state = runner.session_state();
    // A part of a plan that cannot stand alone cannot be planned, and so nothing is known of it.
    let physical = state.query_planner().create_physical_plan(plan, state).await;
    let computed = physical.and_then(|physical| {
        StatisticsContext::new().compute(physical.as_ref(), &StatisticsArgs::new())
    });
    let Ok(computed) = computed else {
        return format!("sizeInBytes={}", size(UNKNOWN_BYTES));
    };
    let bytes = value(&computed.total_byte_size).or_else(|| row_bytes(&computed, plan));
    let bytes = format!("sizeInBytes={}", size(bytes.unwrap_or(UNKNOWN_BYTES)));
    match value(&computed.num_rows) {
        Some(n_rows) => format!("{bytes}, rowCount={n_rows}"),
        None => bytes,
    }
}

fn value(precision: &Precision<usize>) -> Option<usize> {
    precision.get_value().copied()
}

/// Rows times the width of a row, if all columns have one.
fn row_bytes(statistics: &Statistics, plan: &LogicalPlan) -> Option<usize> {
    let widths = plan.schema().fields().iter().map(|field| field.data_type().primitive_width());
    let width = widths.sum::<Option<usize>>()?;
    value(&statistics.num_rows)?.checked_mul(width)
}

/// `1200.0 B`, `8.0 KiB`: a unit is taken from two of it on, as in Spark.
pub fn size(bytes: usize) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 2_048.0 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_spark_writes_them() {
        assert_eq!(size(1_200), "1200.0 B");
        assert_eq!(size(4_096), "4.0 KiB");
        assert_eq!(size(3 << 20), "3.0 MiB");
    }
}

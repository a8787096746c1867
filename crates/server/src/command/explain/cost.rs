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
/// whole query; a step that cannot stand alone has none.
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
        if let Some(known) = statistics(runner, plan).await {
            line.push_str(&format!(", Statistics({known})"));
        }
        Tree { line, children }
    })
}

async fn statistics(runner: &Arc<LocalRunner>, plan: &LogicalPlan) -> Option<String> {
    let state = runner.session_state();
    let physical = state.query_planner().create_physical_plan(plan, state).await.ok()?;
    let computed =
        StatisticsContext::new().compute(physical.as_ref(), &StatisticsArgs::new()).ok()?;
    let n_rows = value(&computed.num_rows);
    let mut known = Vec::new();
    if let Some(bytes) = value(&computed.total_byte_size).or_else(|| row_bytes(&computed, plan)) {
        known.push(format!("sizeInBytes={}", size(bytes)));
    }
    if let Some(n_rows) = n_rows {
        known.push(format!("rowCount={n_rows}"));
    }
    (!known.is_empty()).then(|| known.join(", "))
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

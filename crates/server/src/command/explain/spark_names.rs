//! What Spark calls the operators of a physical plan.
//!
//! The tree is the one that runs; where an operator does what one of Spark's does, its line begins with Spark's name,
//! so that who knows Spark's plans can read it: `BroadcastHashJoin (HashJoinExec: mode=CollectLeft, …)`.

use datafusion::datasource::memory::{DataSourceExec, MemorySourceConfig};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use std::any::Any;
use std::sync::Arc;

fn is<T: Any>(plan: &Arc<dyn ExecutionPlan>) -> Option<&T> {
    (plan.as_ref() as &dyn Any).downcast_ref::<T>()
}

/// Spark's name of the operator that is shown as `line`; none if it has no such operator.
pub fn spark_name(plan: &Arc<dyn ExecutionPlan>, line: &str) -> Option<&'static str> {
    if let Some(source) = is::<DataSourceExec>(plan) {
        let memory = source.data_source().downcast_ref::<MemorySourceConfig>();
        // Only kept rows do not show their sizes (`firesteel_engine::cached_table`).
        return memory.filter(|memory| !memory.show_sizes()).map(|_| "InMemoryTableScan");
    }
    // Joins stand in nodes of ours that count memory: their lines are still DataFusion's.
    Some(match line.split(':').next().unwrap_or(line) {
        "HashJoinExec" if line.contains("mode=CollectLeft") => "BroadcastHashJoin",
        "HashJoinExec" => "ShuffledHashJoin",
        "AggregateExec" => "HashAggregate",
        "SortMergeJoinExec" => "SortMergeJoin",
        "NestedLoopJoinExec" => "BroadcastNestedLoopJoin",
        "CrossJoinExec" => "CartesianProduct",
        "WindowAggExec" | "BoundedWindowAggExec" => "Window",
        "RepartitionExec" => "Exchange",
        "StoredRowsExec" => "InMemoryTableScan",
        _ => return None,
    })
}

/// Whether the operator itself leaves columns out, as a projection above it would.
pub fn projects(line: &str) -> bool {
    line.starts_with("HashJoinExec") && line.contains(", projection=[")
}

/// The input of a projection that keeps all columns in their order under other names.
pub fn renamed_only(plan: &Arc<dyn ExecutionPlan>) -> Option<&Arc<dyn ExecutionPlan>> {
    let projection = is::<ProjectionExec>(plan)?;
    let exprs = projection.expr();
    let same = exprs.iter().enumerate().all(|(position, own)| {
        let column = (own.expr.as_ref() as &dyn Any).downcast_ref::<Column>();
        column.is_some_and(|column| column.index() == position)
    });
    let input = projection.input();
    (same && exprs.len() == input.schema().fields().len()).then_some(input)
}

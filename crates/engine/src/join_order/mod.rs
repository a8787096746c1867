//! The order of inner joins, by estimated numbers of rows. DataFusion joins in the order in which tables were
//! written. Spark's `CostBasedJoinReorder`, but with what Parquet footers and cached rows tell, without ANALYZE.
//!
//! ```text
//!  HashJoinExecs (inner) ──graph──▶ relations, classes of equal keys, other conditions
//!                        ──estimate──▶ rows of each relation, sizes of the domains of its columns
//!                        ──search──▶ tree with the least cost ──build──▶ HashJoinExecs, same columns
//! ```
//!
//! Everything else is a barrier: outer, semi and anti joins stay where they are, and what is below them is ordered
//! for itself. Only joins whose conditions cannot fail change places, because they then see other rows.

mod build;
mod estimate;
mod graph;
mod search;
mod selectivity;

use build::build;
use datafusion::common::Result;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};
use estimate::estimate;
use graph::Graph;
use search::Search;
use std::sync::Arc;

/// How many rows `plan` gives, roughly; none: unknown.
pub(crate) fn estimated_rows(plan: &Arc<dyn ExecutionPlan>) -> Option<f64> {
    estimate(plan.as_ref()).map(|estimate| estimate.rows)
}

/// A new order must be this much cheaper than the written one: estimates are rough, and who wrote it may know more.
const COST_RATIO_MAX: f64 = 0.8;

/// `plan` with its inner joins in a better order.
///
/// # Errors
/// When a node does not take its own inputs again, which does not happen.
pub(crate) fn order_joins(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(mut graph) = Graph::of(plan) else {
        let children = plan.children().into_iter().map(order_joins).collect::<Result<_>>()?;
        return replace_children_if_necessary(Arc::clone(plan), children);
    };
    for relation in &mut graph.relations {
        *relation = order_joins(relation)?;
    }
    let relations = graph.relations.iter().map(|relation| estimate(relation.as_ref()));
    let Some(relations) = relations.collect::<Option<Vec<_>>>() else {
        return build(&graph, &graph.written, plan);
    };
    let mut search = Search::new(&graph, relations);
    let written = search.cost(&graph.written);
    let best = search.best();
    let better = best.filter(|tree| search.cost(tree) < COST_RATIO_MAX * written);
    build(&graph, better.as_ref().unwrap_or(&graph.written), plan)
}

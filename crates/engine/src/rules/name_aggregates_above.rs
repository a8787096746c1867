//! Moves the names of distinct aggregates into a projection.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Projection};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use std::collections::HashSet;
use std::sync::Arc;

/// The resolver names each aggregate by an alias inside the node, and DataFusion's `SingleDistinctToGroupBy` knows
/// bare calls only: without this, `count(DISTINCT x)` keeps a set per group, which cannot go to disk, instead of a
/// second grouping, which can (and which took TPC-H query 16 a third of the time). Only where every aggregate is
/// distinct over the same values: DataFusion's rule would add up partial sums too, and Spark's sum of a sum is of a
/// wider type. Costs one look at each aggregation.
#[derive(Debug)]
pub(crate) struct NameAggregatesAbove;

impl OptimizerRule for NameAggregatesAbove {
    fn name(&self) -> &str {
        "name_aggregates_above"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        let Some(bare) = bare_calls(aggregate) else { return Ok(Transformed::no(plan)) };
        let groups = aggregate.schema.fields().len() - bare.len();
        let below =
            Aggregate::try_new(Arc::clone(&aggregate.input), aggregate.group_expr.clone(), bare)?;
        let outer = aggregate.schema.iter().zip(below.schema.iter()).enumerate();
        let exprs = outer.map(|(position, (named, bare))| {
            let column = Expr::from(bare);
            match position < groups {
                true => column,
                false => column.alias(named.1.name()),
            }
        });
        let exprs = exprs.collect();
        let projection = Projection::try_new(exprs, Arc::new(LogicalPlan::Aggregate(below)))?;
        Ok(Transformed::yes(LogicalPlan::Projection(projection)))
    }
}

/// The calls without their names, when each is distinct, over the same values, and another call than the others.
fn bare_calls(aggregate: &Aggregate) -> Option<Vec<Expr>> {
    let mut values = HashSet::new();
    let mut bare = Vec::with_capacity(aggregate.aggr_expr.len());
    for expr in &aggregate.aggr_expr {
        let Expr::Alias(alias) = expr else { return None };
        let Expr::AggregateFunction(call) = alias.expr.as_ref() else { return None };
        if !call.params.distinct || call.params.filter.is_some() || bare.contains(&*alias.expr) {
            return None;
        }
        values.insert(&call.params.args);
        bare.push(alias.expr.as_ref().clone());
    }
    (values.len() == 1 && !matches!(aggregate.group_expr.first(), Some(Expr::GroupingSet(_))))
        .then_some(bare)
}

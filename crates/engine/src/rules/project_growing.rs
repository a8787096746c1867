//! Arguments of aggregates that make much from little go into a projection below, which takes fewer rows at a time
//! where it must ([`SliceProjections`](super::SliceProjections)).

use super::slice_projections::makes_much;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Projection};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use std::sync::Arc;

/// `sum(size(sequence(1, x)))` → `sum(c)` over `size(sequence(1, x)) AS c`. Costs one look at each aggregation.
#[derive(Debug)]
pub(crate) struct ProjectGrowing;

impl OptimizerRule for ProjectGrowing {
    fn name(&self) -> &str {
        "project_growing"
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
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        // The column of an aggregate that has no name of its own is called after its arguments.
        let is_named = |expr: &Expr| matches!(expr, Expr::Alias(_));
        let grows_any = aggregate.aggr_expr.iter().any(has_growing_argument);
        if !grows_any || !aggregate.aggr_expr.iter().all(is_named) {
            return Ok(Transformed::no(plan));
        }
        let mut computed: Vec<Expr> =
            aggregate.input.schema().columns().into_iter().map(Expr::Column).collect();
        let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
        for expr in &aggregate.aggr_expr {
            let changed = expr.clone().transform(|node| {
                let Expr::AggregateFunction(mut call) = node else {
                    return Ok(Transformed::no(node));
                };
                for arg in call.params.args.iter_mut().filter(|arg| grows(arg)) {
                    let name = config.alias_generator().next("__growing");
                    let column = Expr::Column(datafusion::common::Column::new_unqualified(&name));
                    computed.push(std::mem::replace(arg, column).alias(name));
                }
                Ok(Transformed::yes(Expr::AggregateFunction(call)))
            })?;
            aggregates.push(changed.data);
        }
        let input = Projection::try_new(computed, Arc::clone(&aggregate.input))?;
        let groups = aggregate.group_expr.clone();
        let input = Arc::new(LogicalPlan::Projection(input));
        let aggregate = Aggregate::try_new(input, groups, aggregates)?;
        Ok(Transformed::yes(LogicalPlan::Aggregate(aggregate)))
    }
}

/// Whether an argument of an aggregate in `expr` has such a function.
fn has_growing_argument(expr: &Expr) -> bool {
    let is_found = |node: &Expr| {
        Ok(match node {
            Expr::AggregateFunction(call) => call.params.args.iter().any(grows),
            _ => false,
        })
    };
    expr.exists(is_found).unwrap_or(false)
}

fn grows(expr: &Expr) -> bool {
    let is_growing =
        |node: &Expr| Ok(matches!(node, Expr::ScalarFunction(call) if makes_much(call.name())));
    expr.exists(is_growing).unwrap_or(false)
}

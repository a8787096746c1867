//! Window functions inside expressions: moved into window nodes under the projection.

use super::ResolvedExpr;
use super::aggregates::contains_window;
use crate::resolve::Resolver;
use crate::resolve::output::column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{Alias, Sort};
use datafusion::logical_expr::{Expr, LogicalPlan, Window};
use firesteel_common::Result;
use std::sync::Arc;

/// Window functions of one PARTITION BY and ORDER BY: DataFusion computes them in one node.
struct Group {
    partition_by: Vec<Expr>,
    order_by: Vec<Sort>,
    functions: Vec<(String, Expr)>,
}

/// `plan` under a window node per specification; `items` refer to their columns.
pub(crate) fn extract(
    resolver: &mut Resolver<'_>,
    plan: LogicalPlan,
    items: &mut [ResolvedExpr],
) -> Result<LogicalPlan> {
    if !items.iter().any(|item| contains_window(&item.expr)) {
        return Ok(plan);
    }
    let mut groups: Vec<Group> = Vec::new();
    for item in items.iter_mut() {
        let expr = item.expr.clone();
        let replaced = expr.transform_down(|node| {
            let Expr::WindowFunction(function) = &node else { return Ok(Transformed::no(node)) };
            let params = &function.params;
            let position = groups.iter().position(|group| {
                group.partition_by == params.partition_by && group.order_by == params.order_by
            });
            let position = position.unwrap_or_else(|| {
                groups.push(Group {
                    partition_by: params.partition_by.clone(),
                    order_by: params.order_by.clone(),
                    functions: Vec::new(),
                });
                groups.len() - 1
            });
            let functions = &mut groups[position].functions;
            let name = match functions.iter().find(|(_, known)| *known == node) {
                Some((name, _)) => name.clone(),
                None => {
                    let name = resolver.fresh();
                    functions.push((name.clone(), node.clone()));
                    name
                }
            };
            Ok(Transformed::new(column(&name), true, TreeNodeRecursion::Jump))
        })?;
        item.expr = replaced.data;
    }
    let mut plan = plan;
    for group in groups {
        let exprs = group
            .functions
            .into_iter()
            .map(|(name, function)| Expr::Alias(Alias::new(function, None::<&str>, name)))
            .collect();
        plan = LogicalPlan::Window(Window::try_new(exprs, Arc::new(plan))?);
    }
    Ok(plan)
}

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

/// `plan` under a window node per specification; `items` refer to their columns. Window functions over window
/// functions stand in nodes above those.
pub(crate) fn extract(
    resolver: &mut Resolver<'_>,
    plan: LogicalPlan,
    items: &mut [ResolvedExpr],
) -> Result<LogicalPlan> {
    if !items.iter().any(|item| contains_window(&item.expr)) {
        return Ok(plan);
    }
    let mut plan = plan;
    loop {
        let mut inner: Vec<Group> = Vec::new();
        for item in items.iter_mut() {
            let expr = std::mem::take(&mut item.expr);
            let replaced = expr.transform_down(|node| match is_over_window(&node) {
                true => {
                    let named =
                        node.map_children(|child| named_innermost(resolver, child, &mut inner))?;
                    Ok(Transformed::new(named.data, true, TreeNodeRecursion::Jump))
                }
                false => Ok(Transformed::no(node)),
            })?;
            item.expr = replaced.data;
        }
        if inner.is_empty() {
            break;
        }
        plan = over_groups(plan, inner)?;
    }
    let mut groups: Vec<Group> = Vec::new();
    for item in items.iter_mut() {
        let expr = std::mem::take(&mut item.expr);
        item.expr = named_innermost(resolver, expr, &mut groups)?.data;
    }
    over_groups(plan, groups)
}

/// Whether this is a window function with another one among what it takes.
fn is_over_window(node: &Expr) -> bool {
    let mut found = false;
    if matches!(node, Expr::WindowFunction(_)) {
        // Nothing in the closure fails.
        let _ = node.apply_children(|child| {
            found |= contains_window(child);
            Ok(TreeNodeRecursion::Continue)
        });
    }
    found
}

/// `expr` with columns for its window functions that are over none; those go to `groups`.
fn named_innermost(
    resolver: &mut Resolver<'_>,
    expr: Expr,
    groups: &mut Vec<Group>,
) -> datafusion::common::Result<Transformed<Expr>> {
    expr.transform_down(|node| {
        let Expr::WindowFunction(function) = &node else { return Ok(Transformed::no(node)) };
        if is_over_window(&node) {
            return Ok(Transformed::no(node));
        }
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
    })
}

fn over_groups(plan: LogicalPlan, groups: Vec<Group>) -> Result<LogicalPlan> {
    let mut plan = plan;
    for group in groups {
        let functions = group.functions.into_iter();
        let exprs = functions
            .map(|(name, function)| Expr::Alias(Alias::new(function, None::<&str>, name)))
            .collect();
        plan = LogicalPlan::Window(Window::try_new(exprs, Arc::new(plan))?);
    }
    Ok(plan)
}

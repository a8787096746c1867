//! Aggregate functions inside expressions: found, moved into an aggregation, referred to by column.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::Expr;

/// Whether an aggregate function (not one with OVER) stands somewhere in `expr`.
pub(crate) fn contains_aggregate(expr: &Expr) -> bool {
    expr.exists(|node| Ok(matches!(node, Expr::AggregateFunction(_)))).unwrap_or(false)
}

/// Whether a window function stands somewhere in `expr`.
pub(crate) fn contains_window(expr: &Expr) -> bool {
    expr.exists(|node| Ok(matches!(node, Expr::WindowFunction(_)))).unwrap_or(false)
}

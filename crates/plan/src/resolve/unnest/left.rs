//! The subqueries that DataFusion decorrelates by itself: as semi and anti joins, and scalar ones as
//! joins with one aggregation. Its joins need no copy of the query around, so they are cheaper than ours.
//!
//! Found by reading and trying DataFusion 55: what is refused here it rejects or answers wrongly.

use super::{domain::refers_outside, subqueries_as_joins};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Distinct, Expr, LogicalPlan, Operator, Subquery};
use firesteel_common::Result;
use std::sync::Arc;

/// A conjunct of a filter.
pub(super) enum Conjunct {
    /// DataFusion makes a join of it.
    Left(Expr),
    Ours(Expr),
}

/// Whether `expr` holds a subquery.
pub(in crate::resolve) fn has_subquery(expr: &Expr) -> bool {
    expr.exists(|node| Ok(is_subquery(node))).unwrap_or(true)
}

/// Whether `expr` holds no subquery and refers to nothing of the query around.
pub(super) fn is_plain(expr: &Expr) -> bool {
    !expr.contains_outer() && !has_subquery(expr)
}

fn is_subquery(expr: &Expr) -> bool {
    matches!(expr, Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_))
}

pub(super) fn as_left_to_datafusion(conjunct: Expr) -> Result<Conjunct> {
    if !is_left(&conjunct)? {
        return Ok(Conjunct::Ours(conjunct));
    }
    let done = conjunct.transform_down(|node| match node {
        Expr::Exists(mut exists) => {
            exists.subquery = finished(exists.subquery)?;
            Ok(Transformed::new(Expr::Exists(exists), true, TreeNodeRecursion::Jump))
        }
        Expr::InSubquery(mut membership) => {
            membership.subquery = finished(membership.subquery)?;
            Ok(Transformed::new(Expr::InSubquery(membership), true, TreeNodeRecursion::Jump))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(Conjunct::Left(done.data))
}

/// The subquery with what is inside it done.
pub(super) fn finished(subquery: Subquery) -> Result<Subquery> {
    let plan = Arc::new(subqueries_as_joins(Arc::unwrap_or_clone(subquery.subquery))?);
    let outer_ref_columns = plan.all_out_ref_exprs();
    Ok(Subquery { subquery: plan, outer_ref_columns, spans: subquery.spans })
}

/// Whether the conjunct is EXISTS, IN, or their negation, over a query of filters.
fn is_left(conjunct: &Expr) -> Result<bool> {
    match conjunct {
        Expr::Exists(exists) => is_filters(&exists.subquery.subquery),
        Expr::InSubquery(membership) => {
            if !is_plain(&membership.expr) {
                return Ok(false);
            }
            let plan = &membership.subquery.subquery;
            // Its null-aware anti join has one key.
            if membership.negated { Ok(!refers_outside(plan)?) } else { is_filters(plan) }
        }
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Exists(_) => is_left(inner),
            Expr::InSubquery(membership) if !membership.negated => {
                let plan = &membership.subquery.subquery;
                Ok(is_plain(&membership.expr) && !refers_outside(plan)?)
            }
            _ => Ok(false),
        },
        _ => Ok(false),
    }
}

/// Whether all references to the query around are in filters above everything else.
fn is_filters(plan: &LogicalPlan) -> Result<bool> {
    if !refers_outside(plan)? {
        return Ok(true);
    }
    match plan {
        LogicalPlan::Filter(node) => {
            Ok(has_left_subqueries(&node.predicate)? && is_filters(&node.input)?)
        }
        LogicalPlan::Projection(node) => {
            Ok(node.expr.iter().all(is_plain) && is_filters(&node.input)?)
        }
        LogicalPlan::Distinct(Distinct::All(input)) => is_filters(input),
        LogicalPlan::Sort(node) if node.fetch.is_none() => is_filters(&node.input),
        _ => Ok(false),
    }
}

/// Whether DataFusion takes the subqueries of each conjunct as they are.
fn has_left_subqueries(predicate: &Expr) -> Result<bool> {
    for conjunct in split_conjunction(predicate) {
        if has_subquery(conjunct) && !is_left(conjunct)? && !is_scalar_left_in(conjunct)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the only subqueries in `expr` are scalar ones that DataFusion takes as they are.
fn is_scalar_left_in(expr: &Expr) -> Result<bool> {
    let mut is_left = true;
    expr.apply(|node| {
        match node {
            Expr::ScalarSubquery(subquery) => is_left &= is_scalar_left(subquery)?,
            other => is_left &= !is_subquery(other),
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(is_left)
}

/// Whether a scalar subquery is one aggregation over filters by plain equality, or refers to nothing.
pub(super) fn is_scalar_left(subquery: &Subquery) -> Result<bool> {
    let mut plan = subquery.subquery.as_ref();
    if !refers_outside(plan)? {
        return Ok(true);
    }
    loop {
        match plan {
            LogicalPlan::Projection(node) => {
                if !node.expr.iter().all(is_plain) {
                    return Ok(false);
                }
                plan = &node.input;
            }
            LogicalPlan::Aggregate(node) if node.group_expr.is_empty() => {
                return Ok(node.aggr_expr.iter().all(is_plain) && is_equalities(&node.input)?);
            }
            _ => return Ok(false),
        }
    }
}

fn is_equalities(plan: &LogicalPlan) -> Result<bool> {
    if !refers_outside(plan)? {
        return Ok(true);
    }
    match plan {
        LogicalPlan::Filter(node) => {
            let mut conjuncts = split_conjunction(&node.predicate).into_iter();
            let are_equalities = conjuncts.all(|own| !own.contains_outer() || is_equality(own));
            Ok(are_equalities
                && has_left_subqueries(&node.predicate)?
                && is_equalities(&node.input)?)
        }
        LogicalPlan::Projection(node) => {
            Ok(node.expr.iter().all(is_plain) && is_equalities(&node.input)?)
        }
        _ => Ok(false),
    }
}

/// Whether `conjunct` says that a column is equal to something of the query around.
fn is_equality(conjunct: &Expr) -> bool {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = conjunct else {
        return false;
    };
    let is_pair = |own: &Expr, outer: &Expr| {
        matches!(own, Expr::Column(_)) && outer.contains_outer() && !outer.any_column_refs()
    };
    is_pair(left, right) || is_pair(right, left)
}

//! Subqueries that refer to the query around by equality only: asked for each value of their own side at once.
//!
//! No domain is needed, and so no second copy of the query around:
//!
//! ```text
//!   EXISTS (SELECT … FROM u WHERE k = outer(x) AND p)   ⟶   outer ⟕ (x = k) (u WHERE p)
//! ```

use super::domain::refers_outside;
use super::left::{has_subquery, is_plain};
use crate::resolve::fresh_name;
use crate::resolve::output::{column, named, projection, renamed};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{
    BinaryExpr, Distinct, Expr, ExprSchemable, Filter, LogicalPlan, Operator,
};
use firesteel_common::Result;
use std::sync::Arc;

/// A query without its equalities with the query around, and these: an expression over the query
/// around, and what it is equal to.
pub(super) type Equalities = (LogicalPlan, Vec<(Expr, Expr)>);

/// `plan`, of which only the existence of rows matters, if all its references are such equalities.
pub(super) fn taken_out(plan: &LogicalPlan) -> Result<Option<Equalities>> {
    if !refers_outside(plan)? {
        return Ok(Some((plan.clone(), Vec::new())));
    }
    match plan {
        LogicalPlan::Filter(node) => {
            let Some((input, mut pairs)) = taken_out(&node.input)? else { return Ok(None) };
            let mut kept = Vec::new();
            for conjunct in split_conjunction(&node.predicate) {
                if !conjunct.contains_outer() {
                    kept.push(conjunct.clone());
                } else if let Some(pair) = equality(conjunct)? {
                    pairs.push(pair);
                } else {
                    return Ok(None);
                }
            }
            let plan = match conjunction(kept) {
                Some(kept) => LogicalPlan::Filter(Filter::try_new(kept, Arc::new(input))?),
                None => input,
            };
            Ok(Some((plan, pairs)))
        }
        LogicalPlan::Projection(node) if node.expr.iter().all(is_plain) => {
            let Some((input, pairs)) = taken_out(&node.input)? else { return Ok(None) };
            let fields = node.schema.fields().iter();
            let mut exprs: Vec<_> = node.expr.iter().cloned().zip(fields.map(Arc::clone)).collect();
            let mut above = Vec::with_capacity(pairs.len());
            for (outer, own) in pairs {
                let name = fresh_name();
                let field = renamed(&own.to_field(input.schema())?.1, &name);
                exprs.push((named(own, &name), field));
                above.push((outer, column(&name)));
            }
            Ok(Some((projection(input, exprs)?, above)))
        }
        LogicalPlan::Distinct(Distinct::All(input)) => taken_out(input),
        LogicalPlan::Sort(node) if node.fetch.is_none() => taken_out(&node.input),
        _ => Ok(None),
    }
}

/// The sides of an equality, that of the query around first.
fn equality(conjunct: &Expr) -> Result<Option<(Expr, Expr)>> {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = conjunct else {
        return Ok(None);
    };
    let is_outer =
        |expr: &Expr| expr.contains_outer() && !expr.any_column_refs() && !has_subquery(expr);
    let (outer, own) = match (is_outer(left), is_outer(right)) {
        (true, false) if is_plain(right) => (left, right),
        (false, true) if is_plain(left) => (right, left),
        _ => return Ok(None),
    };
    let outer = outer.as_ref().clone().transform(|node| match node {
        Expr::OuterReferenceColumn(_, own) => Ok(Transformed::yes(column(&own.name))),
        other => Ok(Transformed::no(other)),
    })?;
    Ok(Some((outer.data, own.as_ref().clone())))
}

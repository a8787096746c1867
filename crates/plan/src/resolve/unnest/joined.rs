//! Joins inside a correlated subquery.
//!
//! The domain stands on the side whose rows the join keeps, and on the other if that refers to the
//! query around as well; both then join on it, null being equal to null.

use super::domain::{Domain, cross, refers_outside};
use crate::resolve::output::{column, named, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinConstraint, JoinType, NullEquality};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Filter, Join, LogicalPlan, Operator};
use firesteel_common::Result;
use std::sync::Arc;

impl Domain {
    pub(super) fn joined(&self, join: &Join) -> Result<Option<LogicalPlan>> {
        let mut conditions = Vec::new();
        for (left, right) in &join.on {
            let op = match join.null_equality {
                NullEquality::NullEqualsNothing => Operator::Eq,
                NullEquality::NullEqualsNull => Operator::IsNotDistinctFrom,
            };
            let (left, right) = (Box::new(self.own(left)?), Box::new(self.own(right)?));
            conditions.push(Expr::BinaryExpr(BinaryExpr::new(left, op, right)));
        }
        if let Some(filter) = &join.filter {
            conditions.push(self.own(filter)?);
        }
        let (in_left, in_right) = (refers_outside(&join.left)?, refers_outside(&join.right)?);
        match join.join_type {
            JoinType::Inner if !(in_left && in_right) => {
                let (bearer, other) =
                    if in_right { (&join.right, &join.left) } else { (&join.left, &join.right) };
                let Some(input) = self.unnested(bearer)? else { return Ok(None) };
                let plan = cross(input, other.as_ref().clone())?;
                let Some(condition) = conjunction(conditions) else { return Ok(Some(plan)) };
                Ok(Some(LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan))?)))
            }
            JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => {
                let Some(left) = self.unnested(&join.left)? else { return Ok(None) };
                if !in_right {
                    let right = join.right.as_ref().clone();
                    return both(left, right, Vec::new(), conditions, join.join_type).map(Some);
                }
                let Some(right) = self.unnested(&join.right)? else { return Ok(None) };
                let (right, on) = self.under_other_names(right)?;
                both(left, right, on, conditions, join.join_type).map(Some)
            }
            JoinType::Right => {
                let Some(right) = self.unnested(&join.right)? else { return Ok(None) };
                if !in_left {
                    let left = join.left.as_ref().clone();
                    return both(left, right, Vec::new(), conditions, JoinType::Right).map(Some);
                }
                let Some(left) = self.unnested(&join.left)? else { return Ok(None) };
                let (left, on) = self.under_other_names(left)?;
                let on = on.into_iter().map(|(own, other)| (other, own)).collect();
                both(left, right, on, conditions, JoinType::Right).map(Some)
            }
            JoinType::Full => {
                let Some(left) = self.unnested(&join.left)? else { return Ok(None) };
                let Some(right) = self.unnested(&join.right)? else { return Ok(None) };
                let (left, in_left) = self.under_other_names(left)?;
                let (right, in_right) = self.under_other_names(right)?;
                let conditions = under_names_of(conditions, &in_left)?;
                let pairs = in_left.into_iter().zip(in_right);
                let on: Vec<_> = pairs.map(|((_, left), (_, right))| (left, right)).collect();
                let plan = both(left, right, on.clone(), conditions, JoinType::Full)?;
                // Rows of the right side alone have their combination there.
                let mut exprs = self.passed();
                for ((expr, field), (left, right)) in exprs.iter_mut().zip(on) {
                    *expr = named(coalesce(vec![left, right]), field.name());
                }
                for field in join.schema.fields() {
                    exprs.push((column(field.name()), Arc::clone(field)));
                }
                projection(plan, exprs).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn both(
    left: LogicalPlan,
    right: LogicalPlan,
    on: Vec<(Expr, Expr)>,
    conditions: Vec<Expr>,
    join_type: JoinType,
) -> Result<LogicalPlan> {
    let node = Join::try_new(
        Arc::new(left),
        Arc::new(right),
        on,
        conjunction(conditions),
        join_type,
        JoinConstraint::On,
        NullEquality::NullEqualsNull,
        false,
    )?;
    Ok(LogicalPlan::Join(node))
}

/// `exprs` with columns under other names, each beside its own.
fn under_names_of(exprs: Vec<Expr>, names: &[(Expr, Expr)]) -> Result<Vec<Expr>> {
    let mut renamed = Vec::with_capacity(exprs.len());
    for expr in exprs {
        let changed = expr.transform(|node| {
            Ok(match names.iter().find(|(own, _)| *own == node) {
                Some((_, other)) => Transformed::yes(other.clone()),
                None => Transformed::no(node),
            })
        })?;
        renamed.push(changed.data);
    }
    Ok(renamed)
}

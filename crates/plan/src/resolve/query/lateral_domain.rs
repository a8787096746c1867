//! LATERAL over a query that DataFusion cannot decorrelate: comparisons other than equality, LIMIT,
//! window functions, subqueries in expressions. Rows of the left side join on what they refer to, as
//! they do for subqueries in expressions (`resolve/unnest/domain.rs`).

use crate::resolve::unnest::{Domain, has_subquery};
use crate::resolve::{Resolved, Resolver};
use crate::spec::JoinType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinConstraint, JoinType as PlanJoinType, NullEquality};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Join, LogicalPlan, Operator};
use firesteel_common::Result;
use std::sync::Arc;

impl Resolver<'_> {
    /// The join, if the right side is of a form that domains know.
    pub(super) fn over_domain(
        &mut self,
        left: &Resolved,
        right: &Resolved,
        join_type: JoinType,
        condition: Option<Expr>,
    ) -> Result<Option<LogicalPlan>> {
        let domain = Domain::of(&left.plan, &right.plan)?;
        let Some(found) = domain.unnested(&right.plan)? else { return Ok(None) };
        let plan_type = match join_type {
            JoinType::Left => PlanJoinType::Left,
            _ => PlanJoinType::Inner,
        };
        let node = Join::try_new(
            Arc::new(left.plan.clone()),
            Arc::new(found),
            domain.on(),
            condition,
            plan_type,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        Ok(Some(LogicalPlan::Join(node)))
    }
}

/// Whether DataFusion's own decorrelation would fail: it knows equality in filters, and no limits;
/// what becomes of subqueries in expressions it would not recognise.
pub(super) fn needs_domain(plan: &LogicalPlan) -> Result<bool> {
    let is_plain = |conjunct: &Expr| match conjunct {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            left.contains_outer() != right.contains_outer()
        }
        other => !other.contains_outer(),
    };
    plan.exists(|node| {
        let (mut has_subqueries, mut refers) = (false, false);
        node.apply_expressions(|expr| {
            has_subqueries |= has_subquery(expr);
            refers |= expr.contains_outer();
            Ok(TreeNodeRecursion::Continue)
        })?;
        if has_subqueries {
            return Ok(true);
        }
        Ok(match node {
            LogicalPlan::Filter(filter) => {
                !split_conjunction(&filter.predicate).into_iter().all(is_plain)
            }
            LogicalPlan::Limit(_) | LogicalPlan::Window(_) | LogicalPlan::Extension(_) => true,
            _ => refers,
        })
    })
    .map_err(Into::into)
}

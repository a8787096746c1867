//! Subqueries in expressions become joins: the last step of a query's resolution.
//!
//! | module | question |
//! |---|---|
//! | `left` | which subqueries are left to DataFusion, because it makes better joins of them? |
//! | `values` | which column holds the answer of a subquery? |
//! | `equalities` | what is a subquery that refers to others by equality only? |
//! | `domain` | what is a subquery for all rows around it at once? |
//! | `joined`, `grouped`, `limited` | the same for joins, aggregations and limits |
//!
//! Each node that computes over subqueries gets an input that has their answers as columns:
//!
//! ```text
//!   Projection x, (SELECT max(y) FROM u WHERE y < x)          Projection x, m
//!     t                                               ⟶         t ⟕ (x = d) [d, m]
//! ```

mod domain;
mod equalities;
mod grouped;
mod joined;
mod left;
mod limited;
mod values;

pub(super) use domain::Domain;
pub(super) use left::has_subquery;

use super::output::{column, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DataFusionError, JoinType};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, Join, LogicalPlan, Projection, lit};
use firesteel_common::Result;
use std::sync::Arc;
use values::Answers;

/// `plan` without subqueries but for those that DataFusion makes joins of.
pub(super) fn subqueries_as_joins(plan: LogicalPlan) -> Result<LogicalPlan> {
    let changed = plan.transform_up(|node| {
        if !has_own_subquery(&node)? {
            return Ok(Transformed::no(node));
        }
        Ok(Transformed::yes(with_answers(node).map_err(DataFusionError::from)?))
    })?;
    Ok(changed.data)
}

/// Whether the node's own expressions hold a subquery.
fn has_own_subquery(node: &LogicalPlan) -> Result<bool, DataFusionError> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found |= has_subquery(expr);
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// `node` over inputs that have the answers of its subqueries.
fn with_answers(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Join(join) => join_with_answers(join),
        LogicalPlan::Filter(filter) => filter_with_answers(filter),
        LogicalPlan::Projection(node) => {
            let mut answers = Answers::over(node.input.as_ref().clone(), true);
            let mut exprs = Vec::with_capacity(node.expr.len());
            for expr in node.expr {
                exprs.push(answers.of(expr)?);
            }
            let input = Arc::new(answers.into_plan());
            // The fields are as before: types and tags of columns do not change.
            let node = Projection::try_new_with_schema(exprs, input, node.schema)?;
            Ok(LogicalPlan::Projection(node))
        }
        other => {
            let inputs = other.inputs();
            let [input] = inputs.as_slice() else { return Ok(other) };
            let mut answers = Answers::over((*input).clone(), false);
            let mut exprs = Vec::new();
            for expr in other.expressions() {
                exprs.push(answers.of(expr)?);
            }
            let fields = other.schema().fields().clone();
            let plan = other.with_new_exprs(exprs, vec![answers.into_plan()])?;
            cut(plan, &fields)
        }
    }
}

fn filter_with_answers(filter: Filter) -> Result<LogicalPlan> {
    let fields = filter.input.schema().fields().clone();
    // Below the others, so that a domain is of the rows that are asked for: tables that stand side by side in a FROM
    // are not joined before.
    let (asking, plain): (Vec<_>, Vec<_>) =
        split_conjunction_owned(filter.predicate).into_iter().partition(has_subquery);
    let input = match conjunction(plain) {
        Some(plain) => LogicalPlan::Filter(Filter::try_new(plain, filter.input)?),
        None => Arc::unwrap_or_clone(filter.input),
    };
    let mut answers = Answers::over(input, true);
    let mut conjuncts = Vec::new();
    for conjunct in asking {
        conjuncts.push(match left::as_left_to_datafusion(conjunct)? {
            left::Conjunct::Left(conjunct) => conjunct,
            left::Conjunct::Ours(conjunct) => answers.of(conjunct)?,
        });
    }
    let predicate = conjunction(conjuncts).unwrap_or_else(|| lit(true));
    let filter = Filter::try_new(predicate, Arc::new(answers.into_plan()))?;
    cut(LogicalPlan::Filter(filter), &fields)
}

/// Subqueries of a join's condition are answered on the side that they refer to; those of an inner
/// join, which may refer to both, above it.
fn join_with_answers(mut join: Join) -> Result<LogicalPlan> {
    let fields = join.schema.fields().clone();
    let condition = join.filter.take();
    if join.join_type == JoinType::Inner {
        let (with, without): (Vec<_>, Vec<_>) = condition
            .map(split_conjunction_owned)
            .unwrap_or_default()
            .into_iter()
            .partition(has_subquery);
        join.filter = conjunction(without);
        let join = LogicalPlan::Join(join);
        let Some(above) = conjunction(with) else { return Ok(join) };
        return filter_with_answers(Filter::try_new(above, Arc::new(join))?);
    }
    let mut left = Answers::over(join.left.as_ref().clone(), false);
    let mut right = Answers::over(join.right.as_ref().clone(), false);
    let mut conjuncts = Vec::new();
    for conjunct in condition.map(split_conjunction_owned).unwrap_or_default() {
        conjuncts.push(values::of_either(conjunct, &mut left, &mut right)?);
    }
    let plan = Join::try_new(
        Arc::new(left.into_plan()),
        Arc::new(right.into_plan()),
        join.on,
        conjunction(conjuncts),
        join.join_type,
        join.join_constraint,
        join.null_equality,
        join.null_aware,
    )?;
    cut(LogicalPlan::Join(plan), &fields)
}

/// `plan` with only `fields`.
fn cut(plan: LogicalPlan, fields: &arrow::datatypes::Fields) -> Result<LogicalPlan> {
    if plan.schema().fields().len() == fields.len() {
        return Ok(plan);
    }
    let own = |field: &arrow::datatypes::FieldRef| -> (Expr, arrow::datatypes::FieldRef) {
        (column(field.name()), Arc::clone(field))
    };
    projection(plan, fields.iter().map(own).collect())
}

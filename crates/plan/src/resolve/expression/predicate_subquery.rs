//! EXISTS and IN with a subquery, where they are values or parts of larger conditions.
//!
//! DataFusion turns them into semi and anti joins when they are conjuncts of a filter. Elsewhere they
//! become counts, which it decorrelates as it does any scalar subquery:
//!
//! ```text
//! EXISTS (q)   count(q) > 0
//! x IN (q)     count(q WHERE k = x) > 0
//! x NOT IN (q) NOT (count(q WHERE k = x) > 0 OR count(q WHERE k IS NULL) > 0
//!                   OR x IS NULL AND count(q) > 0)
//! ```
//!
//! As values they are never null, as in Spark, whose existence joins know no third answer.

use crate::resolve::Resolver;
use crate::resolve::output::column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, ExprSchema, Spans};
use datafusion::functions_aggregate::count::count;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, Filter, LogicalPlan, Operator, Subquery, lit,
};
use firesteel_common::Result;
use std::sync::Arc;

impl Resolver<'_> {
    /// `condition` with only those predicate subqueries that a filter can hold.
    pub(crate) fn filter_condition(&mut self, condition: Expr, schema: &DFSchema) -> Result<Expr> {
        if !has_predicate_subquery(&condition) {
            return Ok(condition);
        }
        let mut conjuncts = Vec::new();
        for conjunct in split_conjunction_owned(condition) {
            conjuncts.push(if is_join(&conjunct) {
                conjunct
            } else {
                self.predicate_subqueries_as_counts(conjunct, schema)?
            });
        }
        Ok(conjunction(conjuncts).unwrap_or_else(|| lit(true)))
    }

    /// `expr` without predicate subqueries.
    pub(crate) fn predicate_subqueries_as_counts(
        &mut self,
        expr: Expr,
        schema: &DFSchema,
    ) -> Result<Expr> {
        if !has_predicate_subquery(&expr) {
            return Ok(expr);
        }
        let replaced = expr.transform_down(|node| match node {
            Expr::Exists(exists) => {
                let found = self.is_any(exists.subquery.subquery.as_ref().clone())?;
                let found = if exists.negated { Expr::Not(Box::new(found)) } else { found };
                Ok(Transformed::new(found, true, TreeNodeRecursion::Jump))
            }
            Expr::Not(inner) if matches!(*inner, Expr::InSubquery(_)) => {
                let Expr::InSubquery(membership) = *inner else {
                    return Ok(Transformed::no(Expr::Not(inner)));
                };
                let plan = membership.subquery.subquery.as_ref();
                let negated = !membership.negated;
                let found = self.is_member(*membership.expr, plan, schema, negated)?;
                let found = if negated { Expr::Not(Box::new(found)) } else { found };
                Ok(Transformed::new(found, true, TreeNodeRecursion::Jump))
            }
            Expr::InSubquery(membership) => {
                let plan = membership.subquery.subquery.as_ref();
                let found = self.is_member(*membership.expr, plan, schema, membership.negated)?;
                let found = if membership.negated { Expr::Not(Box::new(found)) } else { found };
                Ok(Transformed::new(found, true, TreeNodeRecursion::Jump))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(replaced.data)
    }

    fn is_member(
        &mut self,
        value: Expr,
        plan: &LogicalPlan,
        schema: &DFSchema,
        negated: bool,
    ) -> Result<Expr, DataFusionError> {
        let field = plan.schema().field(0);
        let key = column(field.name());
        let outer = as_outer(value.clone(), schema)?;
        let equal =
            Expr::BinaryExpr(BinaryExpr::new(Box::new(key.clone()), Operator::Eq, Box::new(outer)));
        let filtered = |condition: Expr| -> Result<LogicalPlan, DataFusionError> {
            Ok(LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan.clone()))?))
        };
        let is_found = self.is_any(filtered(equal)?)?;
        if !negated {
            return Ok(is_found);
        }
        let is_null = Expr::IsNull(Box::new(value));
        let mut unknown = is_null.and(self.is_any(plan.clone())?);
        if field.is_nullable() {
            unknown = unknown.or(self.is_any(filtered(Expr::IsNull(Box::new(key)))?)?);
        }
        Ok(is_found.or(unknown))
    }

    /// Whether `plan` has any row.
    fn is_any(&mut self, plan: LogicalPlan) -> Result<Expr, DataFusionError> {
        let name = self.fresh();
        let number = count(lit(1_i64)).alias(name);
        let node = Aggregate::try_new(Arc::new(plan), Vec::new(), vec![number])?;
        let plan = Arc::new(LogicalPlan::Aggregate(node));
        let outer_ref_columns = plan.all_out_ref_exprs();
        let subquery = Subquery { subquery: plan, outer_ref_columns, spans: Spans::new() };
        Ok(Expr::ScalarSubquery(subquery).gt(lit(0_i64)))
    }
}

/// Whether DataFusion makes a join of this conjunct. Its null-aware anti join has one key, so a
/// correlated NOT IN is none.
fn is_join(conjunct: &Expr) -> bool {
    match conjunct {
        Expr::Exists(_) => true,
        Expr::InSubquery(membership) => {
            !membership.negated || membership.subquery.outer_ref_columns.is_empty()
        }
        Expr::Not(inner) => match inner.as_ref() {
            Expr::Exists(_) => true,
            Expr::InSubquery(membership) => {
                membership.negated || membership.subquery.outer_ref_columns.is_empty()
            }
            _ => false,
        },
        _ => false,
    }
}

fn has_predicate_subquery(expr: &Expr) -> bool {
    expr.exists(|node| Ok(matches!(node, Expr::Exists(_) | Expr::InSubquery(_)))).unwrap_or(true)
}

/// `value`, which is over `schema`, as a subquery of that schema's relation sees it.
fn as_outer(value: Expr, schema: &DFSchema) -> Result<Expr, DataFusionError> {
    let replaced = value.transform(|node| match node {
        Expr::Column(own) => {
            let field = schema.field_from_column(&own)?.clone();
            Ok(Transformed::yes(Expr::OuterReferenceColumn(field, own)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(replaced.data)
}

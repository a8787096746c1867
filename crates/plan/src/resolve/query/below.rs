//! Operators whose expressions may name columns that the projection or aggregation under them
//! dropped: `SELECT a … ORDER BY b`, `GROUP BY a … ORDER BY sum(b)`, `df.select("a").filter("b > 1")`.
//!
//! The columns are added to the plan under the operator and dropped again above it.

use crate::resolve::expression::ExprContext;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::scope::quote_name;
use crate::resolve::{Resolved, Resolver};
use datafusion::logical_expr::{Expr, LogicalPlan};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    /// Puts the operator that `build` makes over `input`, whatever columns its expressions need.
    pub(super) fn over_below(
        &mut self,
        input: Resolved,
        exprs: Vec<Expr>,
        context: &ExprContext,
        build: impl FnOnce(LogicalPlan, Vec<Expr>) -> Result<LogicalPlan>,
    ) -> Result<Resolved> {
        let n_columns = input.plan.schema().fields().len();
        let (plan, exprs) = self.prepared_below(&input, exprs, context)?;
        let has_more = plan.schema().fields().len() > n_columns;
        let mut plan = build(plan, exprs)?;
        if has_more {
            plan = self.cut(plan, &input.scope)?;
        }
        Ok(Resolved { plan, scope: input.scope })
    }

    /// The plan of `input` with all columns that `exprs` need, and the expressions over it.
    pub(super) fn prepared_below(
        &mut self,
        input: &Resolved,
        exprs: Vec<Expr>,
        context: &ExprContext,
    ) -> Result<(LogicalPlan, Vec<Expr>)> {
        let has_aggregates = exprs.iter().any(contains_aggregate);
        if context.from_below.is_empty() && !has_aggregates {
            return Ok((input.plan.clone(), exprs));
        }
        let aggregation = input.scope.below.as_ref().and_then(|layer| layer.aggregation.as_ref());
        if let Some(aggregation) = aggregation {
            return self.prepared_over_aggregation(input, aggregation.clone(), exprs);
        }
        if has_aggregates {
            return Err(SparkError::analysis(
                "UNSUPPORTED_EXPR_FOR_OPERATOR",
                "A query operator contains one or more unsupported expressions. Consider to \
                 rewrite it to avoid window functions, aggregate functions, and generator \
                 functions in the WHERE clause.",
            ));
        }
        let mut plan = input.plan.clone();
        for missing in &context.from_below {
            plan = self.expose(&plan, &missing.internal)?.ok_or_else(|| {
                crate::resolve::suggestion::unresolved_column(
                    std::slice::from_ref(&missing.field.name),
                    &input.scope.columns.iter().collect::<Vec<_>>(),
                )
            })?;
        }
        Ok((plan, exprs))
    }

    fn prepared_over_aggregation(
        &mut self,
        input: &Resolved,
        mut aggregation: super::Aggregation,
        exprs: Vec<Expr>,
    ) -> Result<(LogicalPlan, Vec<Expr>)> {
        let scope = Arc::clone(&input.scope);
        let is_output = |name: &str| scope.by_internal(name).is_some();
        let n_known = aggregation.aggregates.len();
        let mut rewritten = Vec::with_capacity(exprs.len());
        for expr in exprs {
            rewritten.push(self.over_aggregation(expr, &mut aggregation, &is_output)?);
        }
        let added = &aggregation.aggregates[n_known..];
        let mut plan = match added {
            [] => input.plan.clone(),
            added => super::aggregate::add_aggregates(&input.plan, added)?.ok_or_else(|| {
                SparkError::unsupported("an aggregate function over this aggregation")
            })?,
        };
        for expr in &rewritten {
            for reference in expr.column_refs() {
                plan = self.expose(&plan, &reference.name)?.ok_or_else(|| {
                    SparkError::internal(format!("no column {}", quote_name(&[&reference.name])))
                })?;
            }
        }
        Ok((plan, rewritten))
    }
}

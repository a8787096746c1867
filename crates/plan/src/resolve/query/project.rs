//! SELECT lists.

use super::held_order::held;
use super::shown_order::is_local;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Aggregate, Expr, ExprNode, Grouping, Relation};
use datafusion::logical_expr::{Extension, LogicalPlan};
use firesteel_common::nodes::{PartitionColumns, PartitionFunction};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn project_relation(
        &mut self,
        input: &Relation,
        exprs: &[Expr],
    ) -> Result<Resolved> {
        let input_relation = input;
        let input = self.relation(input)?;
        if let Some(resolved) = self.project_generator(&input, exprs)? {
            return Ok(resolved);
        }
        let all_rows = |exprs: &[Expr]| Aggregate {
            input: input_relation.clone(),
            grouping: Grouping::By(Vec::new()),
            aggregates: exprs.to_vec(),
            prepend_grouping: false,
            pivot: None,
        };
        if self.has_generator(&input, exprs)? {
            let aggregate = all_rows(exprs);
            if let Some(resolved) = self.generators_of_aggregates(&input, &aggregate, None)? {
                return Ok(resolved);
            }
        }
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let items = self.select_items(exprs, &mut context)?;
        if items.iter().any(|item| contains_aggregate(&item.expr)) {
            // An aggregate without GROUP BY: one group.
            return self.aggregate_over(input, &all_rows(exprs), None);
        }
        let input = self.with_partition_columns(input, &mut context)?;
        self.project(&input, items)
    }

    /// Resolves the items of a SELECT list; later items may name earlier aliases.
    pub(crate) fn select_items(
        &mut self,
        exprs: &[Expr],
        context: &mut ExprContext,
    ) -> Result<Vec<ResolvedExpr>> {
        // `SELECT a, FROM t` has a column called FROM.
        if let [_, .., last] = exprs
            && context.scope.columns.is_empty()
            && is_lost_from(last)
        {
            return Err(trailing_comma());
        }
        let mut items = Vec::with_capacity(exprs.len());
        for expr in exprs {
            // `selectExpr("*")`
            let parsed;
            let expr = match &expr.node {
                ExprNode::Sql(text) => {
                    parsed = self.parsed_text(text)?;
                    &parsed
                }
                _ => expr,
            };
            match &expr.node {
                ExprNode::Star { .. } | ExprNode::Regex { .. } => {
                    items.extend(self.expand_star(expr, context)?);
                }
                _ => {
                    let item = self.expr(expr, context)?;
                    if matches!(expr.node, ExprNode::Alias { .. }) && self.settings.lateral_aliases
                    {
                        context.aliases.push(item.clone());
                    }
                    items.push(item);
                }
            }
        }
        context.aliases.clear();
        Ok(items)
    }

    /// `input` with the columns that the expressions resolved in `context` take from the partition,
    /// and with their windows of time.
    pub(crate) fn with_partition_columns(
        &mut self,
        input: Resolved,
        context: &mut ExprContext,
    ) -> Result<Resolved> {
        let mut input = input;
        for internal in std::mem::take(&mut context.exposed) {
            let exposed = self.expose(&input.plan, &internal)?;
            input.plan =
                exposed.ok_or_else(|| SparkError::internal("_metadata is out of reach"))?;
        }
        if !context.partition_columns.is_empty() {
            let columns = std::mem::take(&mut context.partition_columns);
            // Few groups are numbered as they are shown: in Spark they are one partition.
            let numbers =
                |function: &_| matches!(function, PartitionFunction::MonotonicallyIncreasingId);
            if columns.iter().any(|(_, function)| numbers(function)) && is_local(&input.plan) {
                input = self.in_shown_order(input);
            }
            let node = PartitionColumns::try_new(held(input.plan), columns)?;
            input.plan = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        }
        let windows = std::mem::take(&mut context.time_windows);
        self.with_time_windows(input, windows, None)
    }
}

/// A column called FROM, with or without an alias.
fn is_lost_from(item: &Expr) -> bool {
    match &item.node {
        ExprNode::Alias { expr, .. } => is_lost_from(expr),
        ExprNode::Attribute { name, .. } => {
            matches!(name.as_slice(), [only] if only.eq_ignore_ascii_case("from"))
        }
        _ => false,
    }
}

fn trailing_comma() -> SparkError {
    SparkError::analysis(
        "TRAILING_COMMA_IN_SELECT",
        "Trailing comma detected in SELECT clause. Remove the trailing comma before the FROM clause.",
    )
}

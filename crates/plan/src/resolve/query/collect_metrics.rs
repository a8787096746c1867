//! `df.observe`: aggregates that are reported beside the rows.

use super::aggregate::Aggregation;
use crate::resolve::expression::aggregates::contains_window;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::named;
use crate::resolve::{Resolved, Resolver, Scope};
use crate::spec::{Expr, Relation};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr as PlanExpr, Extension, LogicalPlan};
use firesteel_common::nodes::CollectMetrics;
use firesteel_common::{ErrorKind, Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn collect_metrics(
        &mut self,
        input: &Relation,
        name: &str,
        metrics: &[Expr],
    ) -> Result<Resolved> {
        if name.is_empty() {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                "requirement failed: Name must not be empty",
            ));
        }
        let known = self.observed.iter().find(|(known, _)| known == name);
        if known.is_some_and(|(_, known)| known.0 != *input || known.1 != metrics) {
            return Err(SparkError::analysis(
                "DUPLICATED_METRICS_NAME",
                format!(
                    "The metric name is not unique: {name}. The same name cannot be used for \
                     metrics with different results.\nHowever multiple instances of metrics with \
                     with same result and name are allowed (e.g. self-joins)."
                ),
            )
            .with("metricName", name));
        }
        if known.is_none() {
            self.observed.push((name.to_owned(), (input.clone(), metrics.to_vec())));
        }
        let input = self.relation(input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let items = self.select_items(metrics, &mut context);
        let items = items.map_err(nested_aggregate)?;
        let input = self.with_partition_columns(input, &mut context)?;
        let mut aggregation = Aggregation::of_all_rows(&input.scope);
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            check(&item, &input.scope)?;
            let field = item.field.as_ref().clone().with_name(item.output_name());
            let expr = self.over_aggregation(item.expr, &mut aggregation, &|_| false)?;
            results.push((Arc::new(field), expr));
        }
        let aggregates = aggregation.aggregates.into_iter();
        let aggregates = aggregates.map(|(function, internal)| named(function, &internal));
        let node = Arc::new(CollectMetrics {
            input: input.plan,
            name: name.to_owned(),
            aggregates: aggregates.collect(),
            results,
        });
        Ok(Resolved { plan: LogicalPlan::Extension(Extension { node }), scope: input.scope })
    }
}

/// What Spark refuses in a metric.
fn check(item: &ResolvedExpr, scope: &Scope) -> Result<()> {
    let mut refused = None;
    if contains_window(&item.expr) {
        refused = Some("WINDOW_EXPRESSIONS_UNSUPPORTED");
    }
    item.expr.apply(|node| {
        let found = match node {
            PlanExpr::AggregateFunction(function) if function.params.distinct => {
                "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED"
            }
            PlanExpr::AggregateFunction(function) if function.params.filter.is_some() => {
                "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED"
            }
            PlanExpr::AggregateFunction(_) => return Ok(TreeNodeRecursion::Jump),
            PlanExpr::Column(own)
                if scope.columns.iter().any(|known| known.internal == own.name) =>
            {
                "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE"
            }
            // A column that the user does not see is one that depends on the partition: `rand()`.
            PlanExpr::Column(_) => "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC",
            node if node.is_volatile_node() => "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC",
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        refused.get_or_insert(found);
        Ok(TreeNodeRecursion::Stop)
    })?;
    let Some(sub_condition) = refused else { return Ok(()) };
    let shown = match item.is_named {
        true => format!("\"{}\"", item.name),
        false => format!("\"{} AS {}\"", item.name, item.output_name()),
    };
    let refused = |what| format!("{what} are not allowed in observed metrics, but found: {shown}.");
    let misplaced =
        |what| format!("{what} {shown} can only be used as an argument to an aggregate function.");
    let rule = match sub_condition {
        "WINDOW_EXPRESSIONS_UNSUPPORTED" => refused("Window expressions"),
        "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED" => {
            refused("Aggregate expressions with DISTINCT")
        }
        "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED" => {
            refused("Aggregate expressions with FILTER")
        }
        "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE" => misplaced("Attribute"),
        _ => misplaced("Non-deterministic expression"),
    };
    Err(invalid(sub_condition, &rule).with("expr", shown))
}

/// An aggregate inside another has a condition of its own here.
fn nested_aggregate(error: SparkError) -> SparkError {
    if error.condition() != "NESTED_AGGREGATE_FUNCTION" {
        return error;
    }
    invalid(
        "NESTED_AGGREGATES_UNSUPPORTED",
        "An observed metric may not hold an aggregate inside another.",
    )
}

fn invalid(sub_condition: &str, rule: &str) -> SparkError {
    SparkError::analysis(
        format!("INVALID_OBSERVED_METRICS.{sub_condition}"),
        format!("Invalid observed metrics. {rule}"),
    )
}

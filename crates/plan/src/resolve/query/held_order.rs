//! Sorts that something above goes by.
//!
//! DataFusion drops a sort whose order no operator asks for. Numbers of rows and aggregates such as `first` and
//! `collect_list` do go by it without asking, and so Spark keeps it: what holds it here is an operator of ours right
//! above, which asks for the order that its input has.

use datafusion::logical_expr::{AggregateUDF, Expr, Extension, LogicalPlan};
use firesteel_common::nodes::PartitionColumns;
use std::sync::Arc;

/// `plan` with the sort that its rows' order comes from held.
pub(crate) fn held(plan: LogicalPlan) -> LogicalPlan {
    match plan {
        LogicalPlan::Sort(ref sort) if sort.fetch.is_none() => {
            match PartitionColumns::try_new(plan.clone(), Vec::new()) {
                Ok(node) => LogicalPlan::Extension(Extension { node: Arc::new(node) }),
                Err(_) => plan,
            }
        }
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => {
            let below = plan.inputs().first().map(|input| (*input).clone());
            let Some(below) = below.filter(is_sorted) else { return plan };
            let with_held = plan.with_new_exprs(plan.expressions(), vec![held(below)]);
            with_held.unwrap_or(plan)
        }
        other => other,
    }
}

/// Whether the rows come out of a sort.
pub(super) fn is_sorted(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(sort) => sort.fetch.is_none(),
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => {
            plan.inputs().first().is_some_and(|input| is_sorted(input))
        }
        _ => false,
    }
}

/// Whether the value of an aggregate depends on the order of the rows.
pub(crate) fn goes_by_order(expr: &Expr) -> bool {
    const NAMES: [&str; 10] = [
        "first",
        "last",
        "first_value",
        "last_value",
        "any_value",
        "collect_list",
        "array_agg",
        "listagg",
        "string_agg",
        "histogram_numeric",
    ];
    let named = |function: &AggregateUDF| {
        let name = function.name().to_lowercase();
        NAMES.iter().any(|known| name.contains(known))
    };
    matches!(expr, Expr::AggregateFunction(call) if named(&call.func))
}

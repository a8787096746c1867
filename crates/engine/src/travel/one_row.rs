//! Scalar subqueries that a cluster can run.
//!
//! DataFusion runs an uncorrelated scalar subquery beside the query, in the same process, and sees that it
//! gives one row. For tasks it becomes a join instead, which would take any number: so the number is
//! checked below.

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::logical_expr::{
    Expr, Extension, FetchType, LogicalPlan, LogicalPlanBuilder, Subquery,
};
use datafusion::optimizer::AnalyzerRule;
use firesteel_common::nodes::SingleRow;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct OneRow;

impl AnalyzerRule for OneRow {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| {
            node.map_expressions(|expr| {
                expr.transform_up(|expr| {
                    Ok(match expr {
                        Expr::ScalarSubquery(subquery) if lacks_check(&subquery) => {
                            Transformed::yes(Expr::ScalarSubquery(checked(subquery)?))
                        }
                        other => Transformed::no(other),
                    })
                })
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "one_row"
    }
}

fn lacks_check(subquery: &Subquery) -> bool {
    subquery.outer_ref_columns.is_empty() && !gives_one_row(&subquery.subquery)
}

/// Whether a plan plainly gives one row at most. (`LogicalPlan::max_rows` is no help: it counts no row
/// for the relation of one row without columns.)
fn gives_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(node) => gives_one_row(&node.input),
        LogicalPlan::SubqueryAlias(node) => gives_one_row(&node.input),
        LogicalPlan::Aggregate(node) => node.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(_) => true,
        LogicalPlan::Limit(node) => {
            matches!(node.get_fetch_type(), Ok(FetchType::Literal(Some(0 | 1))))
        }
        LogicalPlan::Extension(node) => node.node.name() == "SingleRow",
        _ => false,
    }
}

fn checked(subquery: Subquery) -> Result<Subquery> {
    let input = subquery.subquery.as_ref().clone();
    let columns: Vec<_> = input.schema().columns().into_iter().map(Expr::Column).collect();
    let node = Arc::new(SingleRow { input });
    let check = LogicalPlan::Extension(Extension { node });
    // DataFusion asks the top of a subquery for its one expression.
    let checked = LogicalPlanBuilder::from(check).project(columns)?.build()?;
    Ok(Subquery { subquery: Arc::new(checked), ..subquery })
}

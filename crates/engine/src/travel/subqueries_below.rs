//! Scalar subqueries out of the nodes that DataFusion does not know.
//!
//! For tasks a scalar subquery becomes a join (`one_row.rs`). DataFusion makes it one in projections, filters and
//! aggregates, but not in the expressions of extension nodes such as `Generate`: there the value becomes a column
//! of a projection below.

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col};
use datafusion::optimizer::AnalyzerRule;

#[derive(Debug)]
pub(super) struct SubqueriesBelow;

impl AnalyzerRule for SubqueriesBelow {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(below).data()
    }

    fn name(&self) -> &str {
        "subqueries_below"
    }
}

fn below(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let inputs = node.inputs();
    let ([input], LogicalPlan::Extension(_)) = (inputs.as_slice(), &node) else {
        return Ok(Transformed::no(node));
    };
    let mut values = Vec::new();
    let mut exprs = Vec::new();
    for expr in node.expressions() {
        let without = expr.transform_up(|expr| {
            Ok(match expr {
                Expr::ScalarSubquery(subquery) if subquery.outer_ref_columns.is_empty() => {
                    let name = format!("scalar_subquery_{}", values.len());
                    values.push(Expr::ScalarSubquery(subquery).alias(&name));
                    Transformed::yes(col(name))
                }
                other => Transformed::no(other),
            })
        })?;
        exprs.push(without.data);
    }
    if values.is_empty() {
        return Ok(Transformed::no(node));
    }
    let columns = input.schema().columns().into_iter().map(Expr::Column);
    let input =
        LogicalPlanBuilder::from((*input).clone()).project(columns.chain(values))?.build()?;
    let columns: Vec<_> = node.schema().columns().into_iter().map(Expr::Column).collect();
    let above = node.with_new_exprs(exprs, vec![input])?;
    Ok(Transformed::yes(LogicalPlanBuilder::from(above).project(columns)?.build()?))
}

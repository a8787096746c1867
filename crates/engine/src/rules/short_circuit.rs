//! AND and OR that do not compute what the left side has decided, as in Spark.
//!
//! `x <> 0 AND 1 / x > 0` must not divide by zero. DataFusion evaluates both sides over all rows of a
//! batch unless few are left, so a right side that may fail gets only the rows that need it.

use crate::expressions::LazyLogical;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr, Literal, NotExpr,
};
use datafusion::physical_expr::{conjunction, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use std::any::Any;
use std::sync::Arc;

/// Puts [`LazyLogical`] into filters and projections. In a filter, conjuncts that cannot fail go first:
/// DataFusion merges a filter of an outer query before that of the inner one.
#[derive(Debug)]
pub(crate) struct ShortCircuit;

impl PhysicalOptimizerRule for ShortCircuit {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let any = node.as_ref() as &dyn Any;
            if let Some(filter) = any.downcast_ref::<FilterExec>() {
                let parts = split_conjunction(filter.predicate());
                let (plain, other): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|part| cannot_fail(part));
                if other.is_empty() {
                    return Ok(Transformed::no(node));
                }
                let predicate = lazy(conjunction(plain.into_iter().chain(other).cloned()))?;
                let builder = FilterExecBuilder::from(filter).with_predicate(predicate);
                return Ok(Transformed::yes(Arc::new(builder.build()?)));
            }
            if let Some(project) = any.downcast_ref::<ProjectionExec>() {
                let is_lazy = |own: &ProjectionExpr| {
                    own.expr.exists(|part| Ok(needs_laziness(part))).unwrap_or(false)
                };
                if !project.expr().iter().any(is_lazy) {
                    return Ok(Transformed::no(node));
                }
                let exprs = project
                    .expr()
                    .iter()
                    .map(|own| Ok((lazy(Arc::clone(&own.expr))?, own.alias.clone())))
                    .collect::<Result<Vec<_>>>()?;
                let input = Arc::clone(project.input());
                return Ok(Transformed::yes(Arc::new(ProjectionExec::try_new(exprs, input)?)));
            }
            Ok(Transformed::no(node))
        })
        .data()
    }

    fn name(&self) -> &str {
        "short_circuit"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn lazy(expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
    expr.transform_up(|node| {
        if !needs_laziness(&node) {
            return Ok(Transformed::no(node));
        }
        let Some(binary) = node.downcast_ref::<BinaryExpr>() else {
            return Ok(Transformed::no(node));
        };
        let (left, right) = (Arc::clone(binary.left()), Arc::clone(binary.right()));
        let lazy = LazyLogical::new(left, *binary.op() == Operator::And, right);
        Ok(Transformed::yes(Arc::new(lazy) as Arc<dyn PhysicalExpr>))
    })
    .data()
}

fn needs_laziness(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.downcast_ref::<BinaryExpr>().is_some_and(|binary| {
        matches!(binary.op(), Operator::And | Operator::Or) && !cannot_fail(binary.right())
    })
}

/// Whether `expr` is made of columns, literals, comparisons and logic only.
pub(crate) fn cannot_fail(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let own = match expr.downcast_ref::<BinaryExpr>() {
        Some(binary) => {
            use Operator::{
                And, Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq, Or,
            };
            matches!(
                binary.op(),
                And | Or | Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom
            )
        }
        None => {
            expr.is::<Column>()
                || expr.is::<Literal>()
                || expr.is::<NotExpr>()
                || expr.is::<IsNullExpr>()
                || expr.is::<IsNotNullExpr>()
                || expr.is::<InListExpr>()
                || expr.is::<LikeExpr>()
        }
    };
    own && expr.children().into_iter().all(cannot_fail)
}

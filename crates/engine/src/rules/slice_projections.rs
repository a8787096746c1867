//! Projections that may need to take fewer rows at a time: those with functions that make much from little.

use crate::operators::SlicedProjectionExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use firesteel_common::operator::UnaryExec;
use std::any::Any;
use std::sync::Arc;

/// What they are called. Lambda functions and functions of strings make at most what these give them.
const GROWING: [&str; 13] = [
    "array_repeat",
    "array_insert",
    "array_join",
    "concat",
    "concat_ws",
    "flatten",
    "format_string",
    "lpad",
    "repeat",
    "replace",
    "rpad",
    "sequence",
    "space",
];

/// `ProjectionExec` → [`SlicedProjectionExec`], where one of these functions is. Costs one walk over the plan.
#[derive(Debug)]
pub(crate) struct SliceProjections;

impl PhysicalOptimizerRule for SliceProjections {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let projection = (node.as_ref() as &dyn Any).downcast_ref::<ProjectionExec>();
            let Some(projection) = projection else { return Ok(Transformed::no(node)) };
            if !projection.expr().iter().any(|own| grows(&own.expr)) {
                return Ok(Transformed::no(node));
            }
            let input = Arc::clone(projection.input());
            Ok(Transformed::yes(SlicedProjectionExec::of(projection).over(input)?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "slice_projections"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether the function of this name is one of them.
pub(super) fn makes_much(name: &str) -> bool {
    GROWING.contains(&name)
}

fn grows(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let is_growing = |part: &Arc<dyn PhysicalExpr>| {
        let function = part.downcast_ref::<ScalarFunctionExpr>();
        Ok(function.is_some_and(|function| makes_much(function.name())))
    };
    expr.exists(is_growing).unwrap_or(false)
}

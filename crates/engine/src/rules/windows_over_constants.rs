//! Windows whose PARTITION BY has a column that is constant: `… WHERE a = 1`.

use crate::operators::ForgetConstantsExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};
use firesteel_common::operator::UnaryExec;
use std::any::Any;
use std::sync::Arc;

/// DataFusion 55 counts a constant among the columns that the input is sorted by, and then does not find it there:
/// the query fails. Under such a window goes [`ForgetConstantsExec`]; the sort above it is then by all columns. Costs
/// one walk over the plan.
#[derive(Debug)]
pub(crate) struct WindowsOverConstants;

impl PhysicalOptimizerRule for WindowsOverConstants {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let any = node.as_ref() as &dyn Any;
            let windows = if let Some(window) = any.downcast_ref::<WindowAggExec>() {
                window.window_expr()
            } else if let Some(window) = any.downcast_ref::<BoundedWindowAggExec>() {
                window.window_expr()
            } else {
                return Ok(Transformed::no(node));
            };
            let children = node.children();
            let [input] = children.as_slice() else { return Ok(Transformed::no(node)) };
            if !has_constant(windows, input) {
                return Ok(Transformed::no(node));
            }
            let input = ForgetConstantsExec.over(Arc::clone(input))?;
            Ok(Transformed::yes(replace_children_if_necessary(Arc::clone(&node), vec![input])?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "windows_over_constants"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn has_constant(windows: &[Arc<dyn WindowExpr>], input: &Arc<dyn ExecutionPlan>) -> bool {
    let known = input.properties().equivalence_properties();
    let is_constant = |expr: &Arc<dyn PhysicalExpr>| known.is_expr_constant(expr).is_some();
    windows.iter().any(|window| window.partition_by().iter().any(is_constant))
}

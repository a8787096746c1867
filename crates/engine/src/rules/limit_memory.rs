//! Operators that hold less, or go to disk, in the places of those that hold everything.

use crate::memory::{GroupedWindowExec, RecomputeExec, SpillingHashJoinExec};
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::windows::WindowAggExec;
use std::any::Any;
use std::sync::Arc;

/// Hash joins → [`SpillingHashJoinExec`], where a sort-merge join could take over; windows over whole groups
/// → [`GroupedWindowExec`]; plans of cached tables that could not be kept come out of [`RecomputeExec`]. Costs one walk over the plan; a join collects its build side as before.
#[derive(Debug)]
pub(crate) struct LimitMemory;

impl PhysicalOptimizerRule for LimitMemory {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            if let Some(recompute) = (node.as_ref() as &dyn Any).downcast_ref::<RecomputeExec>() {
                return Ok(Transformed::yes(Arc::clone(recompute.plan())));
            }
            if let Some(window) = (node.as_ref() as &dyn Any).downcast_ref::<WindowAggExec>() {
                return Ok(Transformed::yes(Arc::new(GroupedWindowExec::over(window))));
            }
            let join = (node.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>();
            match join.map(SpillingHashJoinExec::over).transpose()?.flatten() {
                Some(spilling) => Ok(Transformed::yes(Arc::new(spilling))),
                None => Ok(Transformed::no(node)),
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "limit_memory"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

//! Tells tasks of barrier stages how many they are: in a task that came as bytes the plan has one partition.

use crate::operators::MapInPythonExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use firesteel_common::operator::Unary;
use std::any::Any;
use std::sync::Arc;

/// See [`MapInPythonExec`]. Costs one walk over the plan.
#[derive(Debug)]
pub(crate) struct CountBarrierTasks;

impl PhysicalOptimizerRule for CountBarrierTasks {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(barrier) = barrier(&node) else { return Ok(Transformed::no(node)) };
            let n_tasks = node.output_partitioning().partition_count();
            let counted = barrier.operator().clone().of_tasks(n_tasks);
            Ok(Transformed::yes(Arc::new(Unary::try_new(counted, Arc::clone(barrier.input()))?)))
        })
        .data()
    }

    fn name(&self) -> &str {
        "count_barrier_tasks"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether some operator of `plan` runs its tasks as a gang.
pub(crate) fn has_barrier(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let mut found = false;
    // The closure does not fail.
    let _ = plan.apply(|node| {
        found |= barrier(node).is_some();
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

fn barrier(node: &Arc<dyn ExecutionPlan>) -> Option<&Unary<MapInPythonExec>> {
    let node = (node.as_ref() as &dyn Any).downcast_ref::<Unary<MapInPythonExec>>()?;
    node.operator().is_barrier().then_some(node)
}

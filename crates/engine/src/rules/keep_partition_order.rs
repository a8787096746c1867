//! Makes the order of rows that come from several partitions the same on every run, and Spark's.

use crate::operators::OrderedCoalesceExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use firesteel_common::operator::{Unary, UnaryExec};
use std::any::Any;
use std::sync::Arc;

/// `CoalescePartitionsExec` → [`OrderedCoalesceExec`]; merges of sorted partitions take equal rows from
/// the first partition first. Costs one walk over the plan.
#[derive(Debug)]
pub(crate) struct KeepPartitionOrder;

impl PhysicalOptimizerRule for KeepPartitionOrder {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let any = node.as_ref() as &dyn Any;
            if let Some(coalesce) = any.downcast_ref::<CoalescePartitionsExec>() {
                let input = Arc::clone(coalesce.input());
                let ordered = OrderedCoalesceExec::new(coalesce.fetch());
                return Ok(Transformed::yes(ordered.over(input)?));
            }
            if let Some(merge) = any.downcast_ref::<SortPreservingMergeExec>() {
                let merge = merge.clone().with_round_robin_repartition(false);
                return Ok(Transformed::yes(Arc::new(merge)));
            }
            let builds = any.is::<HashJoinExec>()
                || any.is::<CrossJoinExec>()
                || any.is::<NestedLoopJoinExec>();
            if builds {
                let mut children: Vec<_> = node.children().into_iter().cloned().collect();
                let build =
                    (children[0].as_ref() as &dyn Any).downcast_ref::<Unary<OrderedCoalesceExec>>();
                if let Some(build) = build {
                    let input = Arc::clone(build.input());
                    children[0] = build.operator().for_build_side().over(input)?;
                    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
                    return Ok(Transformed::yes(node.replace_children(children, options)?));
                }
            }
            Ok(Transformed::no(node))
        })
        .data()
    }

    fn name(&self) -> &str {
        "keep_partition_order"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

//! A large side whose rows all appear in the result is not shared by all tasks.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{JoinType, Result};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use std::any::Any;
use std::sync::Arc;

/// Rows of a build side from which on it is divided.
const BUILD_ROWS_MIN: usize = 1 << 17;

/// An outer join that keeps the build side's rows emits those without a partner last and in one task, and what is
/// mostly done with it (counting per key, TPC-H query 13) then needs the exchange that sharing was to save.
/// Costs one look at each node.
#[derive(Debug)]
pub(crate) struct PartitionOuterJoins;

impl PhysicalOptimizerRule for PartitionOuterJoins {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if config.execution.target_partitions < 2 {
            return Ok(plan);
        }
        plan.transform_up(|node| {
            let join = (node.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>();
            let Some(join) = join.filter(|join| {
                *join.partition_mode() == PartitionMode::CollectLeft
                    && matches!(join.join_type(), JoinType::Left | JoinType::Full)
                    && !join.on().is_empty()
            }) else {
                return Ok(Transformed::no(node));
            };
            let rows = StatisticsContext::new()
                .compute(join.left().as_ref(), &StatisticsArgs::new())?
                .num_rows;
            if rows.get_value().is_none_or(|rows| *rows < BUILD_ROWS_MIN) {
                return Ok(Transformed::no(node));
            }
            let divided =
                HashJoinExecBuilder::from(join).with_partition_mode(PartitionMode::Partitioned);
            Ok(Transformed::yes(divided.build_exec()?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "partition_outer_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

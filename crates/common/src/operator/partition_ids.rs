//! Numbers of partitions, written into a plan.
//!
//! In a task of a cluster every leaf is cut to the task's partitions, and `execute(0)` means the first
//! of those. An operator that depends on the number itself gets a second child, a leaf with one row per
//! partition: cut as the others are, it still tells the number.
//!
//! ```text
//!   PartitionColumnsExec            reads 7 from its second child
//!     ├─ input                      cut to partition 7
//!     └─ DataSourceExec             cut to partition 7: one row, 7
//! ```

use super::codec::OperatorCodec;
use super::unary::{Unary, UnaryExec};
use arrow::array::{AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion_common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion_common::{DataFusionError, Result};
use datafusion_datasource::memory::MemorySourceConfig;
use datafusion_execution::SendableRecordBatchStream;
use datafusion_physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use std::any::Any;
use std::sync::Arc;

/// `plan` with the numbers of partitions beside every operator of `operators` that needs them.
///
/// # Errors
/// None in practice: a leaf of integers is always valid.
pub fn with_partition_ids(
    plan: Arc<dyn ExecutionPlan>,
    operators: &[OperatorCodec],
) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        for operator in operators {
            if let Some(new) = (operator.with_partition_ids)(&node)? {
                return Ok(Transformed::yes(new));
            }
        }
        Ok(Transformed::no(node))
    })
    .data()
}

pub(super) fn attach<O: UnaryExec>(
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    match (plan.as_ref() as &dyn Any).downcast_ref::<Unary<O>>() {
        Some(node) if node.lacks_partition_ids() => {
            let ids = leaf(node.input().output_partitioning().partition_count())?;
            let children = vec![Arc::clone(node.input()), ids];
            Ok(Some(Arc::new(Unary::over_all(node.operator().clone(), children)?)))
        }
        _ => Ok(None),
    }
}

fn leaf(n_partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::new(Schema::new(vec![Field::new("partition", DataType::Int64, false)]));
    let partitions = (0..n_partitions as i64)
        .map(|partition| {
            let column = Arc::new(Int64Array::from(vec![partition]));
            Ok(vec![RecordBatch::try_new(Arc::clone(&schema), vec![column])?])
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(MemorySourceConfig::try_new_exec(&partitions, schema, None)?)
}

/// The number that one partition of the leaf holds.
pub(super) async fn read(mut ids: SendableRecordBatchStream) -> Result<usize> {
    let lost = || DataFusionError::Internal("a task lost the number of its partition".to_owned());
    let batch = ids.next().await.transpose()?.ok_or_else(lost)?;
    let column = batch.columns().first().and_then(|c| c.as_primitive_opt::<Int64Type>());
    let number = column.filter(|column| !column.is_empty()).map(|column| column.value(0));
    number.and_then(|number| usize::try_from(number).ok()).ok_or_else(lost)
}

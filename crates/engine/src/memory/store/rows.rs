//! Reads kept partitions, wherever they are.

use super::Block;
use datafusion::arrow::array::{AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::stats::Precision;
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::{ErrorKind, SparkError};
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};

/// Kept partitions by the number under which plans name them: a plan that travels takes no rows along.
static KEPT: LazyLock<Mutex<HashMap<u64, Weak<Kept>>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
struct Kept {
    id: u64,
    blocks: Vec<Arc<Block>>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.lock().remove(&self.id);
    }
}

/// For each row of its input, the number of a partition, the rows of that partition. The numbers are data,
/// one partition of the plan each, so that a task of one partition reads what it should.
#[derive(Debug, Clone)]
pub struct StoredRowsExec {
    kept: Arc<Kept>,
    schema: SchemaRef,
    projection: Option<Vec<usize>>,
}

impl StoredRowsExec {
    /// A scan of `blocks`, one partition each.
    pub(crate) fn scan(
        blocks: Vec<Arc<Block>>,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let numbers = Arc::new(Schema::new(vec![Field::new("partition", DataType::Int64, false)]));
        let partitions = (0..blocks.len() as i64).map(|number| {
            let column = Arc::new(Int64Array::from(vec![number]));
            Ok(vec![RecordBatch::try_new(Arc::clone(&numbers), vec![column])?])
        });
        let partitions = partitions.collect::<Result<Vec<_>>>()?;
        let input = MemorySourceConfig::try_new_exec(&partitions, Arc::clone(&numbers), None)?;
        let kept = Arc::new(Kept { id, blocks });
        KEPT.lock().insert(id, Arc::downgrade(&kept));
        let schema = match projection {
            Some(columns) => Arc::new(schema.project(columns)?),
            None => Arc::clone(schema),
        };
        Self { kept, schema, projection: projection.cloned() }.over(input)
    }
}

impl UnaryExec for StoredRowsExec {
    const NAME: &'static str = "StoredRowsExec";
    type Parameters = (u64, Option<Vec<usize>>);

    fn details(&self) -> String {
        format!("partitions={}", self.kept.blocks.len())
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(Arc::clone(&self.schema));
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn statistics(&self, _: &Statistics, schema: &Schema) -> Statistics {
        let n_rows = self.kept.blocks.iter().map(|block| block.n_rows()).sum();
        Statistics::new_unknown(schema).with_num_rows(Precision::Exact(n_rows))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let operator = self.clone();
        let rows = task.input()?.map(move |numbers| {
            let numbers = numbers?;
            let numbers = numbers.column(0).as_primitive::<Int64Type>();
            let parts = numbers.values().iter().map(|number| operator.partition(*number));
            let parts = parts.collect::<Result<Vec<_>>>()?;
            Ok::<_, DataFusionError>(stream::iter(parts).flatten())
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, rows.try_flatten())))
    }

    fn encode(&self) -> Result<Self::Parameters> {
        Ok((self.kept.id, self.projection.clone()))
    }

    fn decode((id, projection): Self::Parameters, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let kept = KEPT.lock().get(&id).and_then(Weak::upgrade).ok_or_else(gone)?;
        let schema = kept.blocks.first().map(|block| block.schema()).ok_or_else(gone)?;
        let schema = match &projection {
            Some(columns) => Arc::new(schema.project(columns)?),
            None => Arc::clone(schema),
        };
        Ok(Self { kept, schema, projection })
    }
}

impl StoredRowsExec {
    fn partition(&self, number: i64) -> Result<SendableRecordBatchStream> {
        let block = usize::try_from(number).ok().and_then(|number| self.kept.blocks.get(number));
        let rows = block.ok_or_else(gone)?.read()?.ok_or_else(gone)?;
        let Some(columns) = self.projection.clone() else {
            return Ok(rows);
        };
        let projected = rows.map(move |batch| Ok(batch?.project(&columns)?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), projected)))
    }
}

fn gone() -> DataFusionError {
    let message =
        "A cached partition was dropped while it was about to be read; run the query again.";
    SparkError::new(ErrorKind::Execution, "", message).into()
}

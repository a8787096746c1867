//! `repartitionByRange(n, keys)`: partition `i` holds smaller keys than partition `i + 1`.
//!
//! Bounds come from the keys themselves, as in Spark's `RangePartitioner`, so all input is read
//! before the first row leaves; it is held in memory. The exchange above is the exact one
//! ([`super::RepartitionExec`]).

use super::partition_keys::PartitionKeys;
use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::compute::SortColumn;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};
use firesteel_common::operator::{
    SortDirections, Task, UnaryExec, streaming, with_unknown_columns,
};
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// Keys per output partition from which the bounds are taken.
const SAMPLE_PER_PARTITION: usize = 100;

/// Appends the key column of the range that a row belongs to.
#[derive(Debug, Clone)]
pub struct RangeKeyExec {
    order: LexOrdering,
    keys: PartitionKeys,
}

impl RangeKeyExec {
    /// # Errors
    /// For no partitions.
    pub fn try_new(order: LexOrdering, partitions: usize) -> Result<Self> {
        Ok(Self { order, keys: PartitionKeys::try_new(partitions)? })
    }
}

impl UnaryExec for RangeKeyExec {
    const NAME: &'static str = "RangeKeyExec";
    const NEEDS_ALL_INPUT: bool = true;
    const KEEPS_ORDER: bool = true;
    type Parameters = (SortDirections, usize);

    fn details(&self) -> String {
        format!("[{}], partitions={}", self.order, self.keys.n_partitions())
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = PartitionKeys::schema(&input.schema());
        let equivalences = EquivalenceProperties::new(schema);
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(1)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.order.iter().map(|key| &key.expr).collect()
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, schema) = (self.clone(), Arc::clone(&task.schema));
        let batches = async move { operator.keyed(task).await.map(stream::iter) };
        let batches = stream::once(batches).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }

    fn encode(&self) -> Result<Self::Parameters> {
        Ok((SortDirections::of(&self.order), self.keys.n_partitions()))
    }

    fn decode(
        (directions, partitions): Self::Parameters,
        keys: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Self> {
        Self::try_new(directions.order(keys)?, partitions)
    }
}

impl RangeKeyExec {
    /// Reads all input; every batch with its keys, made when it is asked for.
    async fn keyed(self, task: Task) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let mut input = task.input()?;
        let input_schema = input.schema();
        let fields = self.order.iter().map(|key| {
            Ok(SortField::new_with_options(key.expr.data_type(&input_schema)?, key.options))
        });
        let converter = RowConverter::new(fields.collect::<Result<Vec<_>>>()?)?;
        let reservation = MemoryConsumer::new("RangeKeyExec").register(task.context.memory_pool());
        let mut read: Vec<(RecordBatch, Rows)> = Vec::new();
        while let Some(batch) = input.next().await.transpose()? {
            let rows = converter.convert_columns(&sort_keys(&self.order, &batch)?)?;
            reservation.try_grow(batch.get_array_memory_size() + rows.size())?;
            read.push((batch, rows));
        }
        let bounds = bounds(&read, self.keys.n_partitions());
        Ok(read.into_iter().map(move |(batch, rows)| {
            // Held until the last batch has left.
            let _held = &reservation;
            let range = |row| bounds.partition_point(|bound| bound.row() < row);
            let keys: Int64Array = rows.iter().map(|row| self.keys.of(range(row))).collect();
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(keys));
            Ok::<_, DataFusionError>(RecordBatch::try_new(Arc::clone(&task.schema), columns)?)
        }))
    }
}

fn sort_keys(order: &LexOrdering, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
    order
        .iter()
        .map(|key| key.evaluate_to_sort_column(batch).map(|column: SortColumn| column.values))
        .collect()
}

/// Upper bounds of all partitions but the last, from evenly spaced keys. Equal keys share a
/// partition, so few distinct keys leave partitions empty.
fn bounds(read: &[(RecordBatch, Rows)], n_partitions: usize) -> Vec<OwnedRow> {
    let n_rows: usize = read.iter().map(|(batch, _)| batch.num_rows()).sum();
    let step = (n_rows / (SAMPLE_PER_PARTITION * n_partitions)).max(1);
    let mut sample: Vec<OwnedRow> = read
        .iter()
        .flat_map(|(_, rows)| rows.iter())
        .step_by(step)
        .map(|row| row.owned())
        .collect();
    sample.sort_unstable();
    let mut bounds: Vec<OwnedRow> = (1..n_partitions)
        .filter_map(|partition| {
            let position = (partition * sample.len()).div_ceil(n_partitions);
            sample.get(position.checked_sub(1)?).cloned()
        })
        .collect();
    bounds.dedup();
    bounds
}

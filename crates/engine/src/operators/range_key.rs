//! `repartitionByRange(n, keys)`: partition `i` holds smaller keys than partition `i + 1`.
//!
//! Bounds come from the keys themselves, as in Spark's `RangePartitioner`, so all input is read
//! before the first row leaves; what does not fit into memory waits on disk. The exchange above is the exact one
//! ([`super::RepartitionExec`]).

use super::partition_keys::PartitionKeys;
use crate::memory::BufferedRows;
use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::compute::SortColumn;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
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
/// Keys that are held at most while their number is not known, unless there are many partitions.
const SAMPLE_MAX: usize = 1 << 16;

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
        let batches = async move { operator.keyed(task).await };
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
    /// Reads all input; then every batch with its keys.
    async fn keyed(self, task: Task) -> Result<SendableRecordBatchStream> {
        let input = task.input()?;
        let input_schema = input.schema();
        let fields = self.order.iter().map(|key| {
            Ok(SortField::new_with_options(key.expr.data_type(&input_schema)?, key.options))
        });
        let converter = RowConverter::new(fields.collect::<Result<Vec<_>>>()?)?;
        let mut sample = Sample::new(self.keys.n_partitions());
        let rows = BufferedRows::collect(
            input,
            Self::NAME,
            task.partition,
            &task.context,
            &task.metrics,
            |batch| {
                sample.add(&converter.convert_columns(&sort_keys(&self.order, batch)?)?);
                Ok(())
            },
        );
        let rows = rows.await?.read()?;
        let (bounds, schema) = (sample.bounds(), Arc::clone(&task.schema));
        let keyed = rows.map(move |batch| {
            let batch = batch?;
            let rows = converter.convert_columns(&sort_keys(&self.order, &batch)?)?;
            let range = |row| bounds.partition_point(|bound| bound.row() < row);
            let keys: Int64Array = rows.iter().map(|row| self.keys.of(range(row))).collect();
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(keys));
            Ok::<_, DataFusionError>(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, keyed)))
    }
}

fn sort_keys(order: &LexOrdering, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
    order
        .iter()
        .map(|key| key.evaluate_to_sort_column(batch).map(|column: SortColumn| column.values))
        .collect()
}

/// Evenly spaced keys of rows whose number is not known beforehand: whenever they become too many, every
/// second one goes, and from then on only half as many come.
struct Sample {
    keys: Vec<OwnedRow>,
    /// Every which row is in the sample.
    stride: usize,
    n_rows: usize,
    n_partitions: usize,
}

impl Sample {
    fn new(n_partitions: usize) -> Self {
        Self { keys: Vec::new(), stride: 1, n_rows: 0, n_partitions }
    }

    fn add(&mut self, rows: &Rows) {
        for row in rows {
            if self.n_rows.is_multiple_of(self.stride) {
                self.keys.push(row.owned());
            }
            self.n_rows += 1;
            if self.keys.len() >= SAMPLE_MAX.max(4 * SAMPLE_PER_PARTITION * self.n_partitions) {
                let mut position = 0;
                self.keys.retain(|_| {
                    position += 1;
                    position % 2 == 1
                });
                self.stride *= 2;
            }
        }
    }

    /// Upper bounds of all partitions but the last. Equal keys share a partition, so few distinct keys
    /// leave partitions empty.
    fn bounds(self) -> Vec<OwnedRow> {
        let n_partitions = self.n_partitions;
        let step = self.n_rows / (SAMPLE_PER_PARTITION * n_partitions) / self.stride;
        let mut sample: Vec<OwnedRow> = self.keys.into_iter().step_by(step.max(1)).collect();
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
}

//! `repartitionByRange(n, keys)`: partition `i` holds smaller keys than partition `i + 1`.
//!
//! Bounds come from the keys themselves, as in Spark's `RangePartitioner`, so all input is read
//! before the first row leaves; it is held in memory.

use super::{only_child, streaming};
use datafusion::arrow::array::{ArrayRef, UInt32Array};
use datafusion::arrow::compute::{SortColumn, take_record_batch};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Keys per output partition from which the bounds are taken.
const SAMPLE_PER_PARTITION: usize = 100;

/// Output of every partition, made once by whichever partition runs first.
type Shared = Arc<OnceCell<(Vec<Vec<RecordBatch>>, MemoryReservation)>>;

#[derive(Debug)]
pub struct RangeRepartitionExec {
    input: Arc<dyn ExecutionPlan>,
    order: LexOrdering,
    partitions: usize,
    shared: Shared,
    properties: Arc<PlanProperties>,
}

impl RangeRepartitionExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, order: LexOrdering, partitions: usize) -> Self {
        let equivalences = EquivalenceProperties::new(input.schema());
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(partitions));
        Self { input, order, partitions, shared: Arc::default(), properties }
    }
}

impl DisplayAs for RangeRepartitionExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RangeRepartitionExec: partitions={}, [{}]", self.partitions, self.order)
    }
}

impl ExecutionPlan for RangeRepartitionExec {
    fn name(&self) -> &str {
        "RangeRepartitionExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for key in self.order.iter() {
            if f(&key.expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(only_child(children)?, self.order.clone(), self.partitions)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (input, order, n) = (Arc::clone(&self.input), self.order.clone(), self.partitions);
        let shared = Arc::clone(&self.shared);
        let batches = async move {
            let (partitions, _) =
                shared.get_or_try_init(|| split(input, order, n, context)).await?;
            let own = partitions.get(partition).cloned().unwrap_or_default();
            Ok::<_, DataFusionError>(stream::iter(own.into_iter().map(Ok)))
        };
        let batches = stream::once(batches).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// Reads all input and deals it out.
async fn split(
    input: Arc<dyn ExecutionPlan>,
    order: LexOrdering,
    n_partitions: usize,
    context: Arc<TaskContext>,
) -> Result<(Vec<Vec<RecordBatch>>, MemoryReservation)> {
    let fields = order.iter().map(|key| {
        Ok(SortField::new_with_options(key.expr.data_type(&input.schema())?, key.options))
    });
    let converter = RowConverter::new(fields.collect::<Result<Vec<_>>>()?)?;
    let reservation = MemoryConsumer::new("RangeRepartitionExec").register(context.memory_pool());
    let mut read: Vec<(RecordBatch, Rows)> = Vec::new();
    for partition in 0..input.output_partitioning().partition_count() {
        let mut batches = input.execute(partition, Arc::clone(&context))?;
        while let Some(batch) = batches.next().await.transpose()? {
            let keys = sort_keys(&order, &batch)?;
            let rows = converter.convert_columns(&keys)?;
            reservation.try_grow(batch.get_array_memory_size() + rows.size())?;
            read.push((batch, rows));
        }
    }
    let bounds = bounds(&read, n_partitions);
    let mut output = vec![Vec::new(); n_partitions];
    for (batch, rows) in read {
        let mut targets = vec![Vec::new(); n_partitions];
        for (position, row) in rows.iter().enumerate() {
            let target = bounds.partition_point(|bound| bound.row() < row);
            targets[target].push(position as u32);
        }
        for (target, positions) in targets.into_iter().enumerate() {
            if !positions.is_empty() {
                let positions = UInt32Array::from(positions);
                output[target].push(take_record_batch(&batch, &positions)?);
            }
        }
    }
    Ok((output, reservation))
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

//! Window functions over whole groups, one run of groups at a time.
//!
//! DataFusion's `WindowAggExec` puts all rows of its input into one batch before it computes anything, and
//! does not count them. Its input is sorted by the `PARTITION BY` columns, so this operator cuts it between
//! groups and gives it to DataFusion's in pieces of about one batch. What is held, and counted, is the
//! largest group. A group that does not fit fails with `UNABLE_TO_ACQUIRE_MEMORY`.

use super::hand_over::HandOverExec;
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::partition;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::WindowAggExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan,
    InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use firesteel_common::operator::{Encoded, OperatorCodec};
use futures::{StreamExt, TryStreamExt, stream};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// See the module's head. Shows itself as the window that it holds.
pub(crate) struct GroupedWindowExec {
    window: Arc<WindowAggExec>,
    metrics: ExecutionPlanMetricsSet,
}

impl GroupedWindowExec {
    pub fn over(window: &WindowAggExec) -> Self {
        Self { window: Arc::new(window.clone()), metrics: ExecutionPlanMetricsSet::new() }
    }

    /// How it crosses a wire: as the window that it holds.
    pub fn codec() -> OperatorCodec {
        OperatorCodec::new(
            "GroupedWindowExec",
            |plan| {
                let node = (plan as &dyn Any).downcast_ref::<Self>();
                Ok(node.map(|node| Encoded {
                    parameters: Vec::new(),
                    exprs: Vec::new(),
                    inputs: vec![Arc::clone(&node.window) as _],
                }))
            },
            |encoded| {
                let [window] = encoded.inputs.as_slice() else {
                    return internal_err!("GroupedWindowExec holds one window");
                };
                match (window.as_ref() as &dyn Any).downcast_ref::<WindowAggExec>() {
                    Some(window) => Ok(Arc::new(Self::over(window))),
                    None => internal_err!("GroupedWindowExec got {}", window.name()),
                }
            },
        )
    }
}

impl fmt::Debug for GroupedWindowExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupedWindowExec({:?})", self.window)
    }
}

impl DisplayAs for GroupedWindowExec {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        self.window.fmt_as(t, f)
    }
}

impl ExecutionPlan for GroupedWindowExec {
    fn name(&self) -> &str {
        "WindowAggExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.window.properties()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        self.window.input_distribution_requirements()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.window.maintains_input_order()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.window.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.window.apply_expressions(f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        let window = Arc::clone(&self.window).replace_children(children, options)?;
        match (window.as_ref() as &dyn Any).downcast_ref::<WindowAggExec>() {
            Some(window) => Ok(Arc::new(Self::over(window))),
            None => internal_err!("a window became {}", window.name()),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let input = self.window.input().execute(partition, Arc::clone(&context))?;
        let keys = self.window.partition_by_sort_keys()?;
        let schema = input.schema();
        let fields = keys.iter().map(|key| Ok(SortField::new(key.expr.data_type(&schema)?)));
        let groups = Groups {
            input,
            converter: RowConverter::new(fields.collect::<Result<_>>()?)?,
            keys: keys.into_iter().map(|key| key.expr).collect(),
            last_key: None,
            held: Vec::new(),
            counter: RecordBatchMemoryCounter::new(),
            reservation: MemoryConsumer::new(format!("WindowAggExec[{partition}]"))
                .register(context.memory_pool()),
            batch_size: context.session_config().batch_size(),
        };
        let window = Arc::clone(&self.window);
        let pieces = stream::try_unfold(groups, |mut groups| async move {
            Ok::<_, DataFusionError>(groups.next().await?.map(|piece| (piece, groups)))
        });
        let rows = pieces.map(move |piece| {
            let (batches, reservation) = piece?;
            let rows = window_over(&window, partition, batches, &context)?;
            // Held until the piece has left.
            Ok::<_, DataFusionError>(rows.inspect(move |_| {
                let _held = &reservation;
            }))
        });
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let rows = rows.try_flatten().inspect_ok(move |batch: &RecordBatch| {
            metrics.record_output(batch.num_rows());
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

/// What the window gives for `batches`, which hold whole groups, in batches of the usual size.
fn window_over(
    window: &Arc<WindowAggExec>,
    partition: usize,
    batches: Vec<RecordBatch>,
    context: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let schema = window.input().schema();
    let input = HandOverExec::in_place_of(window.input());
    input.put(
        partition,
        Box::new(move || {
            let rows = stream::iter(batches.into_iter().map(Ok));
            Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
        }),
    );
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
    let piece = Arc::clone(window).replace_children(vec![input], options)?;
    let rows = piece.execute(partition, Arc::clone(context))?;
    let batch_size = context.session_config().batch_size();
    let slices = rows.map_ok(move |batch| {
        let starts = (0..batch.num_rows()).step_by(batch_size);
        let slices: Vec<_> = starts
            .map(|start| Ok(batch.slice(start, batch_size.min(batch.num_rows() - start))))
            .collect();
        stream::iter(slices)
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(window.schema(), slices.try_flatten())))
}

/// Cuts sorted rows between groups.
struct Groups {
    input: SendableRecordBatchStream,
    converter: RowConverter,
    keys: Vec<Arc<dyn PhysicalExpr>>,
    /// Key of the last row that was read.
    last_key: Option<OwnedRow>,
    held: Vec<RecordBatch>,
    counter: RecordBatchMemoryCounter,
    reservation: MemoryReservation,
    batch_size: usize,
}

impl Groups {
    /// Whole groups with the memory for them; none at the end.
    async fn next(&mut self) -> Result<Option<(Vec<RecordBatch>, MemoryReservation)>> {
        while let Some(batch) = self.input.next().await.transpose()? {
            if batch.num_rows() == 0 {
                continue;
            }
            let cut = self.last_cut(&batch)?;
            let n_held: usize = self.held.iter().map(RecordBatch::num_rows).sum();
            match cut {
                Some(cut) if n_held + cut >= self.batch_size => {
                    self.hold(batch.slice(0, cut))?;
                    let piece = self.take();
                    self.hold(batch.slice(cut, batch.num_rows() - cut))?;
                    return Ok(Some(piece));
                }
                _ => self.hold(batch)?,
            }
        }
        Ok((!self.held.is_empty()).then(|| self.take()))
    }

    fn hold(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() > 0 {
            // Twice: the window puts all batches into one.
            self.reservation.try_grow(2 * self.counter.count_batch(&batch))?;
            self.held.push(batch);
        }
        Ok(())
    }

    fn take(&mut self) -> (Vec<RecordBatch>, MemoryReservation) {
        self.counter = RecordBatchMemoryCounter::new();
        (std::mem::take(&mut self.held), self.reservation.take())
    }

    /// Where the last group of `batch` begins, unless it goes on from the batch before.
    fn last_cut(&mut self, batch: &RecordBatch) -> Result<Option<usize>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let n_rows = batch.num_rows();
        let keys = self
            .keys
            .iter()
            .map(|key| key.evaluate(batch)?.into_array(n_rows))
            .collect::<Result<Vec<ArrayRef>>>()?;
        let start = partition(&keys)?.ranges().last().map_or(0, |range| range.start);
        let ends: Vec<_> =
            keys.iter().flat_map(|key| [key.slice(0, 1), key.slice(n_rows - 1, 1)]).collect();
        let (first, last): (Vec<_>, Vec<_>) =
            ends.chunks(2).map(|pair| (Arc::clone(&pair[0]), Arc::clone(&pair[1]))).unzip();
        let first = self.converter.convert_columns(&first)?.row(0).owned();
        let last = self.converter.convert_columns(&last)?.row(0).owned();
        let begins_anew = self.last_key.replace(last).is_some_and(|key| key != first);
        Ok((start > 0 || begins_anew).then_some(start))
    }
}

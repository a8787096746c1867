//! The plan node.

use super::groups::{Groups, Piece};
use super::large_group::over_rest;
use crate::memory::hand_over::HandOverExec;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::memory_pool::MemoryConsumer;
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
        let reservation = MemoryConsumer::new(format!("WindowAggExec[{partition}]"))
            .register(context.memory_pool());
        let batch_size = context.session_config().batch_size();
        let groups = Groups::new(&self.window, input, reservation, batch_size)?;
        let (window, spilled) = (Arc::clone(&self.window), self.metrics.clone());
        let pieces = stream::try_unfold(groups, |mut groups| async move {
            Ok::<_, DataFusionError>(groups.next().await?.map(|piece| (piece, groups)))
        });
        let rows = pieces.map(move |piece| {
            let (rows, reservation) = match piece? {
                Piece::Groups(batches, reservation) => {
                    (window_over(&window, partition, batches, &context)?, Some(reservation))
                }
                Piece::Rest(rows, denial) => {
                    (over_rest(&window, partition, rows, denial, &context, &spilled)?, None)
                }
            };
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

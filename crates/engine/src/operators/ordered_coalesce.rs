//! All partitions as one, in their order.
//!
//! DataFusion's `CoalescePartitionsExec` takes batches as they come, so that `head`, `limit` and `show`
//! would give other rows on each run. Spark takes partitions in order, and so does this: they run at
//! the same time, each a few batches ahead of its turn.

use super::{only_child, streaming};
use crate::slots::run_partitions;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::limit::LimitStream;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::{StreamExt, stream};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Batches that a partition may be ahead of its turn.
const BATCHES_AHEAD: usize = 4;
/// For a reader that keeps every row anyway: partitions need not wait for their turn.
const BATCHES_AHEAD_OF_A_BUILD: usize = 1 << 20;

/// One partition: input partition 0, then 1, …; the first `fetch` rows of them.
#[derive(Debug)]
pub struct OrderedCoalesceExec {
    input: Arc<dyn ExecutionPlan>,
    fetch: Option<usize>,
    batches_ahead: usize,
    properties: Arc<PlanProperties>,
}

impl OrderedCoalesceExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, fetch: Option<usize>) -> Self {
        let equivalences = EquivalenceProperties::new(input.schema());
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(1));
        Self { input, fetch, batches_ahead: BATCHES_AHEAD, properties }
    }

    /// The same for the build side of a join, which collects all rows.
    pub fn for_build_side(&self) -> Self {
        let mut new = Self::new(Arc::clone(&self.input), self.fetch);
        new.batches_ahead = BATCHES_AHEAD_OF_A_BUILD;
        new
    }
}

impl DisplayAs for OrderedCoalesceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        match self.fetch {
            Some(fetch) => write!(f, "OrderedCoalesceExec: fetch={fetch}"),
            None => write!(f, "OrderedCoalesceExec"),
        }
    }
}

impl ExecutionPlan for OrderedCoalesceExec {
    fn name(&self) -> &str {
        "OrderedCoalesceExec"
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
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut new = Self::new(only_child(children)?, self.fetch);
        new.batches_ahead = self.batches_ahead;
        Ok(Arc::new(new))
    }

    fn execute(
        &self,
        _partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        // Slots are for whole tasks; this is a part of one.
        let n_input = self.input.output_partitioning().partition_count();
        let slots = Arc::new(Semaphore::new(n_input.max(1)));
        let parts = run_partitions(&self.input, &context, &slots, self.batches_ahead);
        let schema = self.schema();
        let all = RecordBatchStreamAdapter::new(schema, stream::iter(parts).flatten());
        Ok(match self.fetch {
            None => Box::pin(all),
            Some(fetch) => {
                let metrics = BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
                Box::pin(LimitStream::new(Box::pin(all), 0, Some(fetch), metrics))
            }
        })
    }
}

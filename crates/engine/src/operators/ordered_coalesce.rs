//! All partitions as one, in their order.
//!
//! DataFusion's `CoalescePartitionsExec` takes batches as they come, so that `head`, `limit` and `show`
//! would give other rows on each run. Spark takes partitions in order, and so does this: they run at
//! the same time, each a few batches ahead of its turn.

use crate::slots::run_partitions;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::limit::LimitStream;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use firesteel_common::operator::{Task, UnaryExec, streaming};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Batches that a partition may be ahead of its turn.
const BATCHES_AHEAD: usize = 4;
/// For a reader that keeps every row anyway: partitions need not wait for their turn.
const BATCHES_AHEAD_OF_A_BUILD: usize = 1 << 20;

/// One partition: input partition 0, then 1, …; the first `fetch` rows of them.
///
/// An exchange: a plan is cut below it, and its task reads every partition of what is below.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderedCoalesceExec {
    fetch: Option<usize>,
    batches_ahead: usize,
}

impl OrderedCoalesceExec {
    pub fn new(fetch: Option<usize>) -> Self {
        Self { fetch, batches_ahead: BATCHES_AHEAD }
    }

    /// Rows that are enough, if not all are wanted.
    pub fn fetch(&self) -> Option<usize> {
        self.fetch
    }

    /// The same for the build side of a join, which collects all rows.
    pub fn for_build_side(&self) -> Self {
        Self { fetch: self.fetch, batches_ahead: BATCHES_AHEAD_OF_A_BUILD }
    }
}

impl UnaryExec for OrderedCoalesceExec {
    const NAME: &'static str = "OrderedCoalesceExec";
    type Parameters = Self;

    fn details(&self) -> String {
        self.fetch.map(|fetch| format!("fetch={fetch}")).unwrap_or_default()
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(1)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        // Slots are for whole tasks; this is a part of one.
        let n_input = task.input.output_partitioning().partition_count();
        let slots = Arc::new(Semaphore::new(n_input.max(1)));
        let parts = run_partitions(&task.input, &task.context, &slots, self.batches_ahead);
        let all = RecordBatchStreamAdapter::new(task.schema, stream::iter(parts).flatten());
        Ok(match self.fetch {
            None => Box::pin(all),
            Some(fetch) => {
                let metrics = BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
                Box::pin(LimitStream::new(Box::pin(all), 0, Some(fetch), metrics))
            }
        })
    }

    fn encode(&self) -> Result<Self> {
        Ok(self.clone())
    }

    fn decode(parameters: Self, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(parameters)
    }
}

//! `Tail`: the last rows of the whole input (`df.tail(n)`, Spark's `CollectTailExec`).

use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, streaming};
use futures::{StreamExt, stream};
use std::collections::VecDeque;
use std::sync::Arc;

/// Keeps a window of batches that holds at least `limit` rows; older ones are let go.
#[derive(Debug, Clone)]
pub struct TailExec {
    pub limit: usize,
}

impl UnaryExec for TailExec {
    const NAME: &'static str = "TailExec";
    const NEEDS_ALL_INPUT: bool = true;
    const KEEPS_ORDER: bool = true;
    type Parameters = usize;

    fn details(&self) -> String {
        format!("limit={}", self.limit)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(1)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = task.input()?;
        let (limit, schema) = (self.limit, Arc::clone(&task.schema));
        let tail = async move {
            let mut kept: VecDeque<RecordBatch> = VecDeque::new();
            let mut n_rows = 0;
            while let Some(batch) = input.next().await {
                let batch = batch?;
                n_rows += batch.num_rows();
                kept.push_back(batch);
                while kept.front().is_some_and(|first| n_rows - first.num_rows() >= limit) {
                    n_rows -= kept.pop_front().map_or(0, |first| first.num_rows());
                }
            }
            let all = concat_batches(&schema, kept.iter())?;
            let n_last = limit.min(all.num_rows());
            Ok(all.slice(all.num_rows() - n_last, n_last))
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, stream::once(tail))))
    }

    fn encode(&self) -> Result<usize> {
        Ok(self.limit)
    }

    fn decode(limit: usize, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self { limit })
    }
}

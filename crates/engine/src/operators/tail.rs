//! `Tail`: the last rows of the whole input (`df.tail(n)`, Spark's `CollectTailExec`).

use super::{only_child, streaming};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::{StreamExt, stream};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// Keeps a window of batches that holds at least `limit` rows; older ones are let go.
#[derive(Debug)]
pub struct TailExec {
    input: Arc<dyn ExecutionPlan>,
    limit: usize,
    properties: Arc<PlanProperties>,
}

impl TailExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, limit: usize) -> Self {
        let equivalences = EquivalenceProperties::new(input.schema());
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(1));
        Self { input, limit, properties }
    }
}

impl DisplayAs for TailExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TailExec: limit={}", self.limit)
    }
}

impl ExecutionPlan for TailExec {
    fn name(&self) -> &str {
        "TailExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        vec![Distribution::SinglePartition]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
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
        Ok(Arc::new(Self::new(only_child(children)?, self.limit)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let mut input = self.input.execute(partition, context)?;
        let (limit, schema) = (self.limit, self.schema());
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
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::once(tail))))
    }
}

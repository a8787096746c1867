//! `coalesce(n)`: neighbouring partitions joined, without moving a row (Spark's `CoalesceExec`).

use super::{only_child, streaming};
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
    PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;

/// Output partition `i` of `n` reads input partitions `i * m / n .. (i + 1) * m / n` in turn, where
/// `m` is the number of input partitions. Never more partitions than the input has.
#[derive(Debug)]
pub struct CoalesceExec {
    input: Arc<dyn ExecutionPlan>,
    partitions: usize,
    properties: Arc<PlanProperties>,
}

impl CoalesceExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, partitions: usize) -> Self {
        let n_input = input.output_partitioning().partition_count();
        let n_output = partitions.min(n_input);
        let equivalences = EquivalenceProperties::new(input.schema());
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(n_output));
        Self { input, partitions, properties }
    }
}

impl DisplayAs for CoalesceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "CoalesceExec: partitions={}", self.partitions)
    }
}

impl ExecutionPlan for CoalesceExec {
    fn name(&self) -> &str {
        "CoalesceExec"
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
        Ok(Arc::new(Self::new(only_child(children)?, self.partitions)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let n_input = self.input.output_partitioning().partition_count();
        let n_output = self.properties.partitioning.partition_count();
        let first = partition * n_input / n_output;
        let end = (partition + 1) * n_input / n_output;
        let input = Arc::clone(&self.input);
        // Opened one after another: an input partition takes memory only when its turn comes.
        let parts = stream::iter(first..end)
            .map(move |input_partition| input.execute(input_partition, Arc::clone(&context)))
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), parts)))
    }
}

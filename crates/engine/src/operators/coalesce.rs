//! `coalesce(n)`: neighbouring partitions joined, without moving a row (Spark's `CoalesceExec`).

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use firesteel_common::operator::{Task, UnaryExec, streaming};
use futures::{StreamExt, TryStreamExt, stream};
use std::ops::Range;
use std::sync::Arc;

/// Output partition `i` of `n` reads input partitions `i * m / n .. (i + 1) * m / n` in turn, where
/// `m` is the number of input partitions. Never more partitions than the input has.
///
/// Not for a plan that is cut into tasks, where a task has one partition of its input: the runner of
/// such plans puts an exchange in its place ([`CoalesceExec::inputs`]).
#[derive(Debug, Clone)]
pub struct CoalesceExec {
    pub partitions: usize,
}

impl CoalesceExec {
    /// Number of output partitions over `n_input` partitions.
    pub fn n_output(&self, n_input: usize) -> usize {
        self.partitions.min(n_input)
    }

    /// The input partitions that make up output partition `partition`.
    pub fn inputs(&self, partition: usize, n_input: usize) -> Range<usize> {
        let n_output = self.n_output(n_input).max(1);
        partition * n_input / n_output..(partition + 1) * n_input / n_output
    }
}

impl UnaryExec for CoalesceExec {
    const NAME: &'static str = "CoalesceExec";
    type Parameters = usize;

    fn details(&self) -> String {
        format!("partitions={}", self.partitions)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let n_output = self.n_output(input.output_partitioning().partition_count());
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(n_output)))
    }

    fn statistics(&self, input: &Statistics, _: &Schema) -> Statistics {
        input.clone()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let n_input = task.input.output_partitioning().partition_count();
        let inputs = self.inputs(task.index, n_input);
        let Task { input, context, schema, .. } = task;
        // Opened one after another: an input partition takes memory only when its turn comes.
        let parts = stream::iter(inputs)
            .map(move |partition| input.execute(partition, Arc::clone(&context)))
            .try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, parts)))
    }

    fn encode(&self) -> Result<usize> {
        Ok(self.partitions)
    }

    fn decode(partitions: usize, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        match partitions {
            0 => internal_err!("coalesce into no partitions"),
            partitions => Ok(Self { partitions }),
        }
    }
}

//! `mapInArrow`, `mapInPandas`: Spark's `MapInBatchExec`.

use crate::python::stream::Limits;
use crate::python::{Stage, StageId, columns, stream, too_few_slots};
use datafusion::arrow::datatypes::{FieldRef, Schema};
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::python::PythonTask;
use firesteel_common::wire;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a Python function makes of each partition, streamed. Memory: a batch on either side of the worker;
/// tasks of a barrier stage keep what nobody has read yet.
#[derive(Debug, Clone)]
pub struct MapInPythonExec {
    stage: Stage,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    /// Of a barrier stage, once its plan stands.
    n_tasks: usize,
}

impl MapInPythonExec {
    /// The input's columns are `inputs` in order, under the names that the function sees.
    pub fn new(task: Arc<PythonTask>, inputs: Vec<FieldRef>, columns: Vec<FieldRef>) -> Self {
        Self { stage: Stage::of_functions(task), inputs, columns, n_tasks: 0 }
    }

    /// Whether its tasks run together and may wait for one another.
    pub fn is_barrier(&self) -> bool {
        self.stage.task().is_barrier
    }

    /// The same with the number of its tasks, which those of a barrier stage have to know.
    #[must_use]
    pub fn of_tasks(self, n_tasks: usize) -> Self {
        Self { n_tasks, ..self }
    }

    /// What the tasks of this operator share.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    task: PythonTask,
    stage: StageId,
    /// Inputs, outputs.
    #[serde(with = "wire::fields")]
    fields: Vec<Vec<FieldRef>>,
    n_tasks: usize,
}

impl UnaryExec for MapInPythonExec {
    const NAME: &'static str = "MapInPythonExec";
    const KEEPS_ORDER: bool = true;
    const HIDES_INPUT_COLUMNS: bool = true;
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|field| field.name().as_str()).collect();
        format!("{names:?}")
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = Arc::new(Schema::new(self.columns.clone()));
        Ok(streaming(EquivalenceProperties::new(schema), same_partition_count(input)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let settings = self.stage.settings();
        let fields = columns::to_python(&self.inputs, settings);
        let schema = Arc::new(columns::struct_schema(fields.clone()));
        let sent = Arc::clone(&schema);
        let wrap = move |batch| {
            let rows = columns::as_struct(&batch, &fields)?;
            columns::batch(&sent, vec![rows], batch.num_rows())
        };
        let input = stream::arrow_stream(task.input()?, &schema, Limits::of(settings), wrap)?;
        let schema = Arc::clone(&task.schema);
        let output = match self.is_barrier() {
            false => self.stage.batches(task.partition, input),
            true if self.n_tasks > settings.slots => {
                return Err(too_few_slots(self.n_tasks, settings.slots).into());
            }
            true => {
                let pool = task.context.memory_pool();
                let kept = MemoryConsumer::new("rows of barrier tasks").register(pool);
                self.stage.batches_of_gang(task.partition, self.n_tasks, input, kept)
            }
        };
        let output = output.map(move |batch| columns::from_struct(&batch?, &schema));
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        let fields = vec![self.inputs.clone(), self.columns.clone()];
        Ok(Parameters {
            task: self.stage.task().clone(),
            stage: self.stage.id(),
            fields,
            n_tasks: self.n_tasks,
        })
    }

    fn decode(parameters: Parameters, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut fields = parameters.fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(SparkError::internal("MapInPythonExec without its columns").into());
        };
        let stage = Stage::of_functions(Arc::new(parameters.task)).known_as(parameters.stage);
        Ok(Self { stage, inputs, columns, n_tasks: parameters.n_tasks })
    }
}

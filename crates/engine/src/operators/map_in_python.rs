//! `mapInArrow`, `mapInPandas`: Spark's `MapInBatchExec`.

use crate::python::{Stage, StageId, columns, stream};
use datafusion::arrow::datatypes::{FieldRef, Schema};
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
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

/// What a Python function makes of each partition, streamed. Memory: a batch on either side of the worker.
#[derive(Debug, Clone)]
pub struct MapInPythonExec {
    stage: Stage,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
}

impl MapInPythonExec {
    /// The input's columns are `inputs` in order, under the names that the function sees.
    pub fn new(task: Arc<PythonTask>, inputs: Vec<FieldRef>, columns: Vec<FieldRef>) -> Self {
        Self { stage: Stage::of_functions(task), inputs, columns }
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
        let input = stream::arrow_stream(task.input()?, &schema, settings.records_max, wrap)?;
        let schema = Arc::clone(&task.schema);
        let output = self.stage.batches(task.partition, input);
        let output = output.map(move |batch| columns::from_struct(&batch?, &schema));
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        let fields = vec![self.inputs.clone(), self.columns.clone()];
        Ok(Parameters { task: self.stage.task().clone(), stage: self.stage.id(), fields })
    }

    fn decode(parameters: Parameters, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut fields = parameters.fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(SparkError::internal("MapInPythonExec without its columns").into());
        };
        let stage = Stage::of_functions(Arc::new(parameters.task)).known_as(parameters.stage);
        Ok(Self { stage, inputs, columns })
    }
}

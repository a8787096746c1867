//! `mapInArrow`, `mapInPandas`: Spark's `MapInBatchExec`.

use crate::python::{
    Answer, Attempt, Gate, Job, WORKER_MODULE, columns, next_attempt, next_stage, start, stream,
    worker_key,
};
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
    task: Arc<PythonTask>,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    stage: u64,
    gate: Arc<Gate>,
}

impl MapInPythonExec {
    /// The input's columns are `inputs` in order, under the names that the function sees.
    pub fn new(task: Arc<PythonTask>, inputs: Vec<FieldRef>, columns: Vec<FieldRef>) -> Self {
        let gate = Gate::new(task.settings.slots);
        Self { task, inputs, columns, stage: next_stage(), gate }
    }
}

impl MapInPythonExec {
    /// What the tasks of this operator share.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    task: PythonTask,
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
        let settings = &self.task.settings;
        let fields = columns::to_python(&self.inputs, settings);
        let schema = Arc::new(columns::struct_schema(fields.clone()));
        let sent = Arc::clone(&schema);
        let wrap = move |batch| {
            let rows = columns::as_struct(&batch, &fields)?;
            columns::batch(&sent, vec![rows], batch.num_rows())
        };
        let input = stream::arrow_stream(task.input()?, &schema, settings.records_max, wrap)?;
        let attempt = Attempt {
            stage: self.stage,
            partition: task.partition,
            number: 0,
            id: next_attempt(),
            barrier: None,
        };
        let job = Job {
            key: worker_key(settings, WORKER_MODULE),
            start: start::start(&self.task, &attempt),
            input,
            partition: task.partition,
            silence_max_s: settings.silence_max_s,
            permit: None,
        };
        let schema = Arc::clone(&task.schema);
        let output = stream::answers(job, Arc::clone(&self.gate)).filter_map(move |answer| {
            let rows = match answer {
                Ok(Answer::Batch(batch)) => Some(columns::from_struct(&batch, &schema)),
                Ok(Answer::End(_)) => None,
                Ok(Answer::Frame(_)) => Some(Err(SparkError::internal("rows as pickles").into())),
                Err(error) => Some(Err(error)),
            };
            std::future::ready(rows)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        let fields = vec![self.inputs.clone(), self.columns.clone()];
        Ok(Parameters { task: self.task.as_ref().clone(), fields })
    }

    fn decode(parameters: Parameters, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut fields = parameters.fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(SparkError::internal("MapInPythonExec without its columns").into());
        };
        Ok(Self::new(Arc::new(parameters.task), inputs, columns))
    }
}

//! Scalar Python functions: Spark's `ArrowEvalPythonExec` and `BatchEvalPythonExec`.

use crate::python::pickle::{Results, RowWriter, pickle_stream};
use crate::python::stream::Limits;
use crate::python::waiting::{Waiting, beside};
use crate::python::{Answer, Chunks, Rows, Stage, StageId, columns, computed, stream};
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::{Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, streaming, with_unknown_columns};
use firesteel_common::python::{EvalType, PythonTask};
use firesteel_common::wire;
use firesteel_common::{SparkError, StructField};
use futures::StreamExt;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The input's columns followed by what Python functions make of `args`, row by row.
///
/// Memory: the rows that are with the worker; as many as it reads ahead.
#[derive(Debug, Clone)]
pub struct PythonColumnsExec {
    stage: Stage,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// Types of the arguments, tags included.
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
}

impl PythonColumnsExec {
    /// `inputs` are the types of `args`, in order.
    pub fn new(
        task: Arc<PythonTask>,
        args: Vec<Arc<dyn PhysicalExpr>>,
        inputs: Vec<FieldRef>,
        columns: Vec<FieldRef>,
    ) -> Self {
        Self { stage: Stage::of_functions(task), args, inputs, columns }
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
    /// Arguments, results.
    #[serde(with = "wire::fields")]
    fields: Vec<Vec<FieldRef>>,
}

impl UnaryExec for PythonColumnsExec {
    const NAME: &'static str = "PythonColumnsExec";
    const KEEPS_ORDER: bool = true;
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|field| field.name().as_str()).collect();
        let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
        format!("{names:?} of [{}]", args.join(", "))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = input.schema();
        let fields: Vec<_> = schema.fields().iter().chain(&self.columns).cloned().collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let orderings = input.equivalence_properties().oeq_class().iter().cloned();
        let orderings = orderings.collect::<Vec<_>>();
        let equivalences = EquivalenceProperties::new_with_orderings(schema, orderings);
        Ok(streaming(equivalences, input.output_partitioning().clone()))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.args.iter().collect()
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, schema, partition) =
            (self.clone(), Arc::clone(&task.schema), task.partition);
        computed(&task, move |rows| operator.computed(rows, &schema, partition))
    }

    fn encode(&self) -> Result<Parameters> {
        let fields = vec![self.inputs.clone(), self.columns.clone()];
        Ok(Parameters { task: self.stage.task().clone(), stage: self.stage.id(), fields })
    }

    fn decode(parameters: Parameters, args: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut fields = parameters.fields.into_iter();
        match (fields.next(), fields.next()) {
            (Some(inputs), Some(columns)) if inputs.len() == args.len() => {
                let stage = Stage::of_functions(Arc::new(parameters.task));
                Ok(Self { stage: stage.known_as(parameters.stage), args, inputs, columns })
            }
            _ => Err(SparkError::internal("PythonColumnsExec without its columns").into()),
        }
    }
}

/// Whether pickled binary values are `bytes`, which is the default, or `bytearray`.
const BINARY_AS_BYTES: &str = "spark.sql.execution.pyspark.binaryAsBytes";

impl PythonColumnsExec {
    fn computed(
        &self,
        rows: SendableRecordBatchStream,
        schema: &SchemaRef,
        partition: usize,
    ) -> Result<Rows> {
        // What waits for its results.
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let (queue, args) = (Arc::clone(&waiting), self.args.clone());
        let arguments = move |batch: RecordBatch| {
            let n_rows = batch.num_rows();
            let values = args.iter().map(|arg| arg.evaluate(&batch)?.into_array(n_rows));
            let values = values.collect::<Result<Vec<_>>>()?;
            queue.lock().0.push_back(batch);
            Ok(values)
        };
        let input = match self.stage.task().eval_type {
            EvalType::BATCHED => self.pickled(rows, arguments)?,
            _ => self.arrow(rows, arguments)?,
        };
        let (schema, fields) = (Arc::clone(schema), self.columns.clone());
        let mut pickled = Results::new(Schema::new(fields.clone()));
        let mut rows_of = move |answer| -> Result<Option<RecordBatch>> {
            let is_end = matches!(answer, Answer::End(_));
            let results = match answer {
                Answer::Batch(batch) => Some(batch),
                Answer::Frame(frame) => pickled.add(&frame)?,
                Answer::End(_) => pickled.rest()?,
            };
            let rows =
                results.map(|batch| beside(&waiting, &batch, &fields, &schema)).transpose()?;
            if is_end && !waiting.lock().0.is_empty() {
                return Err(SparkError::internal("a Python function gave too few results").into());
            }
            Ok(rows)
        };
        let answers = self.stage.answers(partition, input);
        let output = answers.filter_map(move |answer| {
            std::future::ready(answer.and_then(&mut rows_of).transpose())
        });
        Ok(output.boxed())
    }

    /// The input as an Arrow stream.
    fn arrow(
        &self,
        rows: SendableRecordBatchStream,
        mut arguments: impl FnMut(RecordBatch) -> Result<Vec<ArrayRef>> + Send + 'static,
    ) -> Result<Chunks> {
        let settings = self.stage.settings();
        let fields = columns::to_python(&self.inputs, settings);
        let sent = Arc::new(Schema::new(columns::by_position(&fields)));
        let types = Arc::clone(&sent);
        let convert = move |batch: RecordBatch| {
            let n_rows = batch.num_rows();
            let values = arguments(batch)?;
            let values = values.iter().zip(types.fields());
            let values = values.map(|(values, field)| columns::retyped(values, field.data_type()));
            columns::batch(&types, values.collect::<Result<_>>()?, n_rows)
        };
        stream::arrow_stream(rows, &sent, Limits::of(settings), convert)
    }

    /// The input as pickled rows.
    fn pickled(
        &self,
        rows: SendableRecordBatchStream,
        arguments: impl FnMut(RecordBatch) -> Result<Vec<ArrayRef>> + Send + 'static,
    ) -> Result<Chunks> {
        let fields = self.inputs.iter().enumerate().map(|(place, field)| {
            Ok(StructField { name: format!("_{place}"), ..StructField::from_arrow(field)? })
        });
        let conf = &self.stage.settings().conf;
        let as_arrays = conf.iter().any(|(key, value)| key == BINARY_AS_BYTES && value == "false");
        let writer = RowWriter::new(fields.collect::<Result<_>>()?, !as_arrays)?;
        Ok(pickle_stream(rows, writer, arguments))
    }
}

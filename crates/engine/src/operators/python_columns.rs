//! Scalar Python functions: Spark's `ArrowEvalPythonExec` and `BatchEvalPythonExec`.

use crate::python::pickle::{Results, RowWriter, pickle_stream};
use crate::python::{
    Answer, Attempt, Gate, Job, WORKER_MODULE, columns, next_attempt, next_stage, start, stream,
    worker_key,
};
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, streaming, with_unknown_columns};
use firesteel_common::python::{EvalType, PythonTask};
use firesteel_common::wire;
use firesteel_common::{SparkError, StructField};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// The input's columns followed by what Python functions make of `args`, row by row.
///
/// Memory: the rows that are with the worker; as many as it reads ahead.
#[derive(Debug, Clone)]
pub struct PythonColumnsExec {
    task: Arc<PythonTask>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// Types of the arguments, tags included.
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    stage: u64,
    gate: Arc<Gate>,
}

impl PythonColumnsExec {
    /// `inputs` are the types of `args`, in order.
    pub fn new(
        task: Arc<PythonTask>,
        args: Vec<Arc<dyn PhysicalExpr>>,
        inputs: Vec<FieldRef>,
        columns: Vec<FieldRef>,
    ) -> Self {
        let gate = Gate::new(task.settings.slots);
        Self { task, args, inputs, columns, stage: next_stage(), gate }
    }
}

impl PythonColumnsExec {
    /// What the tasks of this operator share.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    task: PythonTask,
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
        let (operator, input) = (self.clone(), task.input()?);
        let (schema, partition) = (Arc::clone(&task.schema), task.partition);
        let output = async move {
            // Without rows there is nothing to call.
            let input_schema = input.schema();
            let rows = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
            let mut rows = Box::pin(rows.peekable());
            if rows.as_mut().peek().await.is_none() {
                return Ok::<_, DataFusionError>(futures::stream::empty().boxed());
            }
            let rows = RecordBatchStreamAdapter::new(input_schema, rows);
            operator.computed(Box::pin(rows), &schema, partition)
        };
        let output = futures::stream::once(output).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        let fields = vec![self.inputs.clone(), self.columns.clone()];
        Ok(Parameters { task: self.task.as_ref().clone(), fields })
    }

    fn decode(parameters: Parameters, args: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut fields = parameters.fields.into_iter();
        match (fields.next(), fields.next()) {
            (Some(inputs), Some(columns)) if inputs.len() == args.len() => {
                Ok(Self::new(Arc::new(parameters.task), args, inputs, columns))
            }
            _ => Err(SparkError::internal("PythonColumnsExec without its columns").into()),
        }
    }
}

type Rows = BoxStream<'static, Result<RecordBatch>>;
type Chunks = BoxStream<'static, Result<Vec<u8>>>;

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
        let input = match self.task.eval_type {
            EvalType::BATCHED => self.pickled(rows, arguments)?,
            _ => self.arrow(rows, arguments)?,
        };
        let settings = &self.task.settings;
        let attempt =
            Attempt { stage: self.stage, partition, number: 0, id: next_attempt(), barrier: None };
        let job = Job {
            key: worker_key(settings, WORKER_MODULE),
            start: start::start(&self.task, &attempt),
            input,
            partition,
            silence_max_s: settings.silence_max_s,
            permit: None,
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
        let answers = stream::answers(job, Arc::clone(&self.gate));
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
        let settings = &self.task.settings;
        let fields = columns::to_python(&self.inputs, settings);
        let fields = fields.iter().enumerate();
        let fields =
            fields.map(|(place, field)| Field::clone(field).with_name(format!("_{place}")));
        let sent = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let types = Arc::clone(&sent);
        let convert = move |batch: RecordBatch| {
            let n_rows = batch.num_rows();
            let values = arguments(batch)?;
            let values = values.iter().zip(types.fields());
            let values = values.map(|(values, field)| columns::retyped(values, field.data_type()));
            columns::batch(&types, values.collect::<Result<_>>()?, n_rows)
        };
        stream::arrow_stream(rows, &sent, settings.records_max, convert)
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
        let conf = &self.task.settings.conf;
        let as_arrays = conf.iter().any(|(key, value)| key == BINARY_AS_BYTES && value == "false");
        let writer = RowWriter::new(fields.collect::<Result<_>>()?, !as_arrays)?;
        Ok(pickle_stream(rows, writer, arguments))
    }
}

/// Rows of the input whose results are not there yet, in order.
#[derive(Default)]
pub(super) struct Waiting(pub(super) VecDeque<RecordBatch>);

impl Waiting {
    /// The next `n_rows`.
    pub(super) fn take(&mut self, n_rows: usize) -> Result<RecordBatch> {
        let more = || {
            DataFusionError::from(SparkError::internal("a Python function gave too many results"))
        };
        let mut parts = Vec::new();
        let mut missing = n_rows;
        while missing > 0 {
            let mut batch = self.0.pop_front().ok_or_else(more)?;
            if batch.num_rows() > missing {
                self.0.push_front(batch.slice(missing, batch.num_rows() - missing));
                batch = batch.slice(0, missing);
            }
            missing -= batch.num_rows();
            parts.push(batch);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(more),
            _ => {
                let schema = parts.first().map(RecordBatch::schema).ok_or_else(more)?;
                Ok(concat_batches(&schema, &parts)?)
            }
        }
    }
}

/// Rows of the input with their results beside them.
pub(super) fn beside(
    waiting: &Mutex<Waiting>,
    answer: &RecordBatch,
    fields: &[FieldRef],
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let n_rows = answer.num_rows();
    if n_rows == 0 {
        return Ok(RecordBatch::new_empty(Arc::clone(schema)));
    }
    let rows = waiting.lock().take(n_rows)?;
    let mut all: Vec<ArrayRef> = rows.columns().to_vec();
    all.extend(columns::results(answer, fields)?);
    columns::batch(schema, all, n_rows)
}

//! Python table functions: Spark's `ArrowEvalPythonUDTFExec` and `BatchEvalPythonUDTFExec`.

use super::python_columns::Waiting;
use crate::python::{
    Answer, Attempt, Gate, Job, WORKER_MODULE, columns, next_attempt, next_stage, start, stream,
    worker_key,
};
use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take};
use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::operator::{
    SortDirections, Task, UnaryExec, same_partition_count, streaming,
};
use firesteel_common::python::{EvalType, PythonTableTask};
use firesteel_common::wire;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Answers, one per row of the input, that become one batch.
const ANSWERS_JOINED: usize = 1024;

/// What a table function gives for each row of a partition, and what it gives at the end, which is taken as
/// more of the last row. One instance of the function sees a partition.
///
/// Memory: the rows that are with the worker.
#[derive(Debug, Clone)]
pub struct PythonRowsExec {
    table: Arc<PythonTableTask>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    flags: Flags,
    n_keys: usize,
    /// The keys, then the order of the rows.
    order: Option<LexOrdering>,
    stage: u64,
    gate: Arc<Gate>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Flags {
    /// Whether the input's columns come before the function's.
    pub keeps_input: bool,
    /// Whether all rows must reach one instance.
    pub single_partition: bool,
}

impl PythonRowsExec {
    /// `fields` are those of the arguments and of the rows; `order` begins with the `n_keys` keys.
    pub fn new(
        table: Arc<PythonTableTask>,
        args: Vec<Arc<dyn PhysicalExpr>>,
        fields: (Vec<FieldRef>, Vec<FieldRef>),
        flags: Flags,
        n_keys: usize,
        order: Vec<PhysicalSortExpr>,
    ) -> Self {
        let (gate, stage) = (Gate::new(table.task.settings.slots), next_stage());
        let (inputs, columns) = fields;
        let order = LexOrdering::new(order);
        Self { table, args, inputs, columns, flags, n_keys, order, stage, gate }
    }

    fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().flat_map(|order| order.iter());
        order.take(self.n_keys).map(|key| Arc::clone(&key.expr)).collect()
    }
}

impl PythonRowsExec {
    /// What the tasks of this operator share.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    table: PythonTableTask,
    flags: Flags,
    n_keys: usize,
    n_args: usize,
    order: Option<SortDirections>,
    /// Inputs, outputs.
    #[serde(with = "wire::fields")]
    fields: Vec<Vec<FieldRef>>,
}

impl UnaryExec for PythonRowsExec {
    const NAME: &'static str = "PythonRowsExec";
    const KEEPS_ORDER: bool = true;
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
        format!("{}({})", self.table.name, args.join(", "))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = input.schema();
        let own = self.flags.keeps_input.then(|| schema.fields().iter()).into_iter().flatten();
        let fields: Vec<_> = own.chain(&self.columns).cloned().collect();
        let equivalences = EquivalenceProperties::new(Arc::new(Schema::new(fields)));
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().flat_map(|order| order.iter());
        self.args.iter().chain(order.map(|key| &key.expr)).collect()
    }

    fn distribution(&self) -> Distribution {
        match self.keys() {
            _ if self.flags.single_partition => Distribution::SinglePartition,
            keys if keys.is_empty() => Distribution::UnspecifiedDistribution,
            keys => Distribution::KeyPartitioned(keys),
        }
    }

    fn required_order(&self) -> Option<LexOrdering> {
        self.order.clone()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, input) = (self.clone(), task.input()?);
        let (schema, partition) = (Arc::clone(&task.schema), task.partition);
        let output = async move {
            let input_schema = input.schema();
            let rows = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
            let mut rows = Box::pin(rows.peekable());
            if rows.as_mut().peek().await.is_none() {
                return Ok::<_, DataFusionError>(futures::stream::empty().boxed());
            }
            let rows = RecordBatchStreamAdapter::new(input_schema, rows);
            operator.computed(Box::pin(rows), schema, partition)
        };
        let output = futures::stream::once(output).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        Ok(Parameters {
            table: self.table.as_ref().clone(),
            flags: self.flags,
            n_keys: self.n_keys,
            n_args: self.args.len(),
            order: self.order.as_ref().map(SortDirections::of),
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, mut exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { table, flags, n_keys, n_args, order, fields } = parameters;
        let bad = || SparkError::internal("PythonRowsExec arrived without its parts");
        let mut fields = fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(bad().into());
        };
        if exprs.len() < n_args || inputs.len() != n_args {
            return Err(bad().into());
        }
        let keys = exprs.split_off(n_args);
        let order: Vec<_> = match order {
            Some(directions) => directions.order(keys)?.into_iter().collect(),
            None => Vec::new(),
        };
        Ok(Self::new(Arc::new(table), exprs, (inputs, columns), flags, n_keys, order))
    }
}

impl PythonRowsExec {
    fn computed(
        &self,
        rows: SendableRecordBatchStream,
        schema: SchemaRef,
        partition: usize,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let settings = &self.table.task.settings;
        let fields = columns::to_python(&self.inputs, settings);
        let fields = fields.iter().enumerate();
        let fields =
            fields.map(|(place, field)| Field::clone(field).with_name(format!("_{place}")));
        let sent = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let keeps_input = self.flags.keeps_input;
        let pairs = Arc::new(Mutex::new(Pairs::default()));
        let (queue, args, types) = (Arc::clone(&pairs), self.args.clone(), Arc::clone(&sent));
        let convert = move |batch: RecordBatch| {
            let n_rows = batch.num_rows();
            let values = args.iter().zip(types.fields()).map(|(arg, field)| {
                let values = arg.evaluate(&batch)?.into_array(n_rows)?;
                columns::retyped(&values, field.data_type())
            });
            let values = values.collect::<Result<Vec<_>>>()?;
            if keeps_input {
                queue.lock().waiting.0.push_back(batch);
            }
            columns::batch(&types, values, n_rows)
        };
        // A function over Arrow batches is called once per batch: then a row is one, if its own are asked for.
        let is_native = self.table.task.eval_type == EvalType::ARROW_TABLE;
        let records_max = if is_native && keeps_input { 1 } else { settings.records_max };
        let input = stream::arrow_stream(rows, &sent, records_max, convert)?;
        let attempt =
            Attempt { stage: self.stage, partition, number: 0, id: next_attempt(), barrier: None };
        let job = Job {
            key: worker_key(settings, WORKER_MODULE),
            start: start::start_table(&self.table, &attempt),
            input,
            partition,
            silence_max_s: settings.silence_max_s,
            permit: None,
        };
        let own = Arc::new(Schema::new(self.columns.clone()));
        let answers = stream::answers(job, Arc::clone(&self.gate)).try_filter_map(move |answer| {
            std::future::ready(match answer {
                Answer::Batch(batch) => columns::from_struct(&batch, &own).map(Some),
                Answer::End(_) => Ok(None),
                Answer::Frame(_) => Err(SparkError::internal("rows as pickles").into()),
            })
        });
        if !keeps_input {
            return Ok(answers.boxed());
        }
        let rows = answers.try_ready_chunks(ANSWERS_JOINED).map(move |answers| {
            let answers = answers.map_err(|error| error.1)?;
            pairs.lock().paired(&answers, &schema)
        });
        Ok(rows.boxed())
    }
}

/// Rows of the input and what the function gave for them.
#[derive(Default)]
struct Pairs {
    waiting: Waiting,
    /// The row that was answered last; what comes at the end belongs to it.
    last: Option<RecordBatch>,
}

impl Pairs {
    fn paired(&mut self, answers: &[RecordBatch], schema: &SchemaRef) -> Result<RecordBatch> {
        let n_waiting: usize = self.waiting.0.iter().map(RecordBatch::num_rows).sum();
        let n_new = answers.len().min(n_waiting);
        let mut left: Vec<RecordBatch> = self.last.take().into_iter().collect();
        let n_before = left.len();
        if n_new > 0 {
            left.push(self.waiting.take(n_new)?);
        }
        let (Some(first), Some(answer)) = (left.first(), answers.first()) else {
            return Ok(RecordBatch::new_empty(Arc::clone(schema)));
        };
        let left = concat_batches(first.schema_ref(), &left)?;
        let right = concat_batches(answer.schema_ref(), answers)?;
        let mut of_left: Vec<u32> = Vec::with_capacity(right.num_rows());
        for (place, answer) in answers.iter().enumerate() {
            let row = n_before + place.min(n_new.max(1) - 1);
            let row = row.min(left.num_rows() - 1) as u32;
            of_left.extend(std::iter::repeat_n(row, answer.num_rows()));
        }
        self.last = Some(left.slice(left.num_rows() - 1, 1));
        let of_left = UInt32Array::from(of_left);
        let mut all: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for column in left.columns() {
            all.push(take(column, &of_left, None)?);
        }
        all.extend(right.columns().iter().cloned());
        columns::batch(schema, all, right.num_rows())
    }
}

//! Python table functions: Spark's `ArrowEvalPythonUDTFExec` and `BatchEvalPythonUDTFExec`.

use crate::python::stream::Limits;
use crate::python::waiting::Waiting;
use crate::python::{KeyedOrder, KeyedOrderParts, Rows, Stage, StageId, columns, computed, stream};
use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take};
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::python::{EvalType, PythonTableTask};
use firesteel_common::wire;
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
    stage: Stage,
    args: Vec<Arc<dyn PhysicalExpr>>,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    flags: Flags,
    order: KeyedOrder,
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
        let (inputs, columns) = fields;
        let order = KeyedOrder::of_distinct(n_keys, order);
        let stage = Stage::of_table(Arc::clone(&table));
        Self { table, stage, args, inputs, columns, flags, order }
    }

    /// What the tasks of this operator share.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    table: PythonTableTask,
    stage: StageId,
    flags: Flags,
    order: KeyedOrderParts,
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
        // The columns that pass come first, and a row's answers stand where the row stood.
        let orderings = match self.flags.keeps_input {
            true => input.equivalence_properties().oeq_class().iter().cloned().collect(),
            false => Vec::new(),
        };
        let schema = Arc::new(Schema::new(fields));
        let equivalences = EquivalenceProperties::new_with_orderings(schema, orderings);
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.order.exprs().chain(&self.args).collect()
    }

    fn distribution(&self) -> Distribution {
        match self.order.n_keys() {
            _ if self.flags.single_partition => Distribution::SinglePartition,
            0 => Distribution::UnspecifiedDistribution,
            _ => self.order.distribution(),
        }
    }

    fn required_order(&self) -> Option<LexOrdering> {
        self.order.whole()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, schema, partition) =
            (self.clone(), Arc::clone(&task.schema), task.partition);
        computed(&task, move |rows| operator.computed(rows, schema, partition))
    }

    fn encode(&self) -> Result<Parameters> {
        Ok(Parameters {
            table: self.table.as_ref().clone(),
            stage: self.stage.id(),
            flags: self.flags,
            order: self.order.parts(),
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { table, stage, flags, order, fields } = parameters;
        let (order, args) = order.order(exprs)?;
        let mut fields = fields.into_iter();
        match (fields.next(), fields.next()) {
            (Some(inputs), Some(columns)) if inputs.len() == args.len() => {
                let table = Arc::new(table);
                let stage = Stage::of_table(Arc::clone(&table)).known_as(stage);
                Ok(Self { table, stage, args, inputs, columns, flags, order })
            }
            _ => Err(SparkError::internal("PythonRowsExec arrived without its parts").into()),
        }
    }
}

impl PythonRowsExec {
    fn computed(
        &self,
        rows: SendableRecordBatchStream,
        schema: SchemaRef,
        partition: usize,
    ) -> Result<Rows> {
        let settings = self.stage.settings();
        let fields = columns::to_python(&self.inputs, settings);
        let sent = Arc::new(Schema::new(columns::by_position(&fields)));
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
        let mut limits = Limits::of(settings);
        if is_native && keeps_input {
            limits.rows = 1;
        }
        let input = stream::arrow_stream(rows, &sent, limits, convert)?;
        let own = Arc::new(Schema::new(self.columns.clone()));
        let answers = self.stage.batches(partition, input);
        let answers = answers.map(move |batch| columns::from_struct(&batch?, &own));
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

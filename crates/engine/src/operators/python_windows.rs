//! Python functions over windows: Spark's `ArrowWindowPythonExec`.

use crate::python::frames::{FrameParts, places};
use crate::python::groups::GroupKeys;
use crate::python::ipc::Encoder;
use crate::python::waiting::{Waiting, beside};
use crate::python::{Chunks, KeyedOrder, KeyedOrderParts, Rows, Stage, StageId, columns, computed};
use datafusion::arrow::array::{Array, ArrayRef, Int32Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::WindowFrame;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::operator::{Task, UnaryExec, streaming, with_unknown_columns};
use firesteel_common::python::PythonTask;
use firesteel_common::wire;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// The rows of each group, with what functions make of the rows around each. A group is held, and counted,
/// until its values are there, and so are the bytes that are made of it until they are sent.
#[derive(Debug, Clone)]
pub struct PythonWindowsExec {
    stage: Stage,
    order: KeyedOrder,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// Different ones; each gives two columns after the arguments.
    frames: Vec<Arc<WindowFrame>>,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    /// The offsets of the frames, for the wire.
    offsets: Vec<Arc<dyn PhysicalExpr>>,
}

impl PythonWindowsExec {
    /// `order` begins with the `n_keys` keys; `fields` are those of the arguments and of the values.
    ///
    /// # Errors
    /// When the order has the same key twice.
    pub fn try_new(
        task: Arc<PythonTask>,
        n_keys: usize,
        order: Vec<PhysicalSortExpr>,
        args: Vec<Arc<dyn PhysicalExpr>>,
        frames: Vec<WindowFrame>,
        fields: (Vec<FieldRef>, Vec<FieldRef>),
    ) -> Result<Self> {
        let order = KeyedOrder::try_new(n_keys, order)?;
        Ok(Self::of(Stage::of_functions(task), order, args, frames, fields))
    }

    fn of(
        stage: Stage,
        order: KeyedOrder,
        args: Vec<Arc<dyn PhysicalExpr>>,
        frames: Vec<WindowFrame>,
        fields: (Vec<FieldRef>, Vec<FieldRef>),
    ) -> Self {
        let mut offsets = Vec::new();
        for frame in &frames {
            FrameParts::of(frame, &mut offsets);
        }
        let frames = frames.into_iter().map(Arc::new).collect();
        let (inputs, columns) = fields;
        Self { stage, order, args, frames, inputs, columns, offsets }
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
    order: KeyedOrderParts,
    n_args: usize,
    frames: Vec<FrameParts>,
    /// Inputs, outputs.
    #[serde(with = "wire::fields")]
    fields: Vec<Vec<FieldRef>>,
}

impl UnaryExec for PythonWindowsExec {
    const NAME: &'static str = "PythonWindowsExec";
    const KEEPS_ORDER: bool = true;
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|field| field.name().as_str()).collect();
        let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
        let frames: Vec<String> = self.frames.iter().map(ToString::to_string).collect();
        format!("{names:?} of [{}] over [{}]", args.join(", "), frames.join(", "))
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
        self.order.exprs().chain(&self.args).chain(&self.offsets).collect()
    }

    fn distribution(&self) -> Distribution {
        self.order.distribution()
    }

    fn required_order(&self) -> Option<LexOrdering> {
        self.order.whole()
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, schema, partition) =
            (self.clone(), Arc::clone(&task.schema), task.partition);
        let reservation = MemoryConsumer::new(format!("PythonWindowsExec[{partition}]"))
            .register(task.context.memory_pool());
        computed(&task, move |rows| operator.computed(rows, schema, partition, reservation))
    }

    fn encode(&self) -> Result<Parameters> {
        let mut offsets = Vec::new();
        let frames = self.frames.iter().map(|frame| FrameParts::of(frame, &mut offsets)).collect();
        Ok(Parameters {
            task: self.stage.task().clone(),
            stage: self.stage.id(),
            order: self.order.parts(),
            n_args: self.args.len(),
            frames,
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { task, stage, order, n_args, frames, fields } = parameters;
        let (order, mut args) = order.order(exprs)?;
        let mut fields = fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(bad_parameters());
        };
        if args.len() < n_args || inputs.len() != n_args {
            return Err(bad_parameters());
        }
        let mut offsets = args.split_off(n_args).into_iter();
        let frames = frames.into_iter().map(|frame| frame.frame(&mut offsets));
        let frames = frames.collect::<Result<_>>()?;
        let stage = Stage::of_functions(Arc::new(task)).known_as(stage);
        Ok(Self::of(stage, order, args, frames, (inputs, columns)))
    }
}

fn bad_parameters() -> DataFusionError {
    SparkError::internal("PythonWindowsExec arrived without its parts").into()
}

impl PythonWindowsExec {
    fn computed(
        &self,
        rows: SendableRecordBatchStream,
        schema: SchemaRef,
        partition: usize,
        reservation: MemoryReservation,
    ) -> Result<Rows> {
        let held = Held { waiting: Mutex::default(), sizes: Mutex::default(), reservation };
        let held = Arc::new(held);
        let input = self.input(rows, Arc::clone(&held))?;
        let results = self.columns.clone();
        let rows = self.stage.batches(partition, input).map(move |batch| {
            let batch = batch?;
            held.give_back();
            beside(&held.waiting, &batch, &results, &schema)
        });
        Ok(rows.boxed())
    }

    /// The groups of `rows` as bytes, each when it is complete.
    fn input(&self, rows: SendableRecordBatchStream, held: Arc<Held>) -> Result<Chunks> {
        let mut keys = GroupKeys::new(self.order.keys(), &rows.schema())?;
        let sender = Sender::new(self);
        let mut group: Vec<RecordBatch> = Vec::new();
        let (mut n_bytes, mut n_sent) = (0, 0);
        let end = futures::stream::once(async { Ok(None) });
        let chunks = rows.map_ok(Some).chain(end).map(move |rows| -> Result<Vec<u8>> {
            let mut chunk = Vec::new();
            // The chunk before has been written.
            held.free(std::mem::take(&mut n_sent));
            let Some(rows) = rows? else {
                sender.send(&mut group, &held, &mut n_bytes, &mut chunk)?;
                chunk.extend(0_i32.to_be_bytes());
                return Ok(chunk);
            };
            let (ranges, goes_on) = keys.groups(&rows)?;
            for (place, range) in ranges.into_iter().enumerate() {
                if place > 0 || !goes_on {
                    sender.send(&mut group, &held, &mut n_bytes, &mut chunk)?;
                }
                let piece = rows.slice(range.start, range.len());
                let size = rows.get_array_memory_size() * range.len() / rows.num_rows().max(1);
                held.reservation.try_grow(size)?;
                n_bytes += size;
                group.push(piece);
            }
            held.reservation.try_grow(chunk.len())?;
            n_sent = chunk.len();
            Ok(chunk)
        });
        Ok(chunks.boxed())
    }
}

/// Rows that wait for their values.
struct Held {
    waiting: Mutex<Waiting>,
    /// Of each group that is with the worker.
    sizes: Mutex<VecDeque<usize>>,
    reservation: MemoryReservation,
}

impl Held {
    /// The values of the first group are there.
    fn give_back(&self) {
        if let Some(size) = self.sizes.lock().pop_front() {
            self.free(size);
        }
    }

    fn free(&self, n_bytes: usize) {
        self.reservation.shrink(n_bytes.min(self.reservation.size()));
    }
}

/// Makes streams of whole groups.
struct Sender {
    args: Vec<Arc<dyn PhysicalExpr>>,
    frames: Vec<Arc<WindowFrame>>,
    order: Option<LexOrdering>,
    schema: SchemaRef,
    records_max: usize,
}

impl Sender {
    fn new(operator: &PythonWindowsExec) -> Self {
        let settings = operator.stage.settings();
        let fields = columns::to_python(&operator.inputs, settings);
        let bounds = operator.frames.iter().flat_map(|_| [(); 2]);
        let bounds = bounds.map(|()| Arc::new(Field::new("", DataType::Int32, false)));
        let fields: Fields = fields.iter().cloned().chain(bounds).collect();
        Self {
            args: operator.args.clone(),
            frames: operator.frames.clone(),
            order: operator.order.within_group(),
            schema: Arc::new(Schema::new(columns::by_position(&fields))),
            records_max: settings.records_max,
        }
    }

    /// Adds `group` to `chunk`, if it has rows, and empties it.
    fn send(
        &self,
        group: &mut Vec<RecordBatch>,
        held: &Held,
        n_bytes: &mut usize,
        chunk: &mut Vec<u8>,
    ) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        let group = std::mem::take(group);
        let order = self.order.as_ref();
        let places = self.frames.iter().map(|frame| places(frame, order, &group));
        let places: Vec<Int32Array> =
            places.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        let mut encoder = Encoder::new(&self.schema)?;
        let mut start = 0;
        for batch in &group {
            let n_rows = batch.num_rows();
            let values = self.args.iter().zip(self.schema.fields()).map(|(arg, field)| {
                columns::retyped(&arg.evaluate(batch)?.into_array(n_rows)?, field.data_type())
            });
            let mut values = values.collect::<Result<Vec<ArrayRef>>>()?;
            values.extend(places.iter().map(|places| Array::slice(places, start, n_rows)));
            start += n_rows;
            let rows = columns::batch(&self.schema, values, n_rows)?;
            for piece in columns::pieces(rows, self.records_max) {
                encoder.write(&piece)?;
            }
        }
        encoder.finish()?;
        held.sizes.lock().push_back(std::mem::take(n_bytes));
        held.waiting.lock().0.extend(group);
        chunk.extend(1_i32.to_be_bytes());
        chunk.extend(encoder.take());
        Ok(())
    }
}

//! Python functions over windows: Spark's `ArrowWindowPythonExec`.

use super::python_columns::{Waiting, beside};
use crate::python::frames::{FrameParts, places};
use crate::python::groups::GroupKeys;
use crate::python::ipc::Encoder;
use crate::python::{
    Answer, Attempt, Gate, Job, WORKER_MODULE, columns, next_attempt, next_stage, start, stream,
    worker_key,
};
use datafusion::arrow::array::{Array, ArrayRef, Int32Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::WindowFrame;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::operator::{
    SortDirections, Task, UnaryExec, streaming, with_unknown_columns,
};
use firesteel_common::python::PythonTask;
use firesteel_common::wire;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;

/// The rows of each group, with what functions make of the rows around each. A group is held, and counted,
/// until its values are there.
#[derive(Debug, Clone)]
pub struct PythonWindowsExec {
    task: Arc<PythonTask>,
    n_keys: usize,
    /// The keys, then the order within a group.
    order: Option<LexOrdering>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// Different ones; each gives two columns after the arguments.
    frames: Vec<Arc<WindowFrame>>,
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    /// The offsets of the frames, for the wire.
    offsets: Vec<Arc<dyn PhysicalExpr>>,
    stage: u64,
    gate: Arc<Gate>,
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
        let n_order = order.len();
        let order = LexOrdering::new(order);
        if order.as_ref().map_or(0, |order| order.len()) != n_order {
            return Err(SparkError::internal("the same key twice").into());
        }
        let (gate, stage) = (Gate::new(task.settings.slots), next_stage());
        let mut offsets = Vec::new();
        for frame in &frames {
            FrameParts::of(frame, &mut offsets);
        }
        let frames = frames.into_iter().map(Arc::new).collect();
        let (inputs, columns) = fields;
        Ok(Self { task, n_keys, order, args, frames, inputs, columns, offsets, stage, gate })
    }

    fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().flat_map(|order| order.iter());
        order.take(self.n_keys).map(|key| Arc::clone(&key.expr)).collect()
    }

    /// Without the keys, which are equal within a group.
    fn order_in_group(&self) -> Option<LexOrdering> {
        let order = self.order.iter().flat_map(|order| order.iter().cloned());
        LexOrdering::new(order.skip(self.n_keys))
    }
}

impl PythonWindowsExec {
    /// What the tasks of this operator share.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    task: PythonTask,
    n_keys: usize,
    order: Option<SortDirections>,
    n_order: usize,
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
        let order = self.order.iter().flat_map(|order| order.iter());
        self.args.iter().chain(order.map(|key| &key.expr)).chain(&self.offsets).collect()
    }

    fn distribution(&self) -> Distribution {
        match self.keys() {
            keys if keys.is_empty() => Distribution::SinglePartition,
            keys => Distribution::KeyPartitioned(keys),
        }
    }

    fn required_order(&self) -> Option<LexOrdering> {
        self.order.clone()
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, input) = (self.clone(), task.input()?);
        let (schema, partition) = (Arc::clone(&task.schema), task.partition);
        let reservation = MemoryConsumer::new(format!("PythonWindowsExec[{partition}]"))
            .register(task.context.memory_pool());
        let output = async move {
            let input_schema = input.schema();
            let rows = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
            let mut rows = Box::pin(rows.peekable());
            if rows.as_mut().peek().await.is_none() {
                return Ok::<_, DataFusionError>(futures::stream::empty().boxed());
            }
            operator.computed(rows.boxed(), &input_schema, schema, partition, reservation)
        };
        let output = futures::stream::once(output).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        let mut offsets = Vec::new();
        let frames = self.frames.iter().map(|frame| FrameParts::of(frame, &mut offsets)).collect();
        Ok(Parameters {
            task: self.task.as_ref().clone(),
            n_keys: self.n_keys,
            order: self.order.as_ref().map(SortDirections::of),
            n_order: self.order.as_ref().map_or(0, |order| order.len()),
            n_args: self.args.len(),
            frames,
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, mut exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { task, n_keys, order, n_order, n_args, frames, fields } = parameters;
        let mut fields = fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(bad_parameters());
        };
        if exprs.len() < n_args.saturating_add(n_order)
            || inputs.len() != n_args
            || n_order < n_keys
        {
            return Err(bad_parameters());
        }
        let mut offsets = exprs.split_off(n_args + n_order).into_iter();
        let keys = exprs.split_off(n_args);
        let order = match order {
            Some(directions) => directions.order(keys)?.into_iter().collect(),
            None => Vec::new(),
        };
        let frames = frames.into_iter().map(|frame| frame.frame(&mut offsets));
        let frames = frames.collect::<Result<_>>()?;
        Self::try_new(Arc::new(task), n_keys, order, exprs, frames, (inputs, columns))
    }
}

fn bad_parameters() -> DataFusionError {
    SparkError::internal("PythonWindowsExec arrived without its parts").into()
}

type Rows = BoxStream<'static, Result<RecordBatch>>;

impl PythonWindowsExec {
    fn computed(
        &self,
        rows: Rows,
        input: &SchemaRef,
        schema: SchemaRef,
        partition: usize,
        reservation: MemoryReservation,
    ) -> Result<Rows> {
        let settings = &self.task.settings;
        let held = Held { waiting: Mutex::default(), sizes: Mutex::default(), reservation };
        let held = Arc::new(held);
        let attempt =
            Attempt { stage: self.stage, partition, number: 0, id: next_attempt(), barrier: None };
        let job = Job {
            key: worker_key(settings, WORKER_MODULE),
            start: start::start(&self.task, &attempt),
            input: self.input(rows, input, Arc::clone(&held))?,
            partition,
            silence_max_s: settings.silence_max_s,
            permit: None,
        };
        let results = self.columns.clone();
        let rows = stream::answers(job, Arc::clone(&self.gate)).filter_map(move |answer| {
            let rows = match answer {
                Ok(Answer::Batch(batch)) => {
                    held.give_back();
                    Some(beside(&held.waiting, &batch, &results, &schema))
                }
                Ok(Answer::End(_)) => None,
                Ok(Answer::Frame(_)) => Some(Err(SparkError::internal("rows as pickles").into())),
                Err(error) => Some(Err(error)),
            };
            std::future::ready(rows)
        });
        Ok(rows.boxed())
    }

    /// The groups of `rows` as bytes, each when it is complete.
    fn input(
        &self,
        rows: Rows,
        schema: &SchemaRef,
        held: Arc<Held>,
    ) -> Result<BoxStream<'static, Result<Vec<u8>>>> {
        let mut keys = GroupKeys::new(self.keys(), schema)?;
        let sender = Sender::new(self);
        let mut group: Vec<RecordBatch> = Vec::new();
        let mut n_bytes = 0;
        let end = futures::stream::once(async { Ok(None) });
        let chunks = rows.map_ok(Some).chain(end).map(move |rows| -> Result<Vec<u8>> {
            let mut chunk = Vec::new();
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
                let size = piece.get_array_memory_size() / rows.num_rows().max(1) * range.len();
                held.reservation.try_grow(size)?;
                n_bytes += size;
                group.push(piece);
            }
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
            self.reservation.shrink(size.min(self.reservation.size()));
        }
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
        let settings = &operator.task.settings;
        let fields = columns::to_python(&operator.inputs, settings);
        let bounds = operator.frames.iter().flat_map(|_| [(); 2]);
        let bounds = bounds.map(|()| Field::new("", DataType::Int32, false));
        let fields = fields.iter().map(|field| Field::clone(field)).chain(bounds).enumerate();
        let fields = fields.map(|(place, field)| field.with_name(format!("_{place}")));
        Self {
            args: operator.args.clone(),
            frames: operator.frames.clone(),
            order: operator.order_in_group(),
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
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

//! Python functions over groups: Spark's `FlatMapGroupsInPandasExec`, `FlatMapCoGroupsInPandasExec` and
//! `ArrowAggregatePythonExec`.

use super::python_columns::{Waiting, beside};
use crate::python::groups::{GroupEncoder, GroupKeys, Sent};
use crate::python::{
    Answer, Attempt, Gate, Job, WORKER_MODULE, columns, next_attempt, next_stage, start, stream,
    worker_key,
};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::nodes::GroupShape;
use firesteel_common::operator::{
    SortDirections, Task, UnaryExec, same_partition_count, streaming,
};
use firesteel_common::python::PythonTask;
use firesteel_common::wire;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Answers of one row each that become one batch.
const ROWS_JOINED: usize = 1024;

/// What functions make of each group of rows with equal keys. Its input comes sorted by the keys (that spills),
/// and goes through row by row: a group may be larger than memory on this side.
#[derive(Debug, Clone)]
pub struct PythonGroupsExec {
    task: Arc<PythonTask>,
    shape: GroupShape,
    n_keys: usize,
    /// The keys, then the order within a group.
    order: Option<LexOrdering>,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// The arguments, in order, as the functions see them.
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    stage: u64,
    gate: Arc<Gate>,
}

impl PythonGroupsExec {
    /// `order` begins with the `n_keys` keys; see [`firesteel_common::nodes::PythonGroups`].
    ///
    /// # Errors
    /// When the order has not all keys: two are the same.
    pub fn try_new(
        task: Arc<PythonTask>,
        shape: GroupShape,
        n_keys: usize,
        order: Vec<PhysicalSortExpr>,
        args: Vec<Arc<dyn PhysicalExpr>>,
        fields: (Vec<FieldRef>, Vec<FieldRef>),
    ) -> Result<Self> {
        let gate = Gate::new(task.settings.slots);
        let (inputs, columns) = fields;
        let n_order = order.len();
        let order = LexOrdering::new(order);
        if order.as_ref().map_or(0, |order| order.len()) != n_order {
            return Err(SparkError::internal("the same key twice").into());
        }
        Ok(Self { task, shape, n_keys, order, args, inputs, columns, stage: next_stage(), gate })
    }

    fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().flat_map(|order| order.iter());
        order.take(self.n_keys).map(|key| Arc::clone(&key.expr)).collect()
    }
}

impl PythonGroupsExec {
    /// What the tasks of this operator share.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// Wire form.
#[derive(Serialize, Deserialize)]
pub struct Parameters {
    task: PythonTask,
    shape: GroupShape,
    n_keys: usize,
    order: Option<SortDirections>,
    n_args: usize,
    /// Inputs, outputs.
    #[serde(with = "wire::fields")]
    fields: Vec<Vec<FieldRef>>,
}

impl UnaryExec for PythonGroupsExec {
    const NAME: &'static str = "PythonGroupsExec";
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Parameters;

    fn details(&self) -> String {
        let show = |exprs: &[Arc<dyn PhysicalExpr>]| {
            exprs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let names: Vec<&str> = self.columns.iter().map(|field| field.name().as_str()).collect();
        format!("{names:?} by [{}] of [{}]", show(&self.keys()), show(&self.args))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = Arc::new(Schema::new(self.columns.clone()));
        Ok(streaming(EquivalenceProperties::new(schema), same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        let order = self.order.iter().flat_map(|order| order.iter());
        self.args.iter().chain(order.map(|key| &key.expr)).collect()
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

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (operator, input) = (self.clone(), task.input()?);
        let (schema, partition) = (Arc::clone(&task.schema), task.partition);
        let output = async move {
            // Without rows there is no group, not even the one of all rows, as in Spark.
            let input_schema = input.schema();
            let rows = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
            let mut rows = Box::pin(rows.peekable());
            if rows.as_mut().peek().await.is_none() {
                return Ok::<_, DataFusionError>(futures::stream::empty().boxed());
            }
            operator.computed(rows.boxed(), &input_schema, schema, partition)
        };
        let output = futures::stream::once(output).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Parameters> {
        Ok(Parameters {
            task: self.task.as_ref().clone(),
            shape: self.shape.clone(),
            n_keys: self.n_keys,
            order: self.order.as_ref().map(SortDirections::of),
            n_args: self.args.len(),
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, mut exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { task, shape, n_keys, order, n_args, fields } = parameters;
        let mut fields = fields.into_iter();
        let (Some(inputs), Some(columns)) = (fields.next(), fields.next()) else {
            return Err(bad_parameters());
        };
        if exprs.len() < n_args || inputs.len() != n_args {
            return Err(bad_parameters());
        }
        let keys = exprs.split_off(n_args);
        let order = match order {
            Some(directions) => directions.order(keys)?.into_iter().collect(),
            None => Vec::new(),
        };
        if order.len() < n_keys {
            return Err(bad_parameters());
        }
        Self::try_new(Arc::new(task), shape, n_keys, order, exprs, (inputs, columns))
    }
}

fn bad_parameters() -> DataFusionError {
    SparkError::internal("PythonGroupsExec arrived without its parts").into()
}

type Rows = BoxStream<'static, Result<RecordBatch>>;

impl PythonGroupsExec {
    fn encoder(&self, input: &Schema) -> Result<GroupEncoder> {
        let settings = &self.task.settings;
        let keys = GroupKeys::new(self.keys(), input)?;
        let records_max = settings.records_max;
        Ok(match self.shape {
            GroupShape::Rows { as_struct } => {
                let sent = Sent::new(&self.args, &self.inputs, as_struct, settings);
                GroupEncoder::single(keys, sent, records_max)
            }
            GroupShape::Pairs { n_left } => {
                let side = self.order.as_ref().and_then(|order| order.last());
                let side = side.map(|key| Arc::clone(&key.expr));
                let side = side.ok_or_else(bad_parameters)?;
                if n_left > self.args.len() {
                    return Err(bad_parameters());
                }
                let (left, right) = self.args.split_at(n_left);
                let (left_names, right_names) = self.inputs.split_at(n_left);
                let sides = [
                    Sent::new(left, left_names, false, settings),
                    Sent::new(right, right_names, false, settings),
                ];
                GroupEncoder::pairs(keys, sides, side, records_max)
            }
            GroupShape::Row | GroupShape::Beside => {
                let sent = Sent::by_position(&self.args, &self.inputs, settings);
                GroupEncoder::single(keys, sent, records_max)
            }
        })
    }

    /// The groups of `rows` as bytes. Keys of groups of which one row is expected go into `waiting`.
    fn input(
        &self,
        rows: Rows,
        schema: &SchemaRef,
        waiting: Arc<Mutex<Waiting>>,
    ) -> Result<BoxStream<'static, Result<Vec<u8>>>> {
        let mut encoder = self.encoder(schema)?;
        let (keys, is_row) = (self.keys(), matches!(self.shape, GroupShape::Row));
        let key_schema =
            Arc::new(Schema::new(self.columns[..keys.len().min(self.columns.len())].to_vec()));
        let end = futures::stream::once(async { Ok(None) });
        let chunks = rows.map_ok(Some).chain(end).map(move |rows| -> Result<Vec<u8>> {
            let mut chunk = Vec::new();
            match rows? {
                None => encoder.finish(&mut chunk)?,
                Some(rows) => {
                    let firsts = encoder.push(&rows, &mut chunk)?;
                    if is_row && firsts.num_rows() > 0 {
                        let n_rows = firsts.num_rows();
                        let values =
                            keys.iter().map(|key| key.evaluate(&firsts)?.into_array(n_rows));
                        let values = values.collect::<Result<Vec<_>>>()?;
                        waiting.lock().0.push_back(columns::batch(&key_schema, values, n_rows)?);
                    }
                }
            }
            Ok(chunk)
        });
        Ok(chunks.boxed())
    }

    fn computed(
        &self,
        rows: Rows,
        input: &SchemaRef,
        schema: SchemaRef,
        partition: usize,
    ) -> Result<Rows> {
        let settings = &self.task.settings;
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let attempt =
            Attempt { stage: self.stage, partition, number: 0, id: next_attempt(), barrier: None };
        let job = Job {
            key: worker_key(settings, WORKER_MODULE),
            start: start::start(&self.task, &attempt),
            input: self.input(rows, input, Arc::clone(&waiting))?,
            partition,
            silence_max_s: settings.silence_max_s,
            permit: None,
        };
        let answers = stream::answers(job, Arc::clone(&self.gate)).try_filter_map(|answer| {
            std::future::ready(match answer {
                Answer::Batch(batch) => Ok(Some(batch)),
                Answer::End(_) => Ok(None),
                Answer::Frame(_) => Err(SparkError::internal("rows as pickles").into()),
            })
        });
        if !matches!(self.shape, GroupShape::Row) {
            let rows = answers.map(move |rows| columns::from_struct(&rows?, &schema));
            return Ok(rows.boxed());
        }
        let (n_keys, results) = (self.n_keys, self.columns[self.n_keys..].to_vec());
        let rows = answers.try_ready_chunks(ROWS_JOINED).map(move |answers| {
            let answers = answers.map_err(|error| error.1)?;
            let Some(first) = answers.first() else {
                return Ok(RecordBatch::new_empty(Arc::clone(&schema)));
            };
            let answer = concat_batches(first.schema_ref(), &answers)?;
            match n_keys {
                0 => {
                    let n_rows = answer.num_rows();
                    columns::batch(&schema, columns::results(&answer, &results)?, n_rows)
                }
                _ => beside(&waiting, &answer, &results, &schema),
            }
        });
        Ok(rows.boxed())
    }
}

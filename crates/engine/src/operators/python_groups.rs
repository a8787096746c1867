//! Python functions over groups: Spark's `FlatMapGroupsInPandasExec`, `FlatMapCoGroupsInPandasExec` and
//! `ArrowAggregatePythonExec`.

use crate::python::groups::{GroupEncoder, GroupKeys, Sent};
use crate::python::waiting::{Waiting, beside};
use crate::python::{Chunks, KeyedOrder, KeyedOrderParts, Rows, Stage, StageId, columns, computed};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::SparkError;
use firesteel_common::nodes::GroupShape;
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::python::PythonTask;
use firesteel_common::wire;
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
    stage: Stage,
    shape: GroupShape,
    order: KeyedOrder,
    args: Vec<Arc<dyn PhysicalExpr>>,
    /// The arguments, in order, as the functions see them.
    inputs: Vec<FieldRef>,
    columns: Vec<FieldRef>,
    /// One task has all groups, which come by their keys.
    in_order: bool,
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
        let (inputs, columns) = fields;
        let order = KeyedOrder::try_new(n_keys, order)?;
        let (stage, in_order) = (Stage::of_functions(task), false);
        Ok(Self { stage, shape, order, args, inputs, columns, in_order })
    }

    /// All groups in one task, by their keys.
    #[must_use]
    pub fn in_order(self, in_order: bool) -> Self {
        Self { in_order, ..self }
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
    shape: GroupShape,
    order: KeyedOrderParts,
    in_order: bool,
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
        format!("{names:?} by [{}] of [{}]", show(&self.order.keys()), show(&self.args))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = Arc::new(Schema::new(self.columns.clone()));
        Ok(streaming(EquivalenceProperties::new(schema), same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.order.exprs().chain(&self.args).collect()
    }

    fn distribution(&self) -> Distribution {
        match self.in_order {
            true => Distribution::SinglePartition,
            false => self.order.distribution(),
        }
    }

    fn required_order(&self) -> Option<LexOrdering> {
        self.order.whole()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        // Without rows there is no group, not even the one of all rows, as in Spark.
        let (operator, schema, partition) =
            (self.clone(), Arc::clone(&task.schema), task.partition);
        computed(&task, move |rows| operator.computed(rows, schema, partition))
    }

    fn encode(&self) -> Result<Parameters> {
        Ok(Parameters {
            task: self.stage.task().clone(),
            stage: self.stage.id(),
            shape: self.shape.clone(),
            order: self.order.parts(),
            in_order: self.in_order,
            fields: vec![self.inputs.clone(), self.columns.clone()],
        })
    }

    fn decode(parameters: Parameters, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let Parameters { task, stage, shape, order, in_order, fields } = parameters;
        let (order, args) = order.order(exprs)?;
        let mut fields = fields.into_iter();
        match (fields.next(), fields.next()) {
            (Some(inputs), Some(columns)) if inputs.len() == args.len() => {
                let stage = Stage::of_functions(Arc::new(task)).known_as(stage);
                Ok(Self { stage, shape, order, args, inputs, columns, in_order })
            }
            _ => Err(bad_parameters()),
        }
    }
}

fn bad_parameters() -> DataFusionError {
    SparkError::internal("PythonGroupsExec arrived without its parts").into()
}

impl PythonGroupsExec {
    fn encoder(&self, input: &Schema) -> Result<GroupEncoder> {
        let settings = self.stage.settings();
        let keys = GroupKeys::new(self.order.keys(), input)?;
        let records_max = settings.records_max;
        Ok(match self.shape {
            GroupShape::Rows { as_struct } => {
                let sent = Sent::new(&self.args, &self.inputs, as_struct, settings);
                GroupEncoder::single(keys, sent, records_max)
            }
            GroupShape::Pairs { n_left } => {
                let side = self.order.exprs().last().cloned().ok_or_else(bad_parameters)?;
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
        rows: SendableRecordBatchStream,
        waiting: Arc<Mutex<Waiting>>,
    ) -> Result<Chunks> {
        let mut encoder = self.encoder(&rows.schema())?;
        let (keys, is_row) = (self.order.keys(), matches!(self.shape, GroupShape::Row));
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
        rows: SendableRecordBatchStream,
        schema: SchemaRef,
        partition: usize,
    ) -> Result<Rows> {
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let input = self.input(rows, Arc::clone(&waiting))?;
        let answers = self.stage.batches(partition, input);
        if !matches!(self.shape, GroupShape::Row) {
            let rows = answers.map(move |rows| columns::from_struct(&rows?, &schema));
            return Ok(rows.boxed());
        }
        let n_keys = self.order.n_keys();
        let results = self.columns[n_keys..].to_vec();
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

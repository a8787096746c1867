//! What a stage reads of the stage before it: Ballista's shuffle reader, over memory.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use firesteel_common::operator::{Encoded, OperatorCodec, SortDirections, streaming};
use futures::stream;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Rows of finished stages by stage and partition.
#[derive(Debug, Default)]
pub(super) struct StageOutputs(RwLock<HashMap<usize, Arc<Vec<Vec<RecordBatch>>>>>);

impl StageOutputs {
    pub fn put(&self, stage: usize, partitions: Vec<Vec<RecordBatch>>) {
        self.0.write().insert(stage, Arc::new(partitions));
    }

    fn partition(&self, stage: usize, partition: usize) -> Result<Vec<RecordBatch>> {
        let found = self.0.read().get(&stage).and_then(|all| all.get(partition).cloned());
        found.ok_or_else(|| {
            DataFusionError::Internal(format!("partition {partition} of stage {stage} is missing"))
        })
    }
}

/// Leaf: some partitions of a stage's output.
#[derive(Debug)]
pub(super) struct StageInputExec {
    stage: usize,
    partitions: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl StageInputExec {
    /// `hash` are the columns whose hash put each row where it is, if that is so; `orders` what each
    /// partition is sorted by.
    pub fn new(
        stage: usize,
        partitions: Vec<usize>,
        schema: SchemaRef,
        hash: Option<Vec<Arc<dyn PhysicalExpr>>>,
        orders: Vec<LexOrdering>,
    ) -> Self {
        let n_partitions = partitions.len();
        let partitioning = match hash {
            Some(columns) => Partitioning::Hash(columns, n_partitions),
            None => Partitioning::UnknownPartitioning(n_partitions),
        };
        let equivalences = EquivalenceProperties::new_with_orderings(schema, orders);
        Self { stage, partitions, properties: Arc::new(streaming(equivalences, partitioning)) }
    }

    fn hash(&self) -> Option<&Vec<Arc<dyn PhysicalExpr>>> {
        match &self.properties.partitioning {
            Partitioning::Hash(columns, _) => Some(columns),
            _ => None,
        }
    }

    fn orders(&self) -> Vec<LexOrdering> {
        self.properties.equivalence_properties().oeq_class().iter().cloned().collect()
    }

    /// The same with those of its partitions that stand at `positions`.
    pub fn restricted(&self, positions: &[usize]) -> Result<Self> {
        let pick = |position: &usize| match self.partitions.get(*position) {
            Some(partition) => Ok(*partition),
            None => internal_err!("stage {} has no partition {position}", self.stage),
        };
        let partitions = positions.iter().map(pick).collect::<Result<Vec<_>>>()?;
        let hash = self.hash().cloned();
        Ok(Self::new(self.stage, partitions, self.schema(), hash, self.orders()))
    }
}

impl DisplayAs for StageInputExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "StageInputExec: stage={}, partitions={:?}", self.stage, self.partitions)
    }
}

impl ExecutionPlan for StageInputExec {
    fn name(&self) -> &str {
        "StageInputExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(outputs) = context.session_config().get_extension::<StageOutputs>() else {
            return internal_err!("a task without the outputs of stages");
        };
        let batches = match self.partitions.get(partition) {
            Some(partition) => outputs.partition(self.stage, *partition)?,
            None => return internal_err!("a task of stage {} has no input", self.stage),
        };
        let batches = stream::iter(batches.into_iter().map(Ok));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// Wire form; the schema travels as an empty input.
#[derive(Serialize, Deserialize)]
struct Parameters {
    stage: usize,
    partitions: Vec<usize>,
    /// How many of the expressions are hashed.
    hash: Option<usize>,
    orders: Vec<(usize, SortDirections)>,
}

pub(super) const CODEC: OperatorCodec = OperatorCodec::new("StageInputExec", encode, decode);

fn encode(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(input) = (plan as &dyn Any).downcast_ref::<StageInputExec>() else {
        return Ok(None);
    };
    let orders = input.orders();
    let parameters = Parameters {
        stage: input.stage,
        partitions: input.partitions.clone(),
        hash: input.hash().map(Vec::len),
        orders: orders.iter().map(|order| (order.len(), SortDirections::of(order))).collect(),
    };
    let keys = orders.iter().flat_map(|order| order.iter().map(|key| Arc::clone(&key.expr)));
    let exprs = input.hash().into_iter().flatten().cloned().chain(keys).collect();
    let schema: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(input.schema()));
    let parameters = serde_json::to_vec(&parameters).map_err(|error| bad(&error))?;
    Ok(Some(Encoded { parameters, exprs, inputs: vec![schema] }))
}

fn decode(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let parameters: Parameters =
        serde_json::from_slice(&encoded.parameters).map_err(|error| bad(&error))?;
    let [schema] = encoded.inputs.as_slice() else {
        return internal_err!("a stage's input without a schema");
    };
    let mut exprs = encoded.exprs.into_iter();
    let hash = parameters.hash.map(|n| exprs.by_ref().take(n).collect());
    let orders = parameters
        .orders
        .into_iter()
        .map(|(n, directions)| directions.order(exprs.by_ref().take(n).collect()))
        .collect::<Result<Vec<_>>>()?;
    let schema = schema.schema();
    let input = StageInputExec::new(parameters.stage, parameters.partitions, schema, hash, orders);
    Ok(Arc::new(input))
}

fn bad(error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of a stage's input: {error}"))
}

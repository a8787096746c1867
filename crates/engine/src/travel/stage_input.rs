//! What a stage reads of the stage before it: Ballista's shuffle reader, over memory.

use crate::leaf::leaf;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{AcrossPartitions, ConstExpr, EquivalenceProperties, PhysicalExpr};
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
    /// `known` is what holds of each partition: its order, equal columns. `hash` are the columns whose
    /// hash put each row where it is, if that is so.
    pub fn new(
        stage: usize,
        partitions: Vec<usize>,
        known: EquivalenceProperties,
        hash: Option<Vec<Arc<dyn PhysicalExpr>>>,
    ) -> Self {
        let n_partitions = partitions.len();
        let partitioning = match hash {
            Some(columns) => Partitioning::Hash(columns, n_partitions),
            None => Partitioning::UnknownPartitioning(n_partitions),
        };
        Self { stage, partitions, properties: Arc::new(streaming(known, partitioning)) }
    }

    fn hash(&self) -> Option<&Vec<Arc<dyn PhysicalExpr>>> {
        match &self.properties.partitioning {
            Partitioning::Hash(columns, _) => Some(columns),
            _ => None,
        }
    }

    fn known(&self) -> &EquivalenceProperties {
        self.properties.equivalence_properties()
    }

    /// The same with those of its partitions that stand at `positions`.
    pub fn restricted(&self, positions: &[usize]) -> Result<Self> {
        let pick = |position: &usize| match self.partitions.get(*position) {
            Some(partition) => Ok(*partition),
            None => internal_err!("stage {} has no partition {position}", self.stage),
        };
        let partitions = positions.iter().map(pick).collect::<Result<Vec<_>>>()?;
        let hash = self.hash().cloned();
        Ok(Self::new(self.stage, partitions, self.known().clone(), hash))
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

    leaf!();

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

/// Wire form; the schema travels as an empty input. Expressions come in the order of the fields.
#[derive(Serialize, Deserialize)]
struct Parameters {
    stage: usize,
    partitions: Vec<usize>,
    /// How many of the expressions are hashed.
    hash: Option<usize>,
    orders: Vec<(usize, SortDirections)>,
    /// Sizes of the sets of equal expressions.
    equal: Vec<usize>,
    /// For each constant expression, whether it is the same in all partitions.
    constants: Vec<bool>,
}

pub(super) const CODEC: OperatorCodec = OperatorCodec::new("StageInputExec", encode, decode);

fn encode(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(input) = (plan as &dyn Any).downcast_ref::<StageInputExec>() else {
        return Ok(None);
    };
    let mut exprs: Vec<Arc<dyn PhysicalExpr>> =
        input.hash().into_iter().flatten().cloned().collect();
    let known = input.known();
    let mut orders = Vec::new();
    for order in known.oeq_class().iter() {
        orders.push((order.len(), SortDirections::of(order)));
        exprs.extend(order.iter().map(|key| Arc::clone(&key.expr)));
    }
    let mut equal = Vec::new();
    for class in known.eq_group().iter().filter(|class| class.len() > 1) {
        equal.push(class.len());
        exprs.extend(class.iter().cloned());
    }
    let mut constants = Vec::new();
    for constant in known.constants() {
        constants.push(matches!(constant.across_partitions, AcrossPartitions::Uniform(_)));
        exprs.push(constant.expr);
    }
    let parameters = Parameters {
        stage: input.stage,
        partitions: input.partitions.clone(),
        hash: input.hash().map(Vec::len),
        orders,
        equal,
        constants,
    };
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
    let mut known = EquivalenceProperties::new_with_orderings(schema.schema(), orders);
    for n in parameters.equal {
        let mut class = exprs.by_ref().take(n);
        if let Some(first) = class.next() {
            for other in class {
                known.add_equal_conditions(Arc::clone(&first), other)?;
            }
        }
    }
    let constants = parameters.constants.into_iter().zip(exprs).map(|(uniform, expr)| {
        let across = match uniform {
            true => AcrossPartitions::Uniform(None),
            false => AcrossPartitions::Heterogeneous,
        };
        ConstExpr::new(expr, across)
    });
    known.add_constants(constants)?;
    Ok(Arc::new(StageInputExec::new(parameters.stage, parameters.partitions, known, hash)))
}

fn bad(error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of a stage's input: {error}"))
}

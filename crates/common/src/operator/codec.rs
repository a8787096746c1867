//! What a decoder of plans knows of an operator or an expression.

use super::unary::{Unary, UnaryExec};
use datafusion_common::{DataFusionError, Result};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_plan::ExecutionPlan;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A node in parts: parameters as bytes, and what is encoded and decoded by whoever can.
#[derive(Debug)]
pub struct Encoded {
    pub parameters: Vec<u8>,
    /// Over the schema of the first input.
    pub exprs: Vec<Arc<dyn PhysicalExpr>>,
    pub inputs: Vec<Arc<dyn ExecutionPlan>>,
}

/// Gives nothing for a node of another kind.
type EncodePlan = fn(&dyn ExecutionPlan) -> Result<Option<Encoded>>;
type DecodePlan = fn(Encoded) -> Result<Arc<dyn ExecutionPlan>>;
type WithPartitionIds = fn(&Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>>;

/// One kind of operator. A crate gives its own as a list, `operators()`.
#[derive(Clone, Copy)]
pub struct OperatorCodec {
    /// On the wire.
    pub id: &'static str,
    pub encode: EncodePlan,
    pub decode: DecodePlan,
    /// The node with the numbers of its partitions, if it needs them and has none.
    pub(super) with_partition_ids: WithPartitionIds,
}

impl OperatorCodec {
    /// Of an operator with one input.
    pub const fn unary<O: UnaryExec>() -> Self {
        Self {
            id: O::NAME,
            encode: encode::<O>,
            decode: decode::<O>,
            with_partition_ids: super::partition_ids::attach::<O>,
        }
    }

    /// Of any other operator.
    pub const fn new(id: &'static str, encode: EncodePlan, decode: DecodePlan) -> Self {
        Self { id, encode, decode, with_partition_ids: |_| Ok(None) }
    }
}

impl fmt::Debug for OperatorCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OperatorCodec({})", self.id)
    }
}

fn encode<O: UnaryExec>(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(node) = (plan as &dyn Any).downcast_ref::<Unary<O>>() else {
        return Ok(None);
    };
    let operator = node.operator();
    let parameters =
        serde_json::to_vec(&operator.encode()?).map_err(|error| bad(O::NAME, &error))?;
    let exprs = operator.exprs().into_iter().cloned().collect();
    let inputs = node.children().into_iter().cloned().collect();
    Ok(Some(Encoded { parameters, exprs, inputs }))
}

fn decode<O: UnaryExec>(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let parameters =
        serde_json::from_slice(&encoded.parameters).map_err(|error| bad(O::NAME, &error))?;
    let operator = O::decode(parameters, encoded.exprs)?;
    Ok(Arc::new(Unary::over_all(operator, encoded.inputs)?))
}

fn bad(id: &str, error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of {id}: {error}"))
}

type EncodeExpr = fn(&dyn PhysicalExpr) -> Result<Option<Vec<u8>>>;
type DecodeExpr = fn(&[u8], Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>>;

/// One kind of physical expression of ours. Its children travel beside it.
#[derive(Clone, Copy)]
pub struct ExprCodec {
    /// On the wire.
    pub id: &'static str,
    /// Gives nothing for an expression of another kind.
    pub encode: EncodeExpr,
    pub decode: DecodeExpr,
}

impl fmt::Debug for ExprCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExprCodec({})", self.id)
    }
}

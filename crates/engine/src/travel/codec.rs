//! Plans as bytes: DataFusion's protobuf for what is DataFusion's, our lists for what is ours.
//!
//! A node of ours is an extension node whose bytes are an id, parameters and expressions. What encodes
//! and decodes it stands in its own file; here are only the lists. An id that is not in them is an
//! error, as is a node that nobody encodes.

use super::Wire;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::{DataFusionError, Result, internal_err, not_impl_err};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::from_proto::parse_physical_expr_with_converter;
use datafusion_proto::physical_plan::to_proto::serialize_physical_expr_with_converter;
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalPlanNodeExt,
    PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{PhysicalExprNode, PhysicalExtensionNode, PhysicalPlanNode};
use firesteel_common::operator::{Encoded, OperatorCodec};
use prost::Message;
use std::sync::Arc;

/// Encodes and decodes whole plans.
#[derive(Debug)]
pub struct PlanCodec(Wire);

/// A node of ours.
#[derive(Clone, PartialEq, Message)]
struct WireNode {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(bytes = "vec", tag = "2")]
    parameters: Vec<u8>,
    #[prost(message, repeated, tag = "3")]
    exprs: Vec<PhysicalExprNode>,
}

/// An expression of ours; its children travel beside it.
#[derive(Clone, PartialEq, Message)]
struct WireExpr {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(bytes = "vec", tag = "2")]
    parameters: Vec<u8>,
}

impl PlanCodec {
    /// `wire` lists everything that is not DataFusion's.
    pub fn new(wire: Wire) -> Self {
        Self(wire)
    }

    /// All operators of the lists.
    pub fn operators(&self) -> &[OperatorCodec] {
        &self.0.operators
    }

    /// # Errors
    /// For plans with a node, an expression or a function that has no wire form.
    pub fn encode(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Vec<u8>> {
        Ok(Converter(self).execution_plan_to_proto(plan, self)?.encode_to_vec())
    }

    /// # Errors
    /// For bytes that are no plan of this version.
    pub fn decode(&self, bytes: &[u8], context: &TaskContext) -> Result<Arc<dyn ExecutionPlan>> {
        let node = PhysicalPlanNode::decode(bytes).map_err(|error| no_message(&error))?;
        let context = PhysicalPlanDecodeContext::new(context, self);
        Converter(self).proto_to_execution_plan(&node, &context)
    }

    /// The parts of a node of ours, and its id.
    fn parts(&self, plan: &dyn ExecutionPlan) -> Result<Option<(&'static str, Encoded)>> {
        for operator in &self.0.operators {
            if let Some(encoded) = (operator.encode)(plan)? {
                return Ok(Some((operator.id, encoded)));
            }
        }
        Ok(None)
    }

    fn wire_node(
        &self,
        id: &str,
        encoded: &Encoded,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Vec<u8>> {
        let exprs = encoded.exprs.iter();
        let exprs = exprs
            .map(|expr| converter.physical_expr_to_proto(expr, self))
            .collect::<Result<Vec<_>>>()?;
        let parameters = encoded.parameters.clone();
        Ok(WireNode { id: id.to_owned(), parameters, exprs }.encode_to_vec())
    }
}

/// Asks our lists before DataFusion: a scan that DataFusion knows may have something of ours in it.
struct Converter<'a>(&'a PlanCodec);

impl PhysicalProtoConverterExtension for Converter<'_> {
    fn proto_to_execution_plan(
        &self,
        proto: &PhysicalPlanNode,
        context: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        proto.try_into_physical_plan_with_context(context, self)
    }

    fn execution_plan_to_proto(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        codec: &dyn PhysicalExtensionCodec,
    ) -> Result<PhysicalPlanNode> {
        let Some((id, encoded)) = self.0.parts(plan.as_ref())? else {
            let plan = Arc::clone(plan);
            return PhysicalPlanNode::try_from_physical_plan_with_converter(plan, codec, self);
        };
        let node = self.0.wire_node(id, &encoded, self)?;
        let inputs = encoded.inputs.iter();
        let inputs = inputs
            .map(|input| self.execution_plan_to_proto(input, codec))
            .collect::<Result<Vec<_>>>()?;
        let extension = PhysicalExtensionNode { node, inputs };
        Ok(PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Extension(extension)) })
    }

    fn proto_to_physical_expr(
        &self,
        proto: &PhysicalExprNode,
        schema: &Schema,
        context: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        parse_physical_expr_with_converter(proto, schema, context, self)
    }

    fn physical_expr_to_proto(
        &self,
        expr: &Arc<dyn PhysicalExpr>,
        codec: &dyn PhysicalExtensionCodec,
    ) -> Result<PhysicalExprNode> {
        serialize_physical_expr_with_converter(expr, codec, self)
    }
}

impl PhysicalExtensionCodec for PlanCodec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let node = WireNode::decode(bytes).map_err(|error| no_message(&error))?;
        let Some(operator) = self.0.operators.iter().find(|operator| operator.id == node.id) else {
            return internal_err!("no operator is called {:?}", node.id);
        };
        let schema = match inputs.first() {
            Some(input) => input.schema(),
            None => Arc::new(Schema::empty()),
        };
        let context = PhysicalPlanDecodeContext::new(context, self);
        let exprs = node.exprs.iter();
        let exprs = exprs
            .map(|expr| converter.proto_to_physical_expr(expr, &schema, &context))
            .collect::<Result<Vec<_>>>()?;
        let inputs = inputs.to_vec();
        (operator.decode)(Encoded { parameters: node.parameters, exprs, inputs })
    }

    /// Only nodes whose inputs are their children come here with bytes to gain; others need
    /// [`PlanCodec::encode`].
    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        out: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some((id, encoded)) = self.parts(node.as_ref())? else {
            return not_impl_err!("{} does not travel", node.name());
        };
        let children = node.children();
        let plain = children.len() == encoded.inputs.len()
            && children.into_iter().zip(&encoded.inputs).all(|(a, b)| Arc::ptr_eq(a, b));
        if !plain {
            return internal_err!("{id} is encoded by PlanCodec::encode alone");
        }
        out.extend(self.wire_node(id, &encoded, converter)?);
        Ok(())
    }

    fn try_decode_expr(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn PhysicalExpr>],
        _: &PhysicalExprDecodeCtx<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let node = WireExpr::decode(bytes).map_err(|error| no_message(&error))?;
        match self.0.expressions.iter().find(|expr| expr.id == node.id) {
            Some(expr) => (expr.decode)(&node.parameters, inputs.to_vec()),
            None => internal_err!("no expression is called {:?}", node.id),
        }
    }

    fn try_encode_expr(
        &self,
        node: &Arc<dyn PhysicalExpr>,
        out: &mut Vec<u8>,
        _: &PhysicalExprEncodeCtx<'_>,
    ) -> Result<()> {
        for expr in &self.0.expressions {
            if let Some(parameters) = (expr.encode)(node.as_ref())? {
                let wire = WireExpr { id: expr.id.to_owned(), parameters };
                out.extend(wire.encode_to_vec());
                return Ok(());
            }
        }
        not_impl_err!("the expression {node} does not travel")
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.0.functions.decode_udf(name, bytes)
    }

    fn try_encode_udf(&self, function: &ScalarUDF, out: &mut Vec<u8>) -> Result<()> {
        self.0.functions.encode_udf(function, out)
    }

    fn try_decode_higher_order_function(
        &self,
        name: &str,
        bytes: &[u8],
    ) -> Result<Arc<HigherOrderUDF>> {
        self.0.functions.decode_higher_order(name, bytes)
    }

    fn try_encode_higher_order_function(
        &self,
        function: &HigherOrderUDF,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.0.functions.encode_higher_order(function, out)
    }

    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        self.0.functions.decode_udaf(name, bytes)
    }

    fn try_encode_udaf(&self, function: &AggregateUDF, out: &mut Vec<u8>) -> Result<()> {
        self.0.functions.encode_udaf(function, out)
    }

    fn try_decode_udwf(&self, name: &str, bytes: &[u8]) -> Result<Arc<WindowUDF>> {
        self.0.functions.decode_udwf(name, bytes)
    }

    fn try_encode_udwf(&self, function: &WindowUDF, out: &mut Vec<u8>) -> Result<()> {
        self.0.functions.encode_udwf(function, out)
    }
}

fn no_message(error: &prost::DecodeError) -> DataFusionError {
    DataFusionError::Internal(format!("bytes that are no plan: {error}"))
}

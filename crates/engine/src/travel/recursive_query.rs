//! DataFusion's recursive query on the wire, which DataFusion itself does not encode.

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::recursive_query::RecursiveQueryExec;
use datafusion::physical_plan::work_table::WorkTableExec;
use firesteel_common::operator::{Encoded, OperatorCodec};
use std::any::Any;
use std::sync::Arc;

pub(super) fn operators() -> Vec<OperatorCodec> {
    vec![
        OperatorCodec::new("RecursiveQueryExec", encode_query, decode_query),
        OperatorCodec::new("WorkTableExec", encode_table, decode_table),
    ]
}

/// The inputs are both terms, and the output's schema as an empty input.
fn encode_query(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(query) = (plan as &dyn Any).downcast_ref::<RecursiveQueryExec>() else {
        return Ok(None);
    };
    let parameters = serde_json::to_vec(&(RecursiveQueryExec::name(query), query.is_distinct()));
    let schema: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(query.schema()));
    Ok(Some(Encoded {
        parameters: parameters.map_err(|error| bad(&error))?,
        exprs: Vec::new(),
        inputs: vec![Arc::clone(query.static_term()), Arc::clone(query.recursive_term()), schema],
    }))
}

fn decode_query(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let (name, is_distinct): (String, bool) =
        serde_json::from_slice(&encoded.parameters).map_err(|error| bad(&error))?;
    let Ok([start, step, schema]) = <[_; 3]>::try_from(encoded.inputs) else {
        return internal_err!("a recursive query without its terms");
    };
    let schema = schema.schema();
    // A work table has the query's columns and gives some of them.
    let step = step
        .transform_up(|node| {
            let own = (node.as_ref() as &dyn Any)
                .downcast_ref::<WorkTableExec>()
                .filter(|table| WorkTableExec::name(table) == name);
            let Some(table) = own else {
                return Ok(Transformed::no(node));
            };
            let columns = WorkTableExec::schema(table)
                .fields()
                .iter()
                .map(|field| Ok(schema.index_of(field.name())?))
                .collect::<Result<Vec<_>>>()?;
            let table = WorkTableExec::new(name.clone(), Arc::clone(&schema), Some(columns))?;
            Ok(Transformed::yes(Arc::new(table) as Arc<dyn ExecutionPlan>))
        })
        .data()?;
    Ok(Arc::new(RecursiveQueryExec::try_new(name, schema, start, step, is_distinct)?))
}

fn encode_table(plan: &dyn ExecutionPlan) -> Result<Option<Encoded>> {
    let Some(table) = (plan as &dyn Any).downcast_ref::<WorkTableExec>() else {
        return Ok(None);
    };
    let schema: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(WorkTableExec::schema(table)));
    let parameters = serde_json::to_vec(WorkTableExec::name(table)).map_err(|error| bad(&error))?;
    Ok(Some(Encoded { parameters, exprs: Vec::new(), inputs: vec![schema] }))
}

fn decode_table(encoded: Encoded) -> Result<Arc<dyn ExecutionPlan>> {
    let name: String = serde_json::from_slice(&encoded.parameters).map_err(|error| bad(&error))?;
    match encoded.inputs.as_slice() {
        [schema] => Ok(Arc::new(WorkTableExec::new(name, schema.schema(), None)?)),
        others => internal_err!("a work table with {} schemas", others.len()),
    }
}

fn bad(error: &serde_json::Error) -> DataFusionError {
    DataFusionError::Internal(format!("parameters of a recursive query: {error}"))
}

//! `MlRelation`: what models, transformers, summaries and the helper make of relations.

use super::input;
use crate::connect::convert::faults;
use crate::connect::ml::{HELPER, helper_relation, params, value};
use crate::ml::{self, Cached, SummaryTable};
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_ml::{Instance, Role};
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;
use proto::fetch::method::args::ArgsType;
use proto::ml_relation::{MlType, Transform, transform::Operator};

pub(super) fn ml_relation(session: &Session, message: &proto::MlRelation) -> Result<RelationNode> {
    match message.ml_type.as_ref() {
        Some(MlType::Transform(transform)) => transform_node(session, transform),
        Some(MlType::Fetch(fetch)) => fetch_node(session, fetch),
        None => Err(faults::unset("spark.connect.MlRelation", "MLTYPE_NOT_SET")),
    }
}

fn missing(what: &str) -> SparkError {
    SparkError::invalid_plan(format!("A relation of MLlib has no {what}."))
}

fn transform_node(session: &Session, message: &Transform) -> Result<RelationNode> {
    let set = params(message.params.as_ref())?;
    let from = input(session, message.input.as_deref())?;
    let transform = match message.operator.as_ref().ok_or_else(|| missing("operator"))? {
        Operator::ObjRef(reference) => {
            let instance = session.ml.model(session, &reference.id)?;
            let class = ml::class(instance.params.class())?;
            let params = ml::with_params(instance.params.clone(), class, set)?;
            ml::model_transform(&reference.id, Instance { params, ..instance })
        }
        Operator::Transformer(operator) => {
            let class = ml::class(&operator.name)?;
            ml::transformer(class, ml::params(class, &operator.uid, set)?)?
        }
    };
    Ok(RelationNode::Transform { inputs: vec![from], transform })
}

fn fetch_node(session: &Session, message: &proto::Fetch) -> Result<RelationNode> {
    let id = message.obj_ref.as_ref().ok_or_else(|| missing("object"))?.id.clone();
    let (last, before) = message.methods.split_last().ok_or_else(|| missing("method"))?;
    let name = last.method.clone();
    if id == HELPER {
        return helper_relation(session, &name, &last.args);
    }
    let is_of_summary =
        !before.is_empty() || matches!(session.ml.get(session, &id)?, Cached::Summary(_));
    let mut inputs = Vec::new();
    let mut args = Vec::new();
    for arg in &last.args {
        match arg.args_type.as_ref() {
            Some(ArgsType::Param(literal)) => args.push(Some(value(literal)?)),
            Some(ArgsType::Input(relation)) => {
                inputs.push(super::relation(session, relation)?);
                args.push(None);
            }
            None => return Err(missing("argument")),
        }
    }
    if is_of_summary {
        let entry = session.ml.summary(&id)?;
        let args = args.into_iter().flatten().collect();
        let transform = SummaryTable::handle(&id, entry.summary, name, args);
        return Ok(RelationNode::Transform { inputs: vec![entry.predictions], transform });
    }
    let instance = session.ml.model(session, &id)?;
    match ml::class(instance.params.class())?.role {
        Role::Model { attributes, .. } if attributes.contains(&name.as_str()) => {}
        _ => {
            return Err(firesteel_ml::error::attribute_not_allowed(instance.params.class(), &name));
        }
    }
    let transform = ml::model_table(&id, instance, name, args);
    Ok(RelationNode::Transform { inputs, transform })
}

//! fillna, dropna and replace.

use super::super::literal::literal;
use super::super::required;
use super::input;
use crate::session::Session;
use firesteel_common::Result;
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;

pub fn fill(session: &Session, message: &proto::NaFill) -> Result<RelationNode> {
    Ok(RelationNode::NaFill {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        values: message.values.iter().map(literal).collect::<Result<_>>()?,
    })
}

pub fn drop(session: &Session, message: &proto::NaDrop) -> Result<RelationNode> {
    Ok(RelationNode::NaDrop {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        min_non_nulls: message.min_non_nulls,
    })
}

pub fn replace(session: &Session, message: &proto::NaReplace) -> Result<RelationNode> {
    let replacements = message.replacements.iter().map(|replacement| {
        let old = literal(required(replacement.old_value.as_ref(), "the value to replace")?)?;
        let new = literal(required(replacement.new_value.as_ref(), "the value to put")?)?;
        Ok((old, new))
    });
    let replacements = replacements.collect::<Result<_>>()?;
    Ok(RelationNode::NaReplace {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        replacements,
    })
}

//! fillna, dropna and replace.

use super::super::literal::literal;
use super::super::{faults, required};
use super::input;
use crate::session::Session;
use firesteel_common::Result;
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;

pub fn fill(session: &Session, message: &proto::NaFill) -> Result<RelationNode> {
    let n_values = message.values.len();
    if n_values == 0 {
        let text = "values must contains at least 1 item!";
        return Err(faults::invalid("NA_FILL_VALUES_EMPTY", text));
    }
    if n_values > 1 && n_values != message.cols.len() {
        let text =
            "When values contains more than 1 items, values and cols should have the same length!";
        return Err(faults::invalid("NA_FILL_VALUES_LENGTH_MISMATCH", text));
    }
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
        let old = literal(required(replacement.old_value.as_ref(), faults::literal)?)?;
        let new = literal(required(replacement.new_value.as_ref(), faults::literal)?)?;
        Ok((old, new))
    });
    let replacements = replacements.collect::<Result<_>>()?;
    Ok(RelationNode::NaReplace {
        input: input(session, message.input.as_deref())?,
        columns: message.cols.clone(),
        replacements,
    })
}

//! Methods of the helper object: what clients ask of MLlib that belongs to no model.

use super::literal::value;
use crate::ml;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use firesteel_ml::{Answer, Argument, Value};
use firesteel_plan::spec::RelationNode;
use firesteel_proto::spark::connect as proto;
use proto::fetch::method::Args;
use proto::fetch::method::args::ArgsType;
use std::sync::Arc;

/// The helper's id.
pub const HELPER: &str = "______ML_CONNECT_HELPER______";

/// A method whose answer is a value or a model.
///
/// # Errors
/// `CONNECT_ML.ATTRIBUTE_NOT_ALLOWED`; what the method fails with.
pub fn helper_command(session: &Arc<Session>, name: &str, args: &[Args]) -> Result<Answer> {
    let args = args
        .iter()
        .map(|arg| match arg.args_type.as_ref() {
            Some(ArgsType::Param(literal)) => Ok(Argument::Value(value(literal)?)),
            Some(ArgsType::Input(input)) => {
                let relation = crate::connect::convert::relation(session, input)?;
                Ok(Argument::Data(ml::dataset(session, &relation)?))
            }
            None => Err(SparkError::invalid_plan("A method has no argument.")),
        })
        .collect::<Result<Vec<_>>>()?;
    match (name, args.as_slice()) {
        (
            "handleOverwrite",
            [Argument::Value(Value::String(path)), Argument::Value(Value::Bool(overwrite))],
        ) => {
            ml::handle_overwrite(path, *overwrite)?;
            Ok(Value::Bool(true).into())
        }
        _ => firesteel_ml::helper::command(name, &args),
    }
}

/// A method whose answer is a table.
///
/// # Errors
/// As [`helper_command`].
pub fn helper_relation(session: &Session, name: &str, args: &[Args]) -> Result<RelationNode> {
    let mut inputs = Vec::new();
    let mut values = Vec::new();
    for arg in args {
        match arg.args_type.as_ref() {
            Some(ArgsType::Param(literal)) => values.push(Some(value(literal)?)),
            Some(ArgsType::Input(input)) => {
                inputs.push(crate::connect::convert::relation(session, input)?);
                values.push(None);
            }
            None => return Err(SparkError::invalid_plan("A method has no argument.")),
        }
    }
    let transform = firesteel_ml::helper::table(name, values)?;
    Ok(RelationNode::Transform { inputs, transform })
}

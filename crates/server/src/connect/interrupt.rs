//! Interrupt: stops what runs in a session, all of it, by tag, or by operation.

use crate::session::Session;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_proto::spark::connect as proto;
use proto::interrupt_request::{Interrupt, InterruptType};

pub fn interrupt(
    session: &Session,
    request: &proto::InterruptRequest,
) -> Result<proto::InterruptResponse> {
    let interrupted_ids = match (request.interrupt_type(), &request.interrupt) {
        (InterruptType::All, _) => session.operations.interrupt(|_| true),
        (InterruptType::Tag, Some(Interrupt::OperationTag(tag))) => {
            session.operations.interrupt(|operation| operation.tags().contains(tag))
        }
        (InterruptType::OperationId, Some(Interrupt::OperationId(id))) => {
            if session.operations.interrupt_one(id) { vec![id.clone()] } else { Vec::new() }
        }
        (InterruptType::Tag, _) => return Err(missing("TAG", "operation_tag")),
        (InterruptType::OperationId, _) => return Err(missing("OPERATION_ID", "operation_id")),
        (InterruptType::Unspecified, _) => {
            let kind = InterruptType::Unspecified.as_str_name();
            let message =
                format!("The feature is not supported: Unsupported interrupt type: {kind}.");
            return Err(
                refused("UNSUPPORTED_FEATURE.INTERRUPT_TYPE", message).with("interruptType", kind)
            );
        }
    };
    Ok(proto::InterruptResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        interrupted_ids,
    })
}

fn missing(kind: &str, field: &str) -> SparkError {
    let message = format!(
        "The value of parameter(s) {field} in interrupt is invalid: INTERRUPT_TYPE_{kind} requested, \
         but no {field} provided."
    );
    let condition = format!(
        "INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_{kind}_REQUIRES_{}",
        match kind {
            "TAG" => "TAG",
            _ => "ID",
        }
    );
    refused(&condition, message).with("parameter", field).with("functionName", "interrupt")
}

/// Spark throws a `SparkSQLException` here, as for handles.
fn refused(condition: &str, message: String) -> SparkError {
    SparkError::new(ErrorKind::InvalidHandle, condition, message)
}

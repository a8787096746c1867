//! ReattachExecute: the rest of a stream that broke off.

use super::{ResponseStream, errors};
use crate::session::{Session, invalid_handle};
use firesteel_proto::spark::connect as proto;
use std::sync::Arc;
use tonic::Status;

pub fn reattach_execute(
    session: &Arc<Session>,
    request: &proto::ReattachExecuteRequest,
) -> Result<ResponseStream, Status> {
    let Some(operation) = session.operations.find(&request.operation_id) else {
        // The client looks for this condition in the text: it may then send its query again.
        let error =
            invalid_handle(&request.operation_id, "OPERATION_NOT_FOUND", "Operation not found.");
        return Err(errors::status(&error, Some(session)));
    };
    let stream = operation.stream_after(request.last_response_id.as_deref());
    stream.map_err(|error| errors::status(&error, Some(session)))
}

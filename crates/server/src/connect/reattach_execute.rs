//! ReattachExecute: the rest of a stream that broke off.

use super::{ResponseStream, errors};
use crate::session::Session;
use firesteel_proto::spark::connect as proto;
use std::sync::Arc;
use tonic::Status;

pub fn reattach_execute(
    session: &Arc<Session>,
    request: &proto::ReattachExecuteRequest,
) -> Result<ResponseStream, Status> {
    let operation = session.operations.find_lost(&request.operation_id);
    let last = request.last_response_id.as_deref();
    let stream = operation.and_then(|operation| operation.reattach(last));
    stream.map_err(|error| errors::status(&error, Some(session)))
}

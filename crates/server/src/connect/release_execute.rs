//! ReleaseExecute: the client has read answers and will not ask for them again.

use crate::session::Session;
use firesteel_proto::spark::connect as proto;
use proto::release_execute_request::Release;

pub fn release_execute(
    session: &Session,
    request: &proto::ReleaseExecuteRequest,
) -> proto::ReleaseExecuteResponse {
    let operation = session.operations.find(&request.operation_id);
    match (&operation, &request.release) {
        (Some(operation), Some(Release::ReleaseUntil(until))) => {
            operation.release_until(&until.response_id);
        }
        (Some(_), Some(Release::ReleaseAll(_))) => session.operations.forget(&request.operation_id),
        _ => {}
    }
    proto::ReleaseExecuteResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        operation_id: operation.map(|_| request.operation_id.clone()),
    }
}

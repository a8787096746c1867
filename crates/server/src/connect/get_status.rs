//! GetStatus: how operations stand.

use super::operation::State;
use crate::session::Session;
use firesteel_proto::spark::connect as proto;
use proto::get_status_response::OperationStatus;
use proto::get_status_response::operation_status::OperationState;

pub fn get_status(session: &Session, request: proto::GetStatusRequest) -> proto::GetStatusResponse {
    let asked = request.operation_status.map(|status| status.operation_ids);
    let ids = match asked {
        Some(ids) if ids.is_empty() => session.operations.ids(),
        Some(ids) => ids,
        None => Vec::new(),
    };
    let statuses = ids.into_iter().map(|operation_id| {
        let state = match session.operations.state(&operation_id) {
            None => OperationState::Unknown,
            Some(State::Running) => OperationState::Running,
            Some(State::Succeeded) => OperationState::Succeeded,
            Some(State::Failed) => OperationState::Failed,
            Some(State::Cancelled) => OperationState::Cancelled,
        };
        OperationStatus { operation_id, state: state.into(), extensions: Vec::new() }
    });
    proto::GetStatusResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        operation_statuses: statuses.collect(),
        extensions: Vec::new(),
    }
}

//! FetchErrorDetails: the whole of an error that a status only named.

use super::errors;
use crate::session::Session;
use firesteel_proto::spark::connect as proto;

pub fn fetch_error_details(
    session: &Session,
    request: &proto::FetchErrorDetailsRequest,
) -> proto::FetchErrorDetailsResponse {
    let log = session.errors.lock();
    let error = log.get(&request.error_id).map(errors::full_error);
    proto::FetchErrorDetailsResponse {
        server_side_session_id: session.server_side_id.clone(),
        session_id: session.key.id.clone(),
        root_error_idx: error.is_some().then_some(0),
        errors: error.into_iter().collect(),
    }
}

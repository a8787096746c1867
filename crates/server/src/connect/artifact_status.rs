//! ArtifactStatus: which blobs the session already has, so that the client need not send them again.

use crate::session::Session;
use firesteel_proto::spark::connect as proto;
use proto::artifact_statuses_response::ArtifactStatus;

pub fn artifact_status(
    session: &Session,
    request: proto::ArtifactStatusesRequest,
) -> proto::ArtifactStatusesResponse {
    let statuses = request.names.into_iter().map(|name| {
        let exists = session.artifacts.exists(&name);
        (name, ArtifactStatus { exists })
    });
    proto::ArtifactStatusesResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        statuses: statuses.collect(),
    }
}

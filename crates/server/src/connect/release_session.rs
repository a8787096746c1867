//! ReleaseSession: `spark.stop()`.

use super::session_key;
use crate::engine::Engine;
use firesteel_proto::spark::connect as proto;

pub fn release_session(
    engine: &Engine,
    request: &proto::ReleaseSessionRequest,
) -> proto::ReleaseSessionResponse {
    let key = session_key(request.user_context.as_ref(), &request.session_id);
    let session = engine.sessions().close(&key, request.allow_reconnect, engine.limits());
    proto::ReleaseSessionResponse {
        session_id: request.session_id.clone(),
        server_side_session_id: session
            .map(|session| session.server_side_id.clone())
            .unwrap_or_default(),
    }
}

//! CloneSession: a copy of a session's state under a new id.

use super::errors;
use crate::engine::Engine;
use crate::session::{Session, SessionKey};
use firesteel_proto::spark::connect as proto;
use std::sync::Arc;
use tonic::Status;

pub fn clone_session(
    engine: &Engine,
    session: &Session,
    request: &proto::CloneSessionRequest,
) -> Result<proto::CloneSessionResponse, Status> {
    let new_id = match &request.new_session_id {
        Some(id) if !id.is_empty() => id.clone(),
        _ => uuid::Uuid::new_v4().to_string(),
    };
    let key = SessionKey { user: session.key.user.clone(), id: new_id.clone() };
    let clone = session.clone_as(key).and_then(|clone| {
        engine.sessions().add(Arc::clone(&clone))?;
        Ok(clone)
    });
    let clone = clone.map_err(|error| errors::status(&error, Some(session)))?;
    let new_server_side_session_id = clone.server_side_id.clone();
    Ok(proto::CloneSessionResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        new_session_id: new_id,
        new_server_side_session_id,
    })
}

//! AddArtifacts: files and blobs in small pieces, each with its CRC-32.

use super::{ConnectService, errors};
use crate::session::Session;
use bytes::{Bytes, BytesMut};
use firesteel_common::SparkError;
use firesteel_proto::spark::connect as proto;
use proto::add_artifacts_request::{ArtifactChunk, Payload};
use proto::add_artifacts_response::ArtifactSummary;
use std::sync::Arc;
use tonic::{Status, Streaming};

/// An artifact whose pieces are still coming.
struct Partial {
    name: String,
    data: BytesMut,
    chunks_left: i64,
    crc_ok: bool,
}

pub async fn add_artifacts(
    service: &ConnectService,
    mut requests: Streaming<proto::AddArtifactsRequest>,
) -> Result<proto::AddArtifactsResponse, Status> {
    let mut session: Option<Arc<Session>> = None;
    let mut partial: Option<Partial> = None;
    let mut artifacts = Vec::new();
    while let Some(request) = requests.message().await? {
        let session = match &session {
            Some(session) => session,
            None => {
                let observed = request.client_observed_server_side_session_id.as_deref();
                let user = request.user_context.as_ref();
                session.insert(service.session(user, &request.session_id, observed)?)
            }
        };
        match request.payload {
            Some(Payload::Batch(batch)) => {
                for artifact in batch.artifacts {
                    let chunk = artifact.data.unwrap_or_default();
                    let crc_ok = crc_fits(&chunk);
                    artifacts.push(keep(session, artifact.name, chunk.data, crc_ok)?);
                }
            }
            Some(Payload::BeginChunk(begin)) => {
                let chunk = begin.initial_chunk.unwrap_or_default();
                partial = Some(Partial {
                    name: begin.name,
                    crc_ok: crc_fits(&chunk),
                    data: chunk.data.as_ref().into(),
                    chunks_left: begin.num_chunks - 1,
                });
            }
            Some(Payload::Chunk(chunk)) => {
                let Some(partial) = &mut partial else {
                    let error = SparkError::invalid_plan("A chunk came before its artifact began.");
                    return Err(errors::status(&error, Some(session)));
                };
                partial.crc_ok &= crc_fits(&chunk);
                partial.data.extend_from_slice(&chunk.data);
                partial.chunks_left -= 1;
            }
            None => {}
        }
        if let Some(done) = partial.take_if(|partial| partial.chunks_left <= 0) {
            artifacts.push(keep(session, done.name, done.data.freeze(), done.crc_ok)?);
        }
    }
    let session = session.ok_or_else(|| Status::invalid_argument("no artifact was sent"))?;
    Ok(proto::AddArtifactsResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        artifacts,
    })
}

fn crc_fits(chunk: &ArtifactChunk) -> bool {
    i64::from(crc32fast::hash(&chunk.data)) == chunk.crc
}

/// Keeps an artifact whose checksum is right; `forward_to_fs/<path>` is a file to write.
fn keep(
    session: &Session,
    name: String,
    data: Bytes,
    is_crc_successful: bool,
) -> Result<ArtifactSummary, Status> {
    if is_crc_successful {
        if let Some(path) = name.strip_prefix("forward_to_fs") {
            write_file(path, &data).map_err(|error| errors::status(&error, Some(session)))?;
        } else {
            session.artifacts.put(name.clone(), data);
        }
    }
    Ok(ArtifactSummary { name, is_crc_successful })
}

fn write_file(path: &str, data: &[u8]) -> Result<(), SparkError> {
    let write = || {
        if let Some(parent) = std::path::Path::new(path).parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, data)
    };
    write().map_err(|error| {
        let message = format!("Cannot copy to {path}: {error}");
        SparkError::new(firesteel_common::ErrorKind::Execution, "", message)
    })
}

//! AddArtifacts: files and blobs in small pieces, each with its CRC-32.

use super::{ConnectService, errors};
use crate::session::{Session, Staged, check_name};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_proto::spark::connect as proto;
use proto::add_artifacts_request::{ArtifactChunk, BeginChunkedArtifact, Payload};
use proto::add_artifacts_response::ArtifactSummary;
use std::path::Path;
use std::sync::Arc;
use tonic::{Status, Streaming};

/// Before the absolute path of a file to write: `copyFromLocalToFs`.
const FORWARD_TO_FS: &str = "forward_to_fs";
/// Whether files may be copied so to this machine's own file system.
const ALLOW_LOCAL_KEYS: [&str; 2] = [
    "spark.sql.artifact.copyFromLocalToFs.allowDestLocal",
    "spark.connect.copyFromLocalToFs.allowDestLocal",
];

pub async fn add_artifacts(
    service: &ConnectService,
    mut requests: Streaming<proto::AddArtifactsRequest>,
) -> Result<proto::AddArtifactsResponse, Status> {
    let mut upload: Option<Upload> = None;
    while let Some(request) = requests.message().await? {
        let upload = match &mut upload {
            Some(upload) => upload,
            None => {
                let observed = request.client_observed_server_side_session_id.as_deref();
                let user = request.user_context.as_ref();
                let session = service.session(user, &request.session_id, observed)?;
                upload.insert(Upload { session, partial: None, complete: Vec::new() })
            }
        };
        let taken = upload.take(request.payload);
        taken.map_err(|error| errors::status(&error, Some(&upload.session)))?;
    }
    let upload = upload.ok_or_else(|| Status::invalid_argument("no artifact was sent"))?;
    let session = Arc::clone(&upload.session);
    let artifacts = upload.finish().map_err(|error| errors::status(&error, Some(&session)))?;
    Ok(proto::AddArtifactsResponse {
        session_id: session.key.id.clone(),
        server_side_session_id: session.server_side_id.clone(),
        artifacts,
    })
}

/// One call. Nothing is kept before all has come.
struct Upload {
    session: Arc<Session>,
    partial: Option<Partial>,
    complete: Vec<Complete>,
}

/// An artifact whose pieces are still coming.
struct Partial {
    artifact: Complete,
    chunks_left: i64,
    bytes_left: i64,
}

/// An artifact that has come, right or damaged.
struct Complete {
    name: String,
    staged: Staged,
    crc_ok: bool,
}

impl Complete {
    fn begin(session: &Session, name: String) -> Result<Self> {
        if !name.starts_with(FORWARD_TO_FS) {
            check_name(&name)?;
        }
        Ok(Self { name, staged: session.artifacts.stage()?, crc_ok: true })
    }

    fn add(&mut self, chunk: &ArtifactChunk) -> Result<()> {
        self.crc_ok &= i64::from(crc32fast::hash(&chunk.data)) == chunk.crc;
        self.staged.write(&chunk.data)
    }
}

impl Upload {
    fn take(&mut self, payload: Option<Payload>) -> Result<()> {
        match payload {
            Some(Payload::Batch(batch)) => {
                for message in batch.artifacts {
                    let mut artifact = Complete::begin(&self.session, message.name)?;
                    artifact.add(&message.data.unwrap_or_default())?;
                    self.complete.push(artifact);
                }
            }
            Some(Payload::BeginChunk(begin)) => self.begin_chunked(begin)?,
            Some(Payload::Chunk(chunk)) => {
                let Some(partial) = &mut self.partial else {
                    return Err(illegal("A chunk came without an artifact that it belongs to."));
                };
                partial.add(&chunk)?;
            }
            None => {}
        }
        if let Some(done) = self.partial.take_if(|partial| partial.chunks_left == 0) {
            if done.bytes_left != 0 {
                return Err(missing("bytes", &done.artifact.name));
            }
            self.complete.push(done.artifact);
        }
        Ok(())
    }

    fn begin_chunked(&mut self, begin: BeginChunkedArtifact) -> Result<()> {
        if let Some(partial) = &self.partial {
            return Err(missing("chunks", &partial.artifact.name));
        }
        if begin.num_chunks < 1 {
            let (name, count) = (begin.name, begin.num_chunks);
            return Err(illegal(&format!("Artifact {name} is to come in {count} chunks.")));
        }
        let mut partial = Partial {
            artifact: Complete::begin(&self.session, begin.name)?,
            chunks_left: begin.num_chunks,
            bytes_left: begin.total_bytes,
        };
        partial.add(&begin.initial_chunk.unwrap_or_default())?;
        self.partial = Some(partial);
        Ok(())
    }

    /// Keeps what came whole; `forward_to_fs/<path>` is a file to write. Of what came damaged only the
    /// summary tells.
    fn finish(self) -> Result<Vec<ArtifactSummary>> {
        if let Some(partial) = &self.partial {
            return Err(missing("chunks", &partial.artifact.name));
        }
        let mut summaries = Vec::new();
        for Complete { name, staged, crc_ok } in self.complete {
            if crc_ok {
                match name.strip_prefix(FORWARD_TO_FS) {
                    Some(path) => copy_to_file_system(&self.session, &staged, path)?,
                    None => self.session.artifacts.keep(&name, staged)?,
                }
            }
            summaries.push(ArtifactSummary { name, is_crc_successful: crc_ok });
        }
        Ok(summaries)
    }
}

impl Partial {
    fn add(&mut self, chunk: &ArtifactChunk) -> Result<()> {
        self.chunks_left -= 1;
        self.bytes_left -= i64::try_from(chunk.data.len()).unwrap_or(i64::MAX);
        if self.bytes_left < 0 {
            let name = &self.artifact.name;
            return Err(illegal(&format!("Artifact {name} is longer than it was said to be.")));
        }
        self.artifact.add(chunk)
    }
}

/// Where Spark copies to a distributed file system, there is none here: every destination is local, and as in Spark
/// that has to be allowed.
fn copy_to_file_system(session: &Session, staged: &Staged, path: &str) -> Result<()> {
    let conf = session.conf.read();
    let said = ALLOW_LOCAL_KEYS.iter().find_map(|key| conf.explicit(key));
    if !said.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return Err(SparkError::new(
            ErrorKind::Unsupported,
            "_LEGACY_ERROR_TEMP_3161",
            "Uploading artifact file to local file system destination path is not supported.",
        ));
    }
    staged.copy_to(Path::new(path))
}

fn missing(what: &str, name: &str) -> SparkError {
    illegal(&format!("Missing data {what} for artifact: {name}."))
}

fn illegal(message: &str) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

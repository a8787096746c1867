//! Running operations: answers wait here until the client has them, also over a broken connection.
//!
//! ```text
//! query ──push──▶ [ sent, kept for reattaching | not yet sent ] ──stream──▶ client
//!                   ◀── release_until, limit      limit: push waits
//! ```
//!
//! A stream that breaks off is taken up again by ReattachExecute, after the last answer that arrived.

use super::ResponseStream;
use super::errors;
use crate::session::{Session, invalid_handle};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_proto::spark::connect as proto;
use futures::StreamExt;
use futures::future::{AbortHandle, AbortRegistration};
use parking_lot::Mutex;
use prost::Message;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tonic::Status;

/// Bytes of answers that wait to be sent before the query pauses, and of sent ones that are kept.
const UNSENT_BYTES_MAX: usize = 10 << 20;
const SENT_BYTES_MAX: usize = 10 << 20;
/// How long an operation without a reader is kept. Spark's `detachedTimeout`.
const DETACHED_TIMEOUT: Duration = Duration::from_secs(300);
/// Ended operations whose state is remembered for GetStatus.
const ENDED_MAX: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

struct Buffered {
    id: String,
    response: proto::ExecutePlanResponse,
    bytes: usize,
}

struct Buffer {
    /// The first of `responses` is the one with this number; numbers start at 0.
    first: usize,
    responses: VecDeque<Buffered>,
    /// Answers with smaller numbers were sent at least once.
    n_sent: usize,
    state: State,
    /// Set when no answer will follow: the status to end the stream with, or none after success.
    end: Option<Option<Status>>,
    /// Number of the newest reader; older ones end.
    reader: usize,
}

impl Buffer {
    fn unsent_bytes(&self) -> usize {
        let skip = self.n_sent.saturating_sub(self.first);
        self.responses.iter().skip(skip).map(|buffered| buffered.bytes).sum()
    }

    fn sent_bytes(&self) -> usize {
        let n_sent = self.n_sent.saturating_sub(self.first);
        self.responses.iter().take(n_sent).map(|buffered| buffered.bytes).sum()
    }
}

/// One ExecutePlan.
pub struct Operation {
    id: String,
    tags: Vec<String>,
    reattachable: bool,
    session: Weak<Session>,
    abort: AbortHandle,
    buffer: Mutex<Buffer>,
    /// Something was pushed, or the end came, or another reader did.
    grown: Notify,
    /// Something was sent.
    drained: Notify,
}

impl Operation {
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// Adds an answer; waits while the client is far behind.
    pub async fn push(&self, mut response: proto::ExecutePlanResponse) {
        let id = uuid::Uuid::new_v4().to_string();
        response.response_id = id.clone();
        response.operation_id = self.id.clone();
        if let Some(session) = self.session.upgrade() {
            response.session_id = session.key.id.clone();
            response.server_side_session_id = session.server_side_id.clone();
        }
        let bytes = response.encoded_len();
        loop {
            let drained = self.drained.notified();
            {
                let mut buffer = self.buffer.lock();
                let waiting = buffer.unsent_bytes();
                if waiting == 0 || waiting + bytes <= UNSENT_BYTES_MAX {
                    if buffer.end.is_none() {
                        buffer.responses.push_back(Buffered { id, response, bytes });
                    }
                    drop(buffer);
                    self.grown.notify_waiters();
                    return;
                }
            }
            drained.await;
        }
    }

    /// Ends well.
    pub async fn succeed(&self) {
        if self.reattachable {
            // Without this mark the client takes the end of the stream for a broken connection.
            let complete = proto::execute_plan_response::ResultComplete::default();
            self.push(proto::ExecutePlanResponse {
                response_type: Some(proto::execute_plan_response::ResponseType::ResultComplete(
                    complete,
                )),
                ..Default::default()
            })
            .await;
        }
        self.end(State::Succeeded, None);
    }

    /// Ends with an error.
    pub fn fail(&self, error: &SparkError) {
        let session = self.session.upgrade();
        self.end(State::Failed, Some(errors::status(error, session.as_deref())));
    }

    /// Stops the query; whether it was running.
    fn cancel(&self) -> bool {
        if self.buffer.lock().end.is_some() {
            return false;
        }
        let error = SparkError::new(
            ErrorKind::Cancelled,
            "OPERATION_CANCELED",
            "Operation has been canceled.",
        );
        let session = self.session.upgrade();
        self.end(State::Cancelled, Some(errors::status(&error, session.as_deref())));
        self.abort.abort();
        true
    }

    fn end(&self, state: State, status: Option<Status>) {
        let mut buffer = self.buffer.lock();
        if buffer.end.is_none() {
            buffer.state = state;
            buffer.end = Some(status);
        }
        drop(buffer);
        self.grown.notify_waiters();
    }

    /// Forgets answers up to the one called `response_id`.
    pub fn release_until(&self, response_id: &str) {
        let mut buffer = self.buffer.lock();
        let found = buffer.responses.iter().position(|buffered| buffered.id == response_id);
        if let Some(position) = found {
            buffer.responses.drain(..=position);
            buffer.first += position + 1;
        }
    }

    /// A stream of the answers after `last`, or of all. Any other stream of this operation ends.
    ///
    /// # Errors
    /// `INVALID_CURSOR` when that answer is not kept any more.
    pub fn stream_after(self: &Arc<Self>, last: Option<&str>) -> Result<ResponseStream> {
        let mut buffer = self.buffer.lock();
        let next = match last {
            None => 0,
            Some(last) => {
                let found = buffer.responses.iter().position(|buffered| buffered.id == last);
                match found {
                    Some(position) => buffer.first + position + 1,
                    // The last answer that the client saw may have been released already.
                    None => buffer.first,
                }
            }
        };
        if next < buffer.first {
            return Err(SparkError::new(
                ErrorKind::InvalidHandle,
                "INVALID_CURSOR.POSITION_NOT_AVAILABLE",
                format!(
                    "The cursor is invalid. The cursor position id {} is no longer available.",
                    last.unwrap_or("(start)")
                ),
            ));
        }
        buffer.reader += 1;
        let number = buffer.reader;
        drop(buffer);
        self.grown.notify_waiters();
        let reader = Reader { operation: Arc::clone(self), next, number };
        let stream = futures::stream::unfold(Some(reader), |reader| async {
            let mut reader = reader?;
            match reader.next().await? {
                Ok(response) => Some((Ok(response), Some(reader))),
                Err(status) => Some((Err(status), None)),
            }
        });
        Ok(stream.boxed())
    }
}

/// A stream's place in the answers of an operation.
struct Reader {
    operation: Arc<Operation>,
    next: usize,
    number: usize,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<proto::ExecutePlanResponse, Status>> {
        loop {
            let operation = Arc::clone(&self.operation);
            let grown = operation.grown.notified();
            tokio::pin!(grown);
            // Registers before looking, so that nothing that comes in between is missed.
            grown.as_mut().enable();
            {
                let mut buffer = operation.buffer.lock();
                if buffer.reader != self.number {
                    return None;
                }
                let position = self.next.checked_sub(buffer.first);
                if let Some(buffered) = position.and_then(|at| buffer.responses.get(at)) {
                    let response = buffered.response.clone();
                    self.next += 1;
                    buffer.n_sent = buffer.n_sent.max(self.next);
                    let keep = if operation.reattachable { SENT_BYTES_MAX } else { 0 };
                    while buffer.sent_bytes() > keep && buffer.first < buffer.n_sent {
                        buffer.responses.pop_front();
                        buffer.first += 1;
                    }
                    drop(buffer);
                    operation.drained.notify_waiters();
                    return Some(Ok(response));
                }
                if let Some(end) = &buffer.end {
                    return end.clone().map(Err);
                }
            }
            grown.await;
        }
    }
}

impl Drop for Reader {
    /// The client went away, or has everything.
    fn drop(&mut self) {
        let operation = Arc::clone(&self.operation);
        let Some(session) = operation.session.upgrade() else {
            return;
        };
        if operation.buffer.lock().reader != self.number {
            return;
        }
        if !operation.reattachable {
            session.operations.forget(&operation.id);
            return;
        }
        let number = self.number;
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                drop(session);
                tokio::time::sleep(DETACHED_TIMEOUT).await;
                if operation.buffer.lock().reader == number
                    && let Some(session) = operation.session.upgrade()
                {
                    session.operations.forget(&operation.id);
                }
            });
        }
    }
}

/// The operations of a session.
#[derive(Default)]
pub struct Operations(Mutex<Known>);

#[derive(Default)]
struct Known {
    live: HashMap<String, Arc<Operation>>,
    ended: VecDeque<(String, State)>,
}

impl Operations {
    /// Begins an operation. The registration makes the future stoppable that does the work.
    ///
    /// # Errors
    /// `INVALID_HANDLE` when the id is no UUID or is taken.
    pub fn begin(
        &self,
        session: &Arc<Session>,
        id: String,
        tags: Vec<String>,
        reattachable: bool,
    ) -> Result<(Arc<Operation>, AbortRegistration)> {
        if uuid::Uuid::try_parse(&id).is_err() {
            return Err(invalid_handle(
                &id,
                "FORMAT",
                "Handle must be an UUID string of the format '00112233-4455-6677-8899-aabbccddeeff'",
            ));
        }
        let mut known = self.0.lock();
        if known.live.contains_key(&id) {
            return Err(invalid_handle(
                &id,
                "OPERATION_ALREADY_EXISTS",
                "Operation already exists.",
            ));
        }
        let (abort, registration) = AbortHandle::new_pair();
        let operation = Arc::new(Operation {
            id: id.clone(),
            tags,
            reattachable,
            session: Arc::downgrade(session),
            abort,
            buffer: Mutex::new(Buffer {
                first: 0,
                responses: VecDeque::new(),
                n_sent: 0,
                state: State::Running,
                end: None,
                reader: 0,
            }),
            grown: Notify::new(),
            drained: Notify::new(),
        });
        known.live.insert(id, Arc::clone(&operation));
        Ok((operation, registration))
    }

    pub fn find(&self, id: &str) -> Option<Arc<Operation>> {
        self.0.lock().live.get(id).cloned()
    }

    /// Stops an operation if it still runs and drops its answers.
    pub fn forget(&self, id: &str) {
        let operation = self.0.lock().live.remove(id);
        if let Some(operation) = operation {
            operation.cancel();
            let state = operation.buffer.lock().state;
            let mut known = self.0.lock();
            known.ended.push_back((id.to_owned(), state));
            if known.ended.len() > ENDED_MAX {
                known.ended.pop_front();
            }
        }
    }

    /// Stops the running operations that `which` picks; their ids.
    pub fn interrupt(&self, which: impl Fn(&Operation) -> bool) -> Vec<String> {
        let picked: Vec<_> = {
            let known = self.0.lock();
            known.live.values().filter(|operation| which(operation)).cloned().collect()
        };
        picked
            .into_iter()
            .filter(|operation| operation.cancel())
            .map(|operation| operation.id.clone())
            .collect()
    }

    pub fn ids(&self) -> Vec<String> {
        let known = self.0.lock();
        let ended = known.ended.iter().map(|(id, _)| id.clone());
        known.live.keys().cloned().chain(ended).collect()
    }

    pub fn state(&self, id: &str) -> Option<State> {
        let known = self.0.lock();
        match known.live.get(id) {
            Some(operation) => Some(operation.buffer.lock().state),
            None => {
                known.ended.iter().rev().find(|(ended, _)| ended == id).map(|(_, state)| *state)
            }
        }
    }
}

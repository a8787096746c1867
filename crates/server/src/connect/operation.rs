//! One ExecutePlan: its answers wait here until the client has them, also over a broken connection.
//!
//! ```text
//! query ──push──▶ [ sent, kept for reattaching | not yet sent ] ──stream──▶ client
//!                   ◀── release_until, limit      limit: push waits
//! ```
//!
//! A stream that breaks off is taken up again by ReattachExecute, after the last answer that arrived.

use super::ResponseStream;
use super::errors;
use super::response_buffer::ResponseBuffer;
use crate::limits::Limits;
use crate::session::Session;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_proto::spark::connect as proto;
use futures::StreamExt;
use futures::future::{AbortHandle, AbortRegistration};
use parking_lot::Mutex;
use prost::Message;
use std::sync::{Arc, Weak};
use std::time::Instant;
use tokio::sync::Notify;
use tonic::Status;

/// Bytes of answers that wait to be sent before the query pauses.
const UNSENT_BYTES_MAX: usize = 10 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

struct Answers {
    responses: ResponseBuffer,
    state: State,
    /// Set when no answer will follow: the status to end the stream with, or none after success.
    end: Option<Option<Status>>,
    /// Number of the newest reader; older ones end.
    reader: usize,
    /// When the newest reader left, unless there is one.
    detached_since: Option<Instant>,
}

/// One ExecutePlan.
pub struct Operation {
    id: String,
    tags: Vec<String>,
    reattachable: bool,
    session: Weak<Session>,
    limits: Arc<Limits>,
    abort: AbortHandle,
    answers: Mutex<Answers>,
    /// Something was pushed, or the end came, or another reader did.
    grown: Notify,
    /// Something was sent.
    drained: Notify,
}

impl Operation {
    /// The registration makes the future stoppable that does the work.
    pub fn new(
        session: &Arc<Session>,
        id: String,
        tags: Vec<String>,
        reattachable: bool,
    ) -> (Arc<Operation>, AbortRegistration) {
        let (abort, registration) = AbortHandle::new_pair();
        let limits = Arc::clone(session.engine().limits());
        let operation = Operation {
            id,
            tags,
            reattachable: reattachable && limits.reattachable,
            session: Arc::downgrade(session),
            limits,
            abort,
            answers: Mutex::new(Answers {
                responses: ResponseBuffer::new(),
                state: State::Running,
                end: None,
                reader: 0,
                detached_since: None,
            }),
            grown: Notify::new(),
            drained: Notify::new(),
        };
        (Arc::new(operation), registration)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    pub fn state(&self) -> State {
        self.answers.lock().state
    }

    /// When the newest reader left, unless one is there.
    pub fn detached_since(&self) -> Option<Instant> {
        self.answers.lock().detached_since
    }

    /// Adds an answer; waits while the client is far behind.
    pub async fn push(&self, mut response: proto::ExecutePlanResponse) {
        response.operation_id = self.id.clone();
        if let Some(session) = self.session.upgrade() {
            response.session_id = session.key.id.clone();
            response.server_side_session_id = session.server_side_id.clone();
        }
        let bytes = response.encoded_len();
        loop {
            let drained = self.drained.notified();
            {
                let mut answers = self.answers.lock();
                let waiting = answers.responses.unsent_bytes();
                if waiting == 0 || waiting + bytes <= UNSENT_BYTES_MAX || answers.end.is_some() {
                    if answers.end.is_none() {
                        answers.responses.push(response, bytes);
                    }
                    drop(answers);
                    self.grown.notify_waiters();
                    return;
                }
            }
            drained.await;
        }
    }

    /// Ends well; `last` is what goes with the last answer: metrics, observations.
    pub async fn succeed(&self, mut last: proto::ExecutePlanResponse) {
        if self.reattachable {
            // Without this mark the client takes the end of the stream for a broken connection. Each answer
            // costs the client a call back, so this is none of its own.
            let complete = proto::execute_plan_response::ResultComplete::default();
            last.response_type =
                Some(proto::execute_plan_response::ResponseType::ResultComplete(complete));
        }
        if last != proto::ExecutePlanResponse::default() {
            self.push(last).await;
        }
        self.end(State::Succeeded, None);
    }

    /// Ends with an error.
    pub fn fail(&self, error: &SparkError) {
        self.end(State::Failed, Some(self.status(error)));
    }

    fn status(&self, error: &SparkError) -> Status {
        errors::status(error, self.session.upgrade().as_deref())
    }

    /// Stops the query; whether it was running.
    pub fn cancel(&self) -> bool {
        if self.answers.lock().end.is_some() {
            return false;
        }
        let error = SparkError::new(
            ErrorKind::Cancelled,
            "OPERATION_CANCELED",
            "Operation has been canceled.",
        );
        self.end(State::Cancelled, Some(self.status(&error)));
        self.abort.abort();
        true
    }

    fn end(&self, state: State, status: Option<Status>) {
        let mut answers = self.answers.lock();
        if answers.end.is_none() {
            answers.state = state;
            answers.end = Some(status);
        }
        drop(answers);
        self.grown.notify_waiters();
        self.drained.notify_waiters();
    }

    /// Forgets answers up to the one called `response_id`.
    pub fn release_until(&self, response_id: &str) {
        let responses = &mut self.answers.lock().responses;
        if let Some(number) = responses.number_of(response_id) {
            responses.release_through(number);
        }
    }

    /// A stream of all answers, for who began the operation.
    ///
    /// # Errors
    /// As [`Operation::reattach`].
    pub fn attach(self: &Arc<Self>) -> Result<ResponseStream> {
        self.stream_from(0)
    }

    /// A stream of the answers after `last`, or of all. Any other stream of this operation ends.
    ///
    /// # Errors
    /// `INVALID_CURSOR`: that answer never was, or what follows it is not kept any more, or the
    /// operation was not begun so that it can be taken up again.
    pub fn reattach(self: &Arc<Self>, last: Option<&str>) -> Result<ResponseStream> {
        if !self.reattachable {
            return Err(invalid_cursor("NOT_REATTACHABLE", "The cursor is not reattachable."));
        }
        let Some(last) = last else {
            return self.stream_from(0);
        };
        let number = self.answers.lock().responses.number_of(last);
        match number {
            Some(number) => self.stream_from(number + 1),
            None => {
                let text = format!("The cursor position id {last} is not found.");
                let error = invalid_cursor("POSITION_NOT_FOUND", &text);
                Err(error.with("responseId", last))
            }
        }
    }

    fn stream_from(self: &Arc<Self>, next: usize) -> Result<ResponseStream> {
        let mut answers = self.answers.lock();
        if next < answers.responses.first() {
            // Spark counts answers from 1.
            let (id, index) = (answers.responses.id_of(next), next + 1);
            let text =
                format!("The cursor position id {id} is no longer available at index {index}.");
            let error = invalid_cursor("POSITION_NOT_AVAILABLE", &text);
            return Err(error.with("index", index.to_string()).with("responseId", id));
        }
        answers.reader += 1;
        answers.detached_since = None;
        let number = answers.reader;
        drop(answers);
        self.grown.notify_waiters();
        let reader = Reader {
            operation: Arc::clone(self),
            next,
            number,
            began: Instant::now(),
            bytes_sent: 0,
        };
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

fn invalid_cursor(sub_condition: &str, text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::InvalidHandle,
        format!("INVALID_CURSOR.{sub_condition}"),
        format!("The cursor is invalid. {text}"),
    )
}

/// A stream's place in the answers of an operation.
struct Reader {
    operation: Arc<Operation>,
    next: usize,
    number: usize,
    began: Instant,
    bytes_sent: usize,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<proto::ExecutePlanResponse, Status>> {
        let operation = Arc::clone(&self.operation);
        let limits = &operation.limits;
        let deadline = match operation.reattachable {
            true => limits.stream_duration_max.map(|limit| self.began + limit),
            false => None,
        };
        let bytes_max = limits.stream_bytes_max.filter(|_| operation.reattachable);
        loop {
            let grown = operation.grown.notified();
            tokio::pin!(grown);
            // Registers before looking, so that nothing that comes in between is missed.
            grown.as_mut().enable();
            {
                let mut answers = operation.answers.lock();
                if answers.reader != self.number {
                    let text = "The cursor has been disconnected by the server.";
                    return Some(Err(operation.status(&invalid_cursor("DISCONNECTED", text))));
                }
                // A stream has a first answer whatever the limits: the client would ask for ever.
                let spent = bytes_max.is_some_and(|limit| self.bytes_sent >= limit)
                    || deadline.is_some_and(|deadline| Instant::now() >= deadline);
                if spent && self.bytes_sent > 0 {
                    return None;
                }
                let keep = if operation.reattachable { limits.retry_buffer_bytes } else { 0 };
                if let Some(response) = answers.responses.send(self.next, keep) {
                    self.next += 1;
                    self.bytes_sent += response.encoded_len();
                    drop(answers);
                    operation.drained.notify_waiters();
                    return Some(Ok(response));
                }
                if let Some(end) = &answers.end {
                    return end.clone().map(Err);
                }
            }
            match deadline {
                None => grown.await,
                Some(deadline) => {
                    if tokio::time::timeout_at(deadline.into(), grown).await.is_err() {
                        // Nothing to say for so long: the client asks again, which also tells whether
                        // it is still there.
                        return None;
                    }
                }
            }
        }
    }
}

impl Drop for Reader {
    /// The client went away, or has everything.
    fn drop(&mut self) {
        let mut answers = self.operation.answers.lock();
        if answers.reader != self.number {
            return;
        }
        answers.detached_since = Some(Instant::now());
        drop(answers);
        if !self.operation.reattachable
            && let Some(session) = self.operation.session.upgrade()
        {
            session.operations.forget(&self.operation.id);
        }
    }
}

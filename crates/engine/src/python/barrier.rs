//! Tasks that wait for one another (`mapInArrow(…, barrier=True)`): Spark's `BarrierCoordinator`.
//!
//! ```text
//!   worker 0 ──barrier() / allGather("a")──▶ socket 0 ┐
//!   worker 1 ──barrier() / allGather("b")──▶ socket 1 ┴▶ Gang: when all have called, all are answered ["a", "b"]
//! ```
//!
//! Each task has a socket of its own, by which the gang knows who calls. It lies where only this user may look, so
//! PySpark needs no secret for it. A task that fails ends all others with its error: they would wait forever.

use super::attempt::Barrier;
use super::pool;
use datafusion::common::{DataFusionError, Result};
use firesteel_common::SparkError;
use firesteel_common::error::ErrorKind;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};
use tokio::task::AbortHandle;

/// What a task says first: `pyspark.taskcontext.ALL_GATHER_FUNCTION`; the other is `BARRIER_FUNCTION`.
const ALL_GATHER: i32 = 2;

/// Bytes of a message; a worker that claims more is not believed.
const MESSAGE_BYTES_MAX: i32 = 1 << 30;

static N_SOCKETS: AtomicU64 = AtomicU64::new(0);

/// The tasks of one stage that run together.
#[derive(Debug)]
pub struct Gang {
    n_tasks: usize,
    state: Mutex<State>,
    /// Why the first task failed that did.
    failure: watch::Sender<Option<SparkError>>,
}

#[derive(Debug, Default)]
struct State {
    joined: HashSet<usize>,
    n_ended: usize,
    waiting: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    task: usize,
    function: i32,
    message: Vec<u8>,
    answer: oneshot::Sender<Vec<Vec<u8>>>,
}

/// One task of a gang. Its socket goes when this is dropped.
#[derive(Debug)]
pub struct Member {
    gang: Arc<Gang>,
    task: usize,
    socket: PathBuf,
    server: AbortHandle,
}

impl Member {
    /// Joins the gang that gathers at `place`, or begins the next one if this task has been in it.
    ///
    /// # Errors
    /// When there can be no socket.
    pub fn join(place: &Mutex<Weak<Gang>>, n_tasks: usize, task: usize) -> Result<Self> {
        let gang = Gang::at(place, n_tasks, task);
        let number = N_SOCKETS.fetch_add(1, Ordering::Relaxed);
        let socket = pool::sockets()?.join(format!(".barrier-{}-{number}", std::process::id()));
        let listener = UnixListener::bind(&socket)?;
        let server = tokio::spawn(serve_all(listener, Arc::clone(&gang), task)).abort_handle();
        Ok(Self { gang, task, socket, server })
    }

    /// What the worker is told.
    pub fn told(&self) -> Barrier {
        // As Spark's: one address per task. All are on this machine, and none has a port of its own.
        let addresses = vec!["localhost"; self.gang.n_tasks].join(",");
        Barrier { socket: self.socket.to_string_lossy().into_owned(), addresses }
    }

    /// Waits for another task to fail.
    pub async fn others_failure(&self) -> DataFusionError {
        let mut failure = self.gang.failure.subscribe();
        match failure.wait_for(Option::is_some).await.map(|failure| failure.clone()) {
            Ok(Some(error)) => error.into(),
            // The gang lives as long as its members.
            _ => std::future::pending().await,
        }
    }

    /// The task has ended well. Whoever waits for it now would wait forever.
    pub fn ended(&self) {
        let mut state = self.gang.state.lock();
        state.n_ended += 1;
        if !state.waiting.is_empty() {
            drop(state);
            self.gang.fail(&left_early());
        }
    }

    /// The task, of the stage of this number, has failed, and with it all others.
    pub fn failed(&self, error: DataFusionError, stage: u64) -> DataFusionError {
        let error = unrecoverable(&SparkError::from(error), stage, self.task);
        self.gang.fail(&error);
        error.into()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.server.abort();
        let _ = std::fs::remove_file(&self.socket);
    }
}

impl Gang {
    fn at(place: &Mutex<Weak<Self>>, n_tasks: usize, task: usize) -> Arc<Self> {
        let mut place = place.lock();
        if let Some(gang) = place.upgrade().filter(|gang| gang.state.lock().joined.insert(task)) {
            return gang;
        }
        let state = State { joined: HashSet::from([task]), ..State::default() };
        let failure = watch::Sender::new(None);
        let gang = Arc::new(Self { n_tasks, state: Mutex::new(state), failure });
        *place = Arc::downgrade(&gang);
        gang
    }

    fn fail(&self, error: &SparkError) {
        self.failure.send_if_modified(|failure| {
            let is_first = failure.is_none();
            failure.get_or_insert_with(|| error.clone());
            is_first
        });
    }

    /// Notes a call; the last one of a round answers all, in the order of tasks.
    fn call(&self, call: Call) {
        let mut state = self.state.lock();
        if state.n_ended > 0 {
            return self.fail(&left_early());
        }
        if state.waiting.first().is_some_and(|first| first.function != call.function) {
            return self.fail(&different_calls());
        }
        state.waiting.push(call);
        if state.waiting.len() < self.n_tasks {
            return;
        }
        let mut round = std::mem::take(&mut state.waiting);
        drop(state);
        round.sort_by_key(|call| call.task);
        let messages: Vec<Vec<u8>> =
            round.iter_mut().map(|call| std::mem::take(&mut call.message)).collect();
        for call in round {
            // Who has gone needs no answer.
            let _ = call.answer.send(messages.clone());
        }
    }
}

async fn serve_all(listener: UnixListener, gang: Arc<Gang>, task: usize) {
    while let Ok((connection, _)) = listener.accept().await {
        // A connection that breaks is its worker's affair.
        let _ = serve(connection, &gang, task).await;
    }
}

/// One call, in PySpark's words. Without an answer it waits until the gang has failed, which ends its worker.
async fn serve(mut connection: UnixStream, gang: &Gang, task: usize) -> io::Result<()> {
    let function = connection.read_i32().await?;
    let mut message = Vec::new();
    if function == ALL_GATHER {
        let length = connection.read_i32().await?;
        if !(0..=MESSAGE_BYTES_MAX).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        message.resize(length as usize, 0);
        connection.read_exact(&mut message).await?;
    }
    let (answer, answered) = oneshot::channel();
    gang.call(Call { task, function, message, answer });
    let Ok(messages) = answered.await else { return std::future::pending().await };
    let mut reply = Vec::new();
    reply.extend((messages.len() as i32).to_be_bytes());
    for message in &messages {
        reply.extend((message.len() as i32).to_be_bytes());
        reply.extend(message);
    }
    connection.write_all(&reply).await
}

/// Spark's error for a task that failed, which tells the task's own in its text only.
fn unrecoverable(error: &SparkError, stage: u64, task: usize) -> SparkError {
    let class = match error.kind() {
        ErrorKind::Python => "org.apache.spark.api.python.PythonException",
        _ => "org.apache.spark.SparkException",
    };
    let condition = match error.condition() {
        "" => String::new(),
        condition => format!("[{condition}] "),
    };
    let text = format!(
        "Job aborted due to stage failure: Could not recover from a failed barrier ResultStage. Most recent failure \
         reason: Stage failed because barrier task ResultTask({stage}, {task}) finished unsuccessfully.\n\
         {class}: {condition}{}",
        error.raw_message()
    );
    SparkError::new(ErrorKind::Execution, "", text)
}

/// Spark's error for more tasks than can run at once.
pub fn too_few_slots(n_tasks: usize, n_slots: usize) -> SparkError {
    let text = format!(
        "[SPARK-24819]: Barrier execution mode does not allow run a barrier stage that requires more slots than the \
         total number of slots in the cluster currently. The stage has {n_tasks} tasks, there are {n_slots} slots: \
         use fewer partitions, or more slots (local[{n_tasks}])."
    );
    SparkError::new(ErrorKind::Execution, "", text)
}

/// Spark would wait for a year.
fn left_early() -> SparkError {
    let text = "A task of a barrier stage waits for another one that has ended: all tasks must call barrier() and \
                allGather() equally often.";
    SparkError::new(ErrorKind::Execution, "", text)
}

fn different_calls() -> SparkError {
    let text = "Tasks of a barrier stage wait for one another in different calls: one in barrier(), another in \
                allGather().";
    SparkError::new(ErrorKind::Execution, "", text)
}

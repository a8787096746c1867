//! One task on one worker: the input is written while the output is read.
//!
//! ```text
//! input ──chunks──▶ writer task ──▶ worker ──▶ Session::next ──▶ whoever asks for output
//! ```
//!
//! The writer runs by itself, so a worker that reads late, or never, blocks nobody but itself; the end of the
//! output ends the writer, whether or not it has got rid of all input. Framing is the caller's: chunks are
//! bytes that go out as they are, and what comes back is told apart by its first number only.

use super::failure;
use super::gate::Permit;
use super::ipc::Decoder;
use super::message::special;
use super::pool::{Worker, WorkerKey};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};
use firesteel_common::SparkError;
use futures::StreamExt;
use futures::stream::BoxStream;
use socket2::SockRef;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinHandle;

/// How long the daemon may take to kill a worker.
const DEATH: Duration = Duration::from_millis(500);

/// Bytes that are read at once of an answer: many frames, or the head of a batch, whose rest needs no copy then.
const FRAMES: usize = 64 * 1024;
const HEADS: usize = 4 * 1024;

/// Bytes on their way to a worker: some batches, so that neither side has to wait for the other at each.
const ON_THE_WAY: usize = 1024 * 1024;

/// What a worker says.
#[derive(Debug)]
pub enum Answer {
    /// Rows, of types that exchange Arrow.
    Batch(RecordBatch),
    /// Bytes after their length, of types that exchange pickles.
    Frame(Vec<u8>),
    /// The last: the worker is done.
    End(Summary),
}

/// What a worker tells at the end of a task.
#[derive(Debug, Default)]
pub struct Summary {
    /// Start of the worker, of the task, end of the task (ms since the epoch), and ms of computing.
    pub times: [i64; 4],
    /// Bytes in memory and on disk that the worker's own sorters and mergers spilled.
    pub spilled: [i64; 2],
    /// Pickled `(id, value)` of accumulators.
    pub accumulators: Vec<Vec<u8>>,
}

/// A task that is to run.
pub struct Job {
    pub key: WorkerKey,
    /// Everything before the data ([`super::start`]).
    pub start: Vec<u8>,
    /// The data, in the framing of the eval type; the end of stream is added.
    pub input: BoxStream<'static, Result<Vec<u8>>>,
    /// For errors.
    pub partition: usize,
    /// Its number, from zero.
    pub attempt: u32,
    /// Whether the answer is many small frames.
    pub answers_rows: bool,
    /// Seconds of silence after which the worker is killed; 0: never.
    pub silence_max_s: u64,
    /// Held until the task ends.
    pub permit: Option<Permit>,
}

/// A task that runs. Dropped early, it kills its worker.
pub struct Session {
    worker: Option<Worker>,
    /// None after the end.
    from: Option<BufReader<OwnedReadHalf>>,
    writer: Writer,
    rows: Option<Decoder>,
    summary: Summary,
    partition: usize,
    attempt: u32,
    silence_max_s: u64,
    permit: Option<Permit>,
}

/// How writing ended, if not well.
enum WriteError {
    /// The input failed: so does the task.
    Input(DataFusionError),
    /// The worker reads no more. It says why, or has died; either shows where it is read.
    Unread,
}

/// The task that writes; aborted with this.
struct Writer {
    task: Option<JoinHandle<Result<OwnedWriteHalf, WriteError>>>,
    /// The connection, when all was written.
    done: Option<OwnedWriteHalf>,
    /// Whether it waits for input and not for the worker.
    wants_input: Arc<AtomicBool>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Drop for Session {
    /// A worker that is being killed would still complain of a connection that nobody reads, on the user's screen.
    fn drop(&mut self) {
        if let (Some(worker), Some(from)) = (self.worker.take(), self.from.take()) {
            drop(worker);
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    tokio::time::sleep(DEATH).await;
                    drop(from);
                });
            }
        }
    }
}

impl Session {
    /// Takes a worker and starts.
    ///
    /// # Errors
    /// When Python cannot be started.
    pub async fn begin(job: Job) -> Result<Self> {
        let Job { key, start, input, partition, attempt, answers_rows, silence_max_s, permit } =
            job;
        let taken = tokio::task::spawn_blocking(move || Worker::take(&key)).await;
        let mut worker = taken.map_err(|error| SparkError::internal(error.to_string()))??;
        let stream = worker.take_stream().ok_or_else(|| SparkError::internal("no connection"))?;
        stream.set_nonblocking(true)?;
        // Where the system allows less, it gives what it allows.
        let _ = SockRef::from(&stream).set_send_buffer_size(ON_THE_WAY);
        let (from, to) = UnixStream::from_std(stream)?.into_split();
        let wants_input = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(write(to, start, input, Arc::clone(&wants_input)));
        Ok(Self {
            worker: Some(worker),
            from: Some(BufReader::with_capacity(if answers_rows { FRAMES } else { HEADS }, from)),
            writer: Writer { task: Some(task), done: None, wants_input },
            rows: None,
            summary: Summary::default(),
            partition,
            attempt,
            silence_max_s,
            permit,
        })
    }

    /// The next answer. After [`Answer::End`] there is none.
    ///
    /// # Errors
    /// The input's own; `PYTHON_EXCEPTION` with the traceback; an I/O error when the worker died.
    pub async fn next(&mut self) -> Result<Answer> {
        if let Some(permit) = &mut self.permit {
            permit.wanted(true);
        }
        let answer = self.awaited().await;
        if let Some(permit) = &mut self.permit {
            permit.wanted(false);
        }
        match answer {
            Ok(answer) => {
                if matches!(answer, Answer::End(_)) {
                    self.permit = None;
                }
                Ok(answer)
            }
            Err(error) => {
                self.permit = None;
                Err(error)
            }
        }
    }

    async fn awaited(&mut self) -> Result<Answer> {
        match self.reads().await? {
            None => Err(failure::silent(self.silence_max_s).into()),
            Some(Ok(Read::Answer(answer))) => Ok(answer),
            Some(Ok(Read::Raised(traceback))) => {
                // It waits for the connection to close.
                self.worker.take().into_iter().for_each(Worker::retire);
                Err(failure::raised(&traceback).into())
            }
            Some(Ok(Read::End { takes_more })) => {
                self.finish(takes_more).await;
                Ok(Answer::End(std::mem::take(&mut self.summary)))
            }
            Some(Err(error)) if is_broken(&error) => {
                self.worker.take().into_iter().for_each(Worker::retire);
                Err(failure::died(self.partition, self.attempt + 1))
            }
            Some(Err(error)) => Err(error.into()),
        }
    }

    /// What the worker says next; none if it is silent for too long.
    ///
    /// # Errors
    /// The input's.
    async fn reads(&mut self) -> Result<Option<Result<Read, ArrowError>>> {
        let Self { from, writer, rows, summary, silence_max_s, .. } = self;
        let Some(from) = from else {
            return Err(SparkError::internal("a Python task was read after its end").into());
        };
        let silence = Duration::from_secs(match *silence_max_s {
            0 => u64::from(u32::MAX),
            seconds => seconds,
        });
        let read = read(from, rows, summary);
        tokio::pin!(read);
        loop {
            let Some(task) = &mut writer.task else {
                return Ok(tokio::time::timeout(silence, &mut read).await.ok());
            };
            tokio::select! {
                answer = &mut read => return Ok(Some(answer)),
                end = task => {
                    writer.task = None;
                    match end {
                        Ok(Ok(connection)) => writer.done = Some(connection),
                        Ok(Err(WriteError::Unread)) => {}
                        Ok(Err(WriteError::Input(error))) => return Err(error),
                        Err(error) => return Err(panicked(error)),
                    }
                }
                () = tokio::time::sleep(silence) => {
                    if !writer.wants_input.load(Ordering::Relaxed) {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Gives the worker back, if it takes another task.
    async fn finish(&mut self, takes_more: bool) {
        let (Some(worker), Some(from)) = (self.worker.take(), self.from.take()) else { return };
        if !takes_more {
            return worker.retire();
        }
        // It has read the end of the stream, so that writing is over or about to be.
        let written = match self.writer.task.take() {
            Some(task) => task.await.ok().and_then(Result::ok),
            None => self.writer.done.take(),
        };
        let stream = written.and_then(|to| from.into_inner().reunite(to).ok());
        match stream.map(UnixStream::into_std) {
            Some(Ok(stream)) => worker.keep(stream),
            _ => worker.retire(),
        }
    }
}

async fn write(
    mut to: OwnedWriteHalf,
    start: Vec<u8>,
    mut input: BoxStream<'static, Result<Vec<u8>>>,
    wants_input: Arc<AtomicBool>,
) -> Result<OwnedWriteHalf, WriteError> {
    let unread = |_| WriteError::Unread;
    to.write_all(&start).await.map_err(unread)?;
    loop {
        wants_input.store(true, Ordering::Relaxed);
        let chunk = input.next().await;
        wants_input.store(false, Ordering::Relaxed);
        match chunk {
            Some(Ok(chunk)) => to.write_all(&chunk).await.map_err(unread)?,
            Some(Err(error)) => return Err(WriteError::Input(error)),
            None => break,
        }
    }
    to.write_all(&special::END_OF_STREAM.to_be_bytes()).await.map_err(unread)?;
    Ok(to)
}

/// What was read.
enum Read {
    Answer(Answer),
    Raised(String),
    End { takes_more: bool },
}

async fn read(
    from: &mut BufReader<OwnedReadHalf>,
    rows: &mut Option<Decoder>,
    summary: &mut Summary,
) -> Result<Read, ArrowError> {
    loop {
        if let Some(decoder) = rows {
            match decoder.next(from).await? {
                Some(batch) => return Ok(Read::Answer(Answer::Batch(batch))),
                None => *rows = None,
            }
        }
        match from.read_i32().await? {
            special::START_ARROW => *rows = Some(Decoder::default()),
            special::TIMING => {
                for place in summary.times.iter_mut().chain(&mut summary.spilled) {
                    *place = from.read_i64().await?;
                }
            }
            special::EXCEPTION => {
                let traceback = blob(from).await?;
                return Ok(Read::Raised(String::from_utf8_lossy(&traceback).into_owned()));
            }
            special::END_OF_DATA => {
                for _ in 0..from.read_i32().await?.max(0) {
                    summary.accumulators.push(blob(from).await?);
                }
                let takes_more = from.read_i32().await? == special::END_OF_STREAM;
                return Ok(Read::End { takes_more });
            }
            length => {
                return Ok(Read::Answer(Answer::Frame(bytes(from, length).await?)));
            }
        }
    }
}

async fn blob(from: &mut BufReader<OwnedReadHalf>) -> Result<Vec<u8>, ArrowError> {
    let length = from.read_i32().await?;
    bytes(from, length).await
}

async fn bytes(from: &mut BufReader<OwnedReadHalf>, length: i32) -> Result<Vec<u8>, ArrowError> {
    let length = usize::try_from(length)
        .map_err(|_| ArrowError::IpcError(format!("a Python worker sent the length {length}")))?;
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// Whether the worker is gone, as against: sent what nobody understands.
fn is_broken(error: &ArrowError) -> bool {
    matches!(error, ArrowError::IoError(..))
}

fn panicked(error: tokio::task::JoinError) -> DataFusionError {
    SparkError::internal(format!("the input of a Python worker: {error}")).into()
}

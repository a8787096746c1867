//! The rows of a shared part: computed once, read by everyone who asks, each at a pace of their own.
//!
//! ```text
//!              filler task (one per partition, begun by its first reader)
//!   input ──▶ │ on disk: 0 … 41 │ in memory: 42 … 57 │ ──▶ at most a few batches ahead of the fastest reader
//!                  ▲ reader 2        ▲ reader 1
//! ```
//! Nobody waits for a reader: the filler stops when no one wants more and goes on when someone does; a batch is
//! dropped when every reader has passed it, and goes to disk with all others if the memory pool denies the next.

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, SpillFile, TaskContext};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SpillMetrics};
use datafusion::physical_plan::spill::SpillManager;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// Batches that the filler may be ahead of the fastest reader.
const BATCHES_AHEAD: usize = 4;
/// Least size of a file.
const FILE_BYTES_MIN: usize = 32 << 20;
/// Name in errors and metrics.
const CONSUMER: &str = "SharedRowsExec";

/// The rows of `input`, for `n_readers` operators.
pub(crate) struct SharedRows {
    input: Arc<dyn ExecutionPlan>,
    n_readers: usize,
    parts: Vec<Arc<Part>>,
    metrics: ExecutionPlanMetricsSet,
}

impl SharedRows {
    /// `metrics` get what is spilled.
    pub fn new(
        input: Arc<dyn ExecutionPlan>,
        n_readers: usize,
        metrics: ExecutionPlanMetricsSet,
    ) -> Arc<Self> {
        let n_parts = input.output_partitioning().partition_count();
        let parts = (0..n_parts).map(|_| Arc::default()).collect();
        Arc::new(Self { input, n_readers, parts, metrics })
    }

    pub fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }

    pub fn n_readers(&self) -> usize {
        self.n_readers
    }

    /// All rows of a partition. Each reader asks once.
    ///
    /// # Errors
    /// When the partition cannot be started.
    pub fn read(
        self: &Arc<Self>,
        partition: usize,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let Some(part) = self.parts.get(partition) else {
            return datafusion::common::internal_err!("shared rows have no partition {partition}");
        };
        let mut state = part.state.lock();
        let number = state.positions.len();
        if number >= self.n_readers {
            // Somebody reads again what may be gone.
            drop(state);
            return self.input.execute(partition, Arc::clone(context));
        }
        state.positions.push(0);
        let spilled = SpillMetrics::new(&self.metrics, partition);
        let files = SpillManager::new(context.runtime_env(), spilled, self.input.schema())
            .with_compression_type(context.session_config().spill_compression());
        if number == 0 {
            let filler = Filler {
                input: Arc::clone(&self.input),
                partition,
                context: Arc::clone(context),
                part: Arc::clone(part),
                files: files.clone(),
            };
            state.filler = Some(tokio::spawn(filler.run()).abort_handle());
        }
        drop(state);
        let reader = Reader {
            _rows: Arc::clone(self),
            part: Arc::clone(part),
            number,
            n_readers: self.n_readers,
            at: 0,
            files,
            file: None,
        };
        let rows = stream::try_unfold(reader, |mut reader| async move {
            Ok(reader.next().await?.map(|batch| (batch, reader)))
        });
        let rows = RecordBatchStreamAdapter::new(self.input.schema(), rows);
        Ok(make_cooperative(Box::pin(rows)))
    }
}

impl fmt::Debug for SharedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedRows({:?})", self.input)
    }
}

impl Drop for SharedRows {
    fn drop(&mut self) {
        // A filler holds its part, and would wait for readers forever.
        for part in &self.parts {
            part.state.lock().abandon();
        }
    }
}

/// One partition.
#[derive(Default)]
struct Part {
    state: Mutex<State>,
    /// There is more to read, or an end.
    changed: Notify,
    /// Somebody wants more.
    wanted: Notify,
}

#[derive(Default)]
struct State {
    /// The next batch of each reader that has begun.
    positions: Vec<usize>,
    /// Batches in memory with the bytes that each added, and the number of the first of them.
    memory: VecDeque<(RecordBatch, usize)>,
    first: usize,
    reservation: Option<MemoryReservation>,
    /// Files and the batches in them, in order.
    disk: Vec<(Range<usize>, Option<Arc<dyn SpillFile>>)>,
    /// Up to which batch somebody wants to read.
    wanted: usize,
    ended: bool,
    error: Option<Arc<DataFusionError>>,
    filler: Option<AbortHandle>,
}

impl State {
    /// The number of the next batch.
    fn end(&self) -> usize {
        self.first + self.memory.len()
    }

    /// Drops what all of `n_readers` have passed.
    fn release(&mut self, n_readers: usize) {
        if self.positions.len() < n_readers {
            return;
        }
        let passed = self.positions.iter().copied().min().unwrap_or(0);
        while self.first < passed
            && let Some((_, n_bytes)) = self.memory.pop_front()
        {
            self.first += 1;
            if let Some(reservation) = &self.reservation {
                reservation.shrink(n_bytes.min(reservation.size()));
            }
        }
        self.disk.retain(|(range, _)| range.end > passed);
        if passed == usize::MAX {
            self.abandon();
        }
    }

    /// Nobody will read any more.
    fn abandon(&mut self) {
        if let Some(filler) = self.filler.take() {
            filler.abort();
        }
    }
}

impl Part {
    /// Gives `batch` back if there is no memory for it.
    fn keep(&self, batch: RecordBatch, n_bytes: usize) -> Option<RecordBatch> {
        let mut state = self.state.lock();
        let granted = state.reservation.as_ref().is_some_and(|it| it.try_grow(n_bytes).is_ok());
        if !granted {
            return Some(batch);
        }
        state.memory.push_back((batch, n_bytes));
        None
    }

    fn finish(&self, error: Option<DataFusionError>) {
        let mut state = self.state.lock();
        if !state.ended {
            state.ended = true;
            state.error = error.map(Arc::new);
        }
        drop(state);
        self.changed.notify_waiters();
    }
}

/// What fills a partition.
struct Filler {
    input: Arc<dyn ExecutionPlan>,
    partition: usize,
    context: Arc<TaskContext>,
    part: Arc<Part>,
    files: SpillManager,
}

impl Filler {
    async fn run(self) {
        // However this task ends, readers must not wait for it.
        let died = Died(Arc::clone(&self.part));
        let result = self.fill().await;
        self.part.finish(result.err());
        drop(died);
    }

    async fn fill(&self) -> Result<()> {
        let reservation = MemoryConsumer::new(format!("{CONSUMER}[{}]", self.partition))
            .with_can_spill(true)
            .register(self.context.memory_pool());
        self.part.state.lock().reservation = Some(reservation);
        let mut rows = self.input.execute(self.partition, Arc::clone(&self.context))?;
        let mut counter = RecordBatchMemoryCounter::new();
        loop {
            self.until_wanted().await;
            let Some(batch) = rows.next().await.transpose()? else {
                return Ok(());
            };
            let n_bytes = counter.count_batch(&batch);
            if let Some(batch) = self.part.keep(batch, n_bytes) {
                self.spill(batch, &mut rows).await?;
                counter = RecordBatchMemoryCounter::new();
            }
            self.part.changed.notify_waiters();
        }
    }

    /// Waits until somebody wants more than there is.
    async fn until_wanted(&self) {
        loop {
            {
                let state = self.part.state.lock();
                if state.end() < state.wanted {
                    return;
                }
            }
            self.part.wanted.notified().await;
        }
    }

    /// Moves what is in memory to a file, with `batch`, and with what follows if that would be little.
    async fn spill(&self, batch: RecordBatch, rows: &mut SendableRecordBatchStream) -> Result<()> {
        let mut file = self.files.create_in_progress_file(CONSUMER)?;
        let (first, held): (_, Vec<_>) = {
            let state = self.part.state.lock();
            (state.first, state.memory.iter().map(|(batch, _)| batch.clone()).collect())
        };
        let mut n_bytes = 0;
        let mut end = first;
        let mut next = Some(batch);
        let mut held = held.into_iter();
        loop {
            let batch = match held.next().or_else(|| next.take()) {
                Some(batch) => batch,
                None if n_bytes >= FILE_BYTES_MIN => break,
                None => match rows.next().await.transpose()? {
                    Some(batch) => batch,
                    None => break,
                },
            };
            n_bytes += batch.get_array_memory_size();
            file.append_batch(&batch)?;
            end += 1;
        }
        let file = file.finish()?;
        let mut state = self.part.state.lock();
        state.memory.clear();
        state.first = end;
        state.disk.push((first..end, file));
        if let Some(reservation) = &state.reservation {
            reservation.free();
        }
        Ok(())
    }
}

/// Tells the readers when the filler panics or is ended.
struct Died(Arc<Part>);

impl Drop for Died {
    fn drop(&mut self) {
        let message = "the task that computes shared rows died".to_owned();
        self.0.finish(Some(DataFusionError::Internal(message)));
    }
}

struct Reader {
    /// Who is read of.
    _rows: Arc<SharedRows>,
    part: Arc<Part>,
    number: usize,
    n_readers: usize,
    /// Number of the batch to be read next.
    at: usize,
    files: SpillManager,
    file: Option<SendableRecordBatchStream>,
}

enum Step {
    Batch(RecordBatch),
    /// A file, and the batches in it to be passed over.
    File(Option<Arc<dyn SpillFile>>, usize),
    Wait,
    End,
}

impl Reader {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(file) = &mut self.file {
                match file.next().await.transpose()? {
                    Some(batch) => {
                        self.advance();
                        return Ok(Some(batch));
                    }
                    None => self.file = None,
                }
            }
            let part = Arc::clone(&self.part);
            let changed = part.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            match self.step()? {
                Step::Batch(batch) => {
                    self.advance();
                    return Ok(Some(batch));
                }
                Step::File(file, n_passed) => {
                    let Some(file) = file else {
                        return datafusion::common::internal_err!("shared rows lost a file");
                    };
                    let rows = self.files.read_spill_as_stream(file, None)?;
                    self.file = Some(Box::pin(RecordBatchStreamAdapter::new(
                        rows.schema(),
                        rows.skip(n_passed),
                    )));
                }
                Step::Wait => {
                    self.part.wanted.notify_one();
                    changed.await;
                }
                Step::End => return Ok(None),
            }
        }
    }

    fn step(&self) -> Result<Step> {
        let mut state = self.part.state.lock();
        if let Some((batch, _)) =
            self.at.checked_sub(state.first).and_then(|place| state.memory.get(place))
        {
            return Ok(Step::Batch(batch.clone()));
        }
        if let Some((range, file)) = state.disk.iter().find(|(range, _)| range.contains(&self.at)) {
            return Ok(Step::File(file.clone(), self.at - range.start));
        }
        if let Some(error) = &state.error {
            return Err(DataFusionError::Shared(Arc::clone(error)));
        }
        if state.ended {
            return Ok(Step::End);
        }
        state.wanted = state.wanted.max(self.at + BATCHES_AHEAD);
        Ok(Step::Wait)
    }

    /// A batch was read.
    fn advance(&mut self) {
        self.at += 1;
        let mut state = self.part.state.lock();
        state.positions[self.number] = self.at;
        state.wanted = state.wanted.max(self.at + BATCHES_AHEAD);
        state.release(self.n_readers);
        drop(state);
        self.part.wanted.notify_one();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.part.state.lock();
        state.positions[self.number] = usize::MAX;
        state.release(self.n_readers);
        drop(state);
        self.part.wanted.notify_one();
    }
}

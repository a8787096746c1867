//! What the tasks of one Python operator share, and how each of them runs.

use super::attempt::{Barrier, next_attempt, next_stage};
use super::attempts::{self, Opening};
use super::barrier::Member;
use super::gate::Gate;
use super::run::Answer;
use super::start::Attempt;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use firesteel_common::SparkError;
use firesteel_common::operator::Task;
use firesteel_common::python::{PythonSettings, PythonTableTask, PythonTask};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Weak};
use tokio::sync::mpsc;

/// Batches of a partition.
pub type Rows = BoxStream<'static, Result<RecordBatch>>;
/// What a worker is sent, in the framing of its eval type.
pub type Chunks = BoxStream<'static, Result<Vec<u8>>>;

/// One per operator. Copies of it that came as bytes are the same one where they are in the same process: its
/// tasks then share the gate, and with it the accumulators that the client asks for.
#[derive(Debug, Clone)]
pub struct Stage {
    opening: Opening,
    id: StageId,
    gate: Arc<Gate>,
}

/// A stage on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StageId {
    /// Differs between processes.
    process: u64,
    number: u64,
}

static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));

/// The gates of stages that somebody holds.
static GATES: LazyLock<Mutex<HashMap<StageId, Weak<Gate>>>> = LazyLock::new(Mutex::default);

impl Stage {
    /// Calls of functions.
    pub fn of_functions(task: Arc<PythonTask>) -> Self {
        Self::begin(Opening::Functions(task))
    }

    /// A table function.
    pub fn of_table(table: Arc<PythonTableTask>) -> Self {
        Self::begin(Opening::Table(table))
    }

    fn begin(opening: Opening) -> Self {
        Self::with_id(opening, StageId { process: *PROCESS, number: next_stage() })
    }

    fn with_id(opening: Opening, id: StageId) -> Self {
        let mut gates = GATES.lock();
        let gate = gates.get(&id).and_then(Weak::upgrade).unwrap_or_else(|| {
            gates.retain(|_, gate| gate.strong_count() > 0);
            let gate = Gate::new(opening.settings().slots);
            gates.insert(id, Arc::downgrade(&gate));
            gate
        });
        Self { opening, id, gate }
    }

    /// This stage as it was made elsewhere.
    #[must_use]
    pub fn known_as(self, id: StageId) -> Self {
        Self::with_id(self.opening, id)
    }

    pub fn id(&self) -> StageId {
        self.id
    }

    /// The places of its tasks, and their accumulators.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The functions; those of a table function are its handler.
    pub fn task(&self) -> &PythonTask {
        self.opening.task()
    }

    pub fn settings(&self) -> &PythonSettings {
        self.opening.settings()
    }

    /// What the worker of a partition answers to `input`. Dropping the stream kills the worker.
    pub fn answers(&self, partition: usize, input: Chunks) -> BoxStream<'static, Result<Answer>> {
        self.answers_of(partition, input, None)
    }

    fn answers_of(
        &self,
        partition: usize,
        input: Chunks,
        barrier: Option<Barrier>,
    ) -> BoxStream<'static, Result<Answer>> {
        let (stage, id) = (self.id.number, next_attempt());
        let attempt = Attempt { stage, partition, number: 0, id, barrier };
        attempts::answers(self.opening.clone(), attempt, input, Arc::clone(&self.gate))
    }

    /// As [`Stage::answers`], of functions that answer with Arrow batches only.
    pub fn batches(&self, partition: usize, input: Chunks) -> Rows {
        batches(self.answers(partition, input))
    }

    /// As [`Stage::batches`], of one of the `n_tasks` tasks of a barrier stage. It runs from now on, whether or not
    /// somebody reads: others wait for it. What nobody has read yet is kept in memory and counted in `kept`.
    pub fn batches_of_gang(
        &self,
        partition: usize,
        n_tasks: usize,
        input: Chunks,
        kept: MemoryReservation,
    ) -> Rows {
        let (stage, kept) = (self.clone(), Arc::new(kept));
        let (sender, receiver) = mpsc::unbounded_channel();
        let counted = Arc::clone(&kept);
        let task = SpawnedTask::spawn(async move {
            if let Err(error) = stage.run_member(partition, n_tasks, input, &counted, &sender).await
            {
                let _ = sender.send(Err(error));
            }
        });
        let rows = stream::unfold((receiver, task), |(mut receiver, task)| async move {
            let rows = receiver.recv().await?;
            Some((rows, (receiver, task)))
        });
        let rows = rows.inspect_ok(move |batch| kept.shrink(batch.get_array_memory_size()));
        rows.boxed()
    }

    async fn run_member(
        &self,
        partition: usize,
        n_tasks: usize,
        input: Chunks,
        kept: &MemoryReservation,
        rows: &mpsc::UnboundedSender<Result<RecordBatch>>,
    ) -> Result<()> {
        let member = Member::join(self.gate.gang(), n_tasks, partition)?;
        let mut answers = batches(self.answers_of(partition, input, Some(member.told())));
        loop {
            let batch = tokio::select! {
                batch = answers.next() => batch,
                failure = member.others_failure() => return Err(failure),
            };
            let batch = batch.transpose().and_then(|batch| {
                batch.iter().try_for_each(|batch| kept.try_grow(batch.get_array_memory_size()))?;
                Ok(batch)
            });
            match batch {
                Ok(Some(batch)) => {
                    // Nobody reads any more: this task is about to be ended.
                    let _ = rows.send(Ok(batch));
                }
                Ok(None) => {
                    member.ended();
                    return Ok(());
                }
                Err(error) => return Err(member.failed(error, self.id.number)),
            }
        }
    }
}

fn batches(answers: BoxStream<'static, Result<Answer>>) -> Rows {
    let batches = answers.try_filter_map(|answer| {
        std::future::ready(match answer {
            Answer::Batch(batch) => Ok(Some(batch)),
            Answer::End(_) => Ok(None),
            Answer::Frame(_) => Err(SparkError::internal("rows as pickles").into()),
        })
    });
    batches.boxed()
}

/// What `compute` makes of the rows of a task's input. Where there are none there is nothing to call, and no worker
/// is taken.
///
/// # Errors
/// When the input cannot begin.
pub fn computed(
    task: &Task,
    compute: impl FnOnce(SendableRecordBatchStream) -> Result<Rows> + Send + 'static,
) -> Result<SendableRecordBatchStream> {
    let input = task.input()?;
    let output = async move {
        let schema = input.schema();
        let rows = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
        let mut rows = Box::pin(rows.peekable());
        if rows.as_mut().peek().await.is_none() {
            return Ok::<_, DataFusionError>(stream::empty().boxed());
        }
        compute(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    };
    let output = stream::once(output).try_flatten();
    Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&task.schema), output)))
}

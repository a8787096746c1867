//! Task slots: how many partitions of a plan run at once (`local[N]`).
//!
//! DataFusion polls every partition at once; with 1,024 partitions that would split one memory pool
//! 1,024 ways. Here partitions are admitted in order, as many as there are slots, over all queries
//! of the server.

use crate::execution::Tasks;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{AcquireError, OnceCell, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;

/// When the partitions of a plan get their slots.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Admission {
    /// Each after the one before it.
    InOrder,
    /// All at once: they wait for one another, so two such plans must not have half of the slots each.
    Together,
}

/// Starts every partition of `plan`, each as soon as a slot is free, and returns their streams in
/// order; a task may be `batches_ahead` of whoever reads its partition. Dropping a stream ends its task.
pub(crate) fn run_partitions(
    plan: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
    slots: &Arc<Semaphore>,
    batches_ahead: usize,
) -> Vec<SendableRecordBatchStream> {
    run_watched(plan, context, slots, &Arc::default(), Admission::InOrder, batches_ahead)
}

/// As [`run_partitions`]; `progress` counts the tasks.
pub(crate) fn run_watched(
    plan: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
    slots: &Arc<Semaphore>,
    progress: &Arc<Tasks>,
    admission: Admission,
    batches_ahead: usize,
) -> Vec<SendableRecordBatchStream> {
    let n_partitions = plan.output_partitioning().partition_count();
    // Admission in order: partition p asks for its slot only after partition p - 1 has one. Whoever
    // reads the partitions in order can then never wait for a partition that has no slot.
    let all = Arc::new(OnceCell::new());
    let mut admitted: Option<oneshot::Receiver<()>> = None;
    (0..n_partitions)
        .map(|partition| {
            let (admit_next, next_admitted) = oneshot::channel();
            let previous = admitted.replace(next_admitted);
            let (sender, receiver) = mpsc::channel(batches_ahead);
            let turn = match admission {
                Admission::InOrder => Turn::After(previous, admit_next),
                Admission::Together => Turn::WithAll(n_partitions, Arc::clone(&all)),
            };
            let task = spawn_partition(plan, partition, context, slots, progress, turn, sender);
            let stream = TaskStream {
                schema: plan.schema(),
                receiver,
                task: task.abort_handle(),
                join: Some(task),
            };
            Box::pin(stream) as SendableRecordBatchStream
        })
        .collect()
}

/// How a partition comes by its slot.
enum Turn {
    /// After the one before it, if there is one; then it is the next one's turn.
    After(Option<oneshot::Receiver<()>>, oneshot::Sender<()>),
    /// From the slots of so many, which are given back when all have ended.
    WithAll(usize, Arc<OnceCell<OwnedSemaphorePermit>>),
}

impl Turn {
    /// Waits for it. What it gives is held while the task runs.
    async fn come(self, slots: Arc<Semaphore>) -> Result<Slot, AcquireError> {
        match self {
            Self::After(previous, admit_next) => {
                if let Some(previous) = previous {
                    // An error means that the task before was dropped: its turn is over too.
                    let _ = previous.await;
                }
                let slot = slots.acquire_owned().await?;
                let _ = admit_next.send(());
                Ok(Slot::Own(slot))
            }
            Self::WithAll(n_partitions, all) => {
                let n_partitions = u32::try_from(n_partitions).unwrap_or(u32::MAX);
                all.get_or_try_init(|| slots.acquire_many_owned(n_partitions)).await?;
                Ok(Slot::Shared(all))
            }
        }
    }
}

/// Held for what it gives back when it is dropped.
enum Slot {
    Own(#[allow(dead_code)] OwnedSemaphorePermit),
    Shared(#[allow(dead_code)] Arc<OnceCell<OwnedSemaphorePermit>>),
}

fn spawn_partition(
    plan: &Arc<dyn ExecutionPlan>,
    partition: usize,
    context: &Arc<TaskContext>,
    slots: &Arc<Semaphore>,
    progress: &Arc<Tasks>,
    turn: Turn,
    sender: mpsc::Sender<Result<RecordBatch>>,
) -> tokio::task::JoinHandle<()> {
    let (plan, context, slots) = (Arc::clone(plan), Arc::clone(context), Arc::clone(slots));
    let progress = Arc::clone(progress);
    tokio::spawn(async move {
        let Ok(_slot) = turn.come(slots).await else {
            return;
        };
        let _running = progress.begin();
        let run = async {
            let mut stream = plan.execute(partition, context)?;
            while let Some(batch) = stream.next().await {
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
            Ok::<(), DataFusionError>(())
        };
        if let Err(error) = run.await {
            let _ = sender.send(Err(error)).await;
        }
    })
}

/// The output of one task. The task ends when this is dropped.
struct TaskStream {
    schema: SchemaRef,
    receiver: mpsc::Receiver<Result<RecordBatch>>,
    task: AbortHandle,
    join: Option<tokio::task::JoinHandle<()>>,
}

impl Stream for TaskStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.receiver.poll_recv(cx) {
            Poll::Ready(None) => {}
            other => return other,
        }
        // The channel closed: either the task is done, or it panicked and the query must not look
        // as if it had ended well.
        let Some(join) = self.join.as_mut() else {
            return Poll::Ready(None);
        };
        match Pin::new(join).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                self.join = None;
                match result {
                    Err(error) if error.is_panic() => {
                        Poll::Ready(Some(Err(DataFusionError::Internal(panic_text(error)))))
                    }
                    _ => Poll::Ready(None),
                }
            }
        }
    }
}

fn panic_text(error: tokio::task::JoinError) -> String {
    let payload = error.into_panic();
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    format!("a task panicked: {text}")
}

impl RecordBatchStream for TaskStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Drop for TaskStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

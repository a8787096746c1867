//! A query as tasks: stages run when their output is first asked for, each task from bytes.

use super::Traveller;
use super::codec::PlanCodec;
use super::restrict::restrict;
use super::stage_input::StageOutputs;
use super::stages::{Output, Stage};
use crate::leaf::leaf;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::metrics::Time;
use datafusion::physical_plan::repartition::BatchPartitioner;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use datafusion::prelude::SessionConfig;
use firesteel_common::SparkError;
use firesteel_common::operator::streaming;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;

/// Leaf: partition `p` is task `p` of the last stage.
pub(super) struct TravelExec {
    job: Arc<Job>,
    properties: Arc<PlanProperties>,
}

/// What the tasks of one query share. A task's own plan and context are made of `stages[…].bytes` and
/// `settings` alone.
struct Job {
    stages: Vec<Stage>,
    /// Done when the stage's output is there.
    done: Vec<OnceCell<()>>,
    outputs: Arc<StageOutputs>,
    codec: Arc<PlanCodec>,
    settings: Vec<(String, String)>,
    runtime: Arc<RuntimeEnv>,
    slots: Arc<Semaphore>,
    /// For the outputs of stages, which stay in memory.
    reservation: MemoryReservation,
}

impl TravelExec {
    pub fn new(traveller: &Traveller, stages: Vec<Stage>) -> Self {
        let (schema, n_tasks) = match stages.last() {
            Some(last) => (Arc::clone(&last.schema), last.n_tasks),
            None => (SchemaRef::from(datafusion::arrow::datatypes::Schema::empty()), 0),
        };
        let partitioning = Partitioning::UnknownPartitioning(n_tasks);
        let properties = streaming(EquivalenceProperties::new(schema), partitioning);
        let job = Job {
            done: stages.iter().map(|_| OnceCell::new()).collect(),
            stages,
            outputs: Arc::default(),
            codec: Arc::clone(&traveller.codec),
            settings: traveller.settings.clone(),
            runtime: Arc::clone(&traveller.runtime),
            slots: Arc::clone(&traveller.slots),
            reservation: MemoryConsumer::new("stages of a travelling plan")
                .register(&traveller.runtime.memory_pool),
        };
        Self { job: Arc::new(job), properties: Arc::new(properties) }
    }
}

impl fmt::Debug for TravelExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TravelExec({} stages)", self.job.stages.len())
    }
}

impl DisplayAs for TravelExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TravelExec: stages={}", self.job.stages.len())
    }
}

impl ExecutionPlan for TravelExec {
    fn name(&self) -> &str {
        "TravelExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    leaf!();

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let job = Arc::clone(&self.job);
        let rows = async move {
            let last = job.stages.len() - 1;
            job.run_inputs(last).await?;
            job.start_task(last, partition)
        };
        let rows = stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}

impl Job {
    /// Runs the stages that `stage` reads.
    fn run_inputs(self: &Arc<Self>, stage: usize) -> BoxFuture<'_, Result<()>> {
        async move {
            for input in &self.stages[stage].inputs {
                self.done[*input].get_or_try_init(|| self.run_stage(*input)).await?;
            }
            Ok(())
        }
        .boxed()
    }

    async fn run_stage(self: &Arc<Self>, number: usize) -> Result<()> {
        self.run_inputs(number).await?;
        let stage = &self.stages[number];
        let mut tasks = JoinSet::new();
        for task in 0..stage.n_tasks {
            let job = Arc::clone(self);
            tasks.spawn(async move {
                let _slot = job.slots.acquire().await;
                let rows = job.start_task(number, task)?;
                Ok::<_, DataFusionError>((task, job.write(number, task, rows).await?))
            });
        }
        let mut written: Vec<_> = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            match joined {
                Ok(output) => written.push(output?),
                Err(error) => return internal_err!("a task of stage {number} died: {error}"),
            }
        }
        // In order of tasks, whichever was first.
        written.sort_by_key(|(task, _)| *task);
        let n_outputs = match &stage.output {
            Output::SamePartition => stage.n_tasks,
            Output::Hash(_, n) => *n,
        };
        let mut partitions = vec![Vec::new(); n_outputs];
        for (partition, batches) in written.into_iter().flat_map(|(_, output)| output) {
            partitions[partition].extend(batches);
        }
        self.outputs.put(number, partitions);
        Ok(())
    }

    /// Reads a task's rows to their end; batches by the partition that they go to.
    async fn write(
        &self,
        stage: usize,
        task: usize,
        mut rows: SendableRecordBatchStream,
    ) -> Result<Vec<(usize, Vec<RecordBatch>)>> {
        let (n_outputs, mut partitioner) = match &self.stages[stage].output {
            Output::SamePartition => (1, None),
            Output::Hash(columns, n) => {
                let columns = columns.clone();
                let partitioner = BatchPartitioner::new_hash_partitioner(columns, *n, Time::new())?;
                (*n, Some(partitioner))
            }
        };
        let mut partitions = vec![Vec::new(); n_outputs];
        while let Some(batch) = rows.next().await.transpose()? {
            let batch = as_bytes_and_back(&batch)?;
            self.reservation.try_grow(batch.get_array_memory_size())?;
            match &mut partitioner {
                None => partitions[0].push(batch),
                Some(partitioner) => partitioner.partition(batch, |partition, batch| {
                    partitions[partition].push(batch);
                    Ok(())
                })?,
            }
        }
        Ok(match partitioner {
            None => partitions.into_iter().map(|batches| (task, batches)).collect(),
            Some(_) => partitions.into_iter().enumerate().collect(),
        })
    }

    /// Everything that a task has, from bytes and settings. Its errors leave it as text.
    fn start_task(&self, stage: usize, task: usize) -> Result<SendableRecordBatchStream> {
        let start = || {
            let context = self.context()?;
            let plan = self.codec.decode(&self.stages[stage].bytes, &context)?;
            restrict(plan, task)?.execute(0, context)
        };
        let rows = start().map_err(as_text)?;
        let schema = rows.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows.map_err(as_text))))
    }

    fn context(&self) -> Result<Arc<TaskContext>> {
        let mut options = ConfigOptions::new();
        for (key, value) in &self.settings {
            options.set(key, value)?;
        }
        let config = SessionConfig::from(options).with_extension(Arc::clone(&self.outputs));
        let context = TaskContext::default().with_session_config(config);
        Ok(Arc::new(context.with_runtime(Arc::clone(&self.runtime))))
    }
}

/// What an exchange carries is Arrow's stream format.
fn as_bytes_and_back(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    let bytes = writer.into_inner()?;
    let mut reader = StreamReader::try_new(bytes.as_slice(), None)?;
    match reader.next().transpose()? {
        Some(batch) => Ok(batch),
        None => internal_err!("a batch was lost on its way"),
    }
}

/// Between processes an error is a string.
fn as_text(error: DataFusionError) -> DataFusionError {
    DataFusionError::Execution(SparkError::from(error).to_envelope())
}

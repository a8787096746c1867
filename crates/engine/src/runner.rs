//! The local runner: one process, DataFusion's streams, task slots.

use crate::execution::Execution;
use crate::memory::Blocks;
use crate::rules::has_barrier;
use crate::session;
use crate::slots::{Admission, run_watched};
use crate::travel::{Traveller, Wire};
use async_trait::async_trait;
use datafusion::execution::context::SessionState;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use firesteel_common::{PlanRunner, Result, batch_room};
use futures::{StreamExt, stream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Batches that a task may be ahead of whoever reads its partition.
const BATCHES_AHEAD: usize = 4;

/// What an engine may use of the machine.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Task slots: `N` of `local[N]`.
    pub slots: usize,
    /// Limit of the memory pool in bytes; none: no limit.
    pub memory_bytes: Option<usize>,
    /// Compression of spilled data: `spark.io.compression.codec`; `lz4`, `zstd` or `none`.
    pub spill_codec: String,
    /// Most bytes on disk at once; none: DataFusion's 100 GiB.
    pub spill_bytes_max: Option<u64>,
    /// Where spilled data goes; none: the system's temporary directory.
    pub temp_dir: Option<PathBuf>,
    /// DataFusion's own options, `datafusion.*`, over ours: for measuring and for experts.
    pub options: Vec<(String, String)>,
    /// For tests: every query runs as tasks made of bytes ([`crate::travel`]).
    pub travel: Option<Wire>,
}

/// Runs plans in this process.
#[derive(Debug)]
pub struct LocalRunner {
    state: SessionState,
    slots: Arc<Semaphore>,
    n_slots: usize,
    traveller: Option<Traveller>,
    blocks: Arc<Blocks>,
}

impl LocalRunner {
    /// # Errors
    /// When the temporary directory cannot be used.
    pub fn new(config: &EngineConfig) -> Result<Arc<Self>> {
        let n_slots = config.slots.max(1);
        if let Some(directory) = &config.temp_dir {
            crate::python::use_directory(directory.clone());
        }
        let mut state = session::session_state(config)?;
        let traveller = config.travel.clone().map(|wire| {
            Traveller::configure(&mut state);
            Traveller::new(wire, state.config(), Arc::clone(state.runtime_env()), n_slots)
        });
        let compression = state.config().spill_compression();
        let blocks = Blocks::new(Arc::clone(state.runtime_env()), compression);
        let slots = Arc::new(Semaphore::new(n_slots));
        Ok(Arc::new(Self { state, slots, n_slots, traveller, blocks }))
    }

    /// What caches and checkpoints keep.
    pub(crate) fn blocks(&self) -> &Arc<Blocks> {
        &self.blocks
    }

    /// Number of task slots: Spark's default parallelism.
    pub fn slots(&self) -> usize {
        self.n_slots
    }

    /// DataFusion's session with our rules and planner.
    pub fn session_state(&self) -> &SessionState {
        &self.state
    }

    /// Context in which the operators of one query run.
    pub fn task_context(&self) -> Arc<TaskContext> {
        self.state.task_ctx()
    }

    /// The plan after the logical rules.
    ///
    /// # Errors
    /// Whatever a rule finds wrong; constant folding may raise errors of the query itself.
    pub fn optimized(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        Ok(batch_room::folding(|| self.state.optimize(plan))?)
    }

    /// Optimises and plans.
    ///
    /// # Errors
    /// As [`LocalRunner::optimized`], and what the planner refuses.
    pub async fn physical_plan(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
        let began = Instant::now();
        let optimized = self.optimized(plan)?;
        let optimized_us = began.elapsed().as_micros();
        let planner = Arc::clone(self.state.query_planner());
        let physical = planner.create_physical_plan(&optimized, &self.state).await?;
        let planned_us = began.elapsed().as_micros() - optimized_us;
        tracing::debug!(target: "firesteel::phases", optimized_us, planned_us);
        Ok(physical)
    }

    /// Starts every partition, each when a slot is free, in order; one stream per partition. Must
    /// be called on a thread of the async runtime.
    pub fn run_partitions(&self, plan: &Arc<dyn ExecutionPlan>) -> Vec<SendableRecordBatchStream> {
        // Who watches sees the plan as it was made, also when it runs in other pieces.
        let tasks = Execution::start(plan);
        let n_partitions = plan.output_partitioning().partition_count();
        // One with more tasks than slots fails, unless it is below an exchange.
        let together = n_partitions <= self.n_slots && has_barrier(plan);
        let run = |plan: &Arc<dyn ExecutionPlan>| {
            let admission = if together { Admission::Together } else { Admission::InOrder };
            run_watched(plan, &self.task_context(), &self.slots, &tasks, admission, BATCHES_AHEAD)
        };
        match self.traveller.as_ref().map(|traveller| traveller.prepare(plan)) {
            None => run(plan),
            Some(Ok(plan)) => run(&plan),
            Some(Err(error)) => {
                let failed = stream::once(async { Err(error) });
                vec![Box::pin(RecordBatchStreamAdapter::new(plan.schema(), failed))]
            }
        }
    }

    /// As [`LocalRunner::run_partitions`], the partitions one after another.
    pub fn run_physical(&self, plan: &Arc<dyn ExecutionPlan>) -> SendableRecordBatchStream {
        let partitions = stream::iter(self.run_partitions(plan)).flatten();
        Box::pin(RecordBatchStreamAdapter::new(plan.schema(), partitions))
    }
}

#[async_trait]
impl PlanRunner for LocalRunner {
    async fn run(&self, plan: LogicalPlan) -> Result<SendableRecordBatchStream> {
        let plan = self.physical_plan(&plan).await?;
        Ok(self.run_physical(&plan))
    }
}

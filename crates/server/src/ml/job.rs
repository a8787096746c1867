//! Fits, evaluations and fetches as jobs of a session: they read relations, stop when they are interrupted.

use crate::planning::{resolve, stop_flag};
use crate::session::Session;
use arrow::array::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SessionSettings, SparkError};
use firesteel_engine::LocalRunner;
use firesteel_engine::execution::{Execution, Passes};
use firesteel_ml::Job;
use firesteel_ml::data::{DataSource, Dataset};
use firesteel_plan::resolve::frame_of;
use firesteel_plan::spec::Relation;
use futures::StreamExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use tokio::runtime::Handle;

struct SessionJob {
    settings: SessionSettings,
    runner: Arc<LocalRunner>,
    runtime: Handle,
    stopped: Arc<AtomicBool>,
    /// Where its passes are told.
    execution: Option<Arc<Execution>>,
    passes: OnceLock<Arc<Passes>>,
}

impl SessionJob {
    /// Must be called inside of [`blocking`](crate::planning::blocking).
    fn new(session: &Arc<Session>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            settings: session.settings(),
            runner: session.engine().runner()?,
            runtime: Handle::current(),
            stopped: stop_flag(),
            execution: Execution::current(),
            passes: OnceLock::new(),
        }))
    }
}

impl Job for SessionJob {
    fn scan(
        &self,
        plan: LogicalPlan,
        take: &mut dyn FnMut(usize, RecordBatch) -> Result<()>,
    ) -> Result<()> {
        self.runtime.block_on(async {
            let plan = self.runner.physical_plan(&plan).await?;
            let partitions = self.runner.run_partitions(&plan);
            for (partition, mut batches) in partitions.into_iter().enumerate() {
                while let Some(batch) = batches.next().await {
                    self.check()?;
                    take(partition, batch?)?;
                }
            }
            Ok(())
        })
    }

    fn n_threads(&self) -> usize {
        self.runner.slots()
    }

    fn check(&self) -> Result<()> {
        match self.stopped.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(SparkError::new(
                ErrorKind::Cancelled,
                "OPERATION_CANCELED",
                "The operation was interrupted.",
            )),
        }
    }

    fn progress(&self, done: usize, total: usize) {
        tracing::debug!(target: "firesteel::ml", done, total);
        if let Some(execution) = &self.execution {
            self.passes.get_or_init(|| execution.begin_passes()).set(done, total);
        }
    }

    fn settings(&self) -> &SessionSettings {
        &self.settings
    }
}

/// A relation for an algorithm. Blocks; must be called inside of [`blocking`](crate::planning::blocking).
///
/// # Errors
/// Spark's analysis errors.
pub fn dataset(session: &Arc<Session>, relation: &Relation) -> Result<Dataset> {
    let job = SessionJob::new(session)?;
    let resolved = resolve(session, relation)?;
    Ok(Dataset { frame: frame_of(&resolved, &job.settings), job })
}

/// A relation of a session that may have ended.
pub struct SessionData {
    pub session: Weak<Session>,
    pub relation: Relation,
}

impl DataSource for SessionData {
    fn dataset(&self) -> Result<Dataset> {
        let session = self.session.upgrade();
        let session = session.ok_or_else(|| SparkError::internal("the session has ended"))?;
        dataset(&session, &self.relation)
    }
}

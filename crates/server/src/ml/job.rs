//! Fits, evaluations and fetches as jobs of a session: they read relations, stop when they are interrupted.

use crate::planning::resolve;
use crate::session::Session;
use crate::work::Work;
use arrow::array::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::{Result, SessionSettings, SparkError};
use firesteel_engine::LocalRunner;
use firesteel_ml::Job;
use firesteel_ml::data::{DataSource, Dataset};
use firesteel_plan::resolve::frame_of;
use firesteel_plan::spec::Relation;
use futures::StreamExt;
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;

/// Reads by the runner of a session.
pub struct SessionJob {
    settings: SessionSettings,
    runner: Arc<LocalRunner>,
    runtime: Handle,
    work: Work,
}

impl SessionJob {
    /// Must be called inside of [`blocking`](crate::planning::blocking).
    fn new(session: &Arc<Session>) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            settings: session.settings(),
            runner: session.engine().runner()?,
            runtime: Handle::current(),
            work: Work::current(),
        }))
    }

    /// A part of other work, which tells its own passes. Must be called inside of
    /// [`blocking`](crate::planning::blocking).
    pub fn within(settings: SessionSettings, runner: Arc<LocalRunner>) -> Self {
        Self { settings, runner, runtime: Handle::current(), work: Work::silent() }
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
        self.work.check()
    }

    fn progress(&self, done: usize, total: usize) {
        tracing::debug!(target: "firesteel::ml", done, total);
        self.work.progress(done, total);
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

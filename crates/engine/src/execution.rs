//! What one operation of a user runs, to be watched while it does and looked at afterwards.
//!
//! Whoever begins an operation puts its work into an [`Execution::scope`]; the runner then adds every
//! plan that it starts there, whatever started it: the query itself, the fill of a cache, a subquery
//! that the resolver needs the answer of. Nothing is recorded outside of a scope.

use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

tokio::task_local! {
    static CURRENT: Arc<Execution>;
}

/// Gives what users call the columns of a plan, by the names that they have in it.
type ColumnNames = Box<dyn Fn() -> HashMap<String, String> + Send>;

/// The plans of one operation, in the order in which they were started.
#[derive(Default)]
pub struct Execution {
    started: Mutex<Vec<StartedPlan>>,
    column_names: Mutex<Vec<ColumnNames>>,
    passes: Mutex<Vec<Arc<Passes>>>,
}

/// Work that is no plan, in rounds: the passes of a fit.
#[derive(Debug, Default)]
pub struct Passes {
    total: AtomicUsize,
    done: AtomicUsize,
}

impl Passes {
    /// Says that `done` of about `total` rounds are made. They may become more, never fewer.
    pub fn set(&self, done: usize, total: usize) {
        self.done.fetch_max(done, Ordering::Relaxed);
        self.total.fetch_max(total.max(done), Ordering::Relaxed);
    }

    /// How many rounds are made, and of how many.
    pub fn get(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// A plan whose partitions run or have run.
#[derive(Debug, Clone)]
pub struct StartedPlan {
    pub plan: Arc<dyn ExecutionPlan>,
    pub tasks: Arc<Tasks>,
}

/// Tasks of the root of a plan: one per partition.
#[derive(Debug, Default)]
pub struct Tasks {
    total: usize,
    running: AtomicUsize,
    done: AtomicUsize,
}

impl Execution {
    /// Records what `work` runs.
    pub async fn scope<T>(self: &Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(Arc::clone(self), work).await
    }

    /// As [`Execution::scope`], for work on a thread that blocks.
    pub fn sync_scope<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(Arc::clone(self), work)
    }

    /// The execution in whose scope this is called.
    pub fn current() -> Option<Arc<Execution>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// What was started so far.
    pub fn started(&self) -> Vec<StartedPlan> {
        self.started.lock().clone()
    }

    /// Adds work in rounds, to be watched as a stage.
    pub fn begin_passes(&self) -> Arc<Passes> {
        let passes = Arc::<Passes>::default();
        self.passes.lock().push(Arc::clone(&passes));
        passes
    }

    /// Work in rounds that was begun so far.
    pub fn passes(&self) -> Vec<Arc<Passes>> {
        self.passes.lock().clone()
    }

    /// Remembers how to find out what users call columns: asked only if the plans are shown to people.
    pub fn name_columns(&self, names: impl Fn() -> HashMap<String, String> + Send + 'static) {
        self.column_names.lock().push(Box::new(names));
    }

    /// What users call the columns of the plans.
    pub fn column_names(&self) -> HashMap<String, String> {
        self.column_names.lock().iter().flat_map(|names| names()).collect()
    }

    /// Adds a plan to the current execution, if there is one.
    pub(crate) fn start(plan: &Arc<dyn ExecutionPlan>) -> Arc<Tasks> {
        let total = plan.output_partitioning().partition_count();
        let tasks = Arc::new(Tasks { total, ..Tasks::default() });
        if let Some(execution) = Self::current() {
            let started = StartedPlan { plan: Arc::clone(plan), tasks: Arc::clone(&tasks) };
            execution.started.lock().push(started);
        }
        tasks
    }
}

impl Tasks {
    pub fn total(&self) -> usize {
        self.total
    }

    pub fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// A task has its slot. It is done when what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> RunningTask {
        self.running.fetch_add(1, Ordering::Relaxed);
        RunningTask(Arc::clone(self))
    }
}

/// One task that runs.
#[derive(Debug)]
pub(crate) struct RunningTask(Arc<Tasks>);

impl Drop for RunningTask {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }
}

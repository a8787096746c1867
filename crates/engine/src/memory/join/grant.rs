//! Memory promised to one hash join before it begins.

use datafusion::common::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryLimit, MemoryPool, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;

/// A pool within the pool: the hash join takes from what was reserved for it while its build side was
/// collected, so that nobody can take it away in between.
#[derive(Debug)]
pub(super) struct Grant {
    reserved: MemoryReservation,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    used: usize,
    /// Whether the build is done, and what it did not use was given back.
    settled: bool,
}

impl Grant {
    pub fn new(reserved: MemoryReservation) -> Arc<Self> {
        Arc::new(Self { reserved, state: Mutex::default() })
    }

    /// `context` with this as its pool.
    pub fn context(self: &Arc<Self>, context: &TaskContext) -> Arc<TaskContext> {
        let runtime = RuntimeEnv {
            memory_pool: Arc::clone(self) as Arc<dyn MemoryPool>,
            ..context.runtime_env().as_ref().clone()
        };
        Arc::new(TaskContext::new(
            context.task_id(),
            context.session_id(),
            context.session_config().clone(),
            context.scalar_functions().clone(),
            context.higher_order_functions().clone(),
            context.aggregate_functions().clone(),
            context.window_functions().clone(),
            Arc::new(runtime),
        ))
    }

    /// The build is done: gives back what was reserved for its copies.
    pub fn settle(&self) {
        let mut state = self.state.lock();
        if !state.settled {
            state.settled = true;
            let unused = self.reserved.size().saturating_sub(state.used);
            self.reserved.shrink(unused);
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} granted", self.reserved.size())
    }
}

impl MemoryPool for Grant {
    fn name(&self) -> &str {
        "grant"
    }

    fn grow(&self, _: &MemoryReservation, additional: usize) {
        let mut state = self.state.lock();
        state.used += additional;
        self.reserved.grow(state.used.saturating_sub(self.reserved.size()));
    }

    fn shrink(&self, _: &MemoryReservation, shrink: usize) {
        let mut state = self.state.lock();
        state.used = state.used.saturating_sub(shrink);
        if state.settled {
            self.reserved.shrink(self.reserved.size().saturating_sub(state.used));
        }
    }

    fn try_grow(&self, _: &MemoryReservation, additional: usize) -> Result<()> {
        let mut state = self.state.lock();
        let used = state.used + additional;
        self.reserved.try_grow(used.saturating_sub(self.reserved.size()))?;
        state.used = used;
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.reserved.size()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Unknown
    }
}

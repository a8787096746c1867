//! Long work for an operation: it stops when nobody waits for it, and tells its passes.

use crate::planning::stop_flag;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_engine::execution::{Execution, Passes};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What a thread of [`blocking`](crate::planning::blocking) does at the moment.
pub struct Work {
    stopped: Arc<AtomicBool>,
    /// Where its passes are told.
    execution: Option<Arc<Execution>>,
    passes: OnceLock<Arc<Passes>>,
}

impl Work {
    /// Must be called inside of [`blocking`](crate::planning::blocking).
    pub fn current() -> Self {
        Self { execution: Execution::current(), ..Self::silent() }
    }

    /// As [`current`](Self::current), for a part of work that tells passes of its own.
    pub fn silent() -> Self {
        Self { stopped: stop_flag(), execution: None, passes: OnceLock::new() }
    }

    /// # Errors
    /// `OPERATION_CANCELED`: nobody waits for it any more.
    pub fn check(&self) -> Result<()> {
        match self.stopped.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(SparkError::new(
                ErrorKind::Cancelled,
                "OPERATION_CANCELED",
                "The operation was interrupted.",
            )),
        }
    }

    /// `done` of `total` passes are over.
    pub fn progress(&self, done: usize, total: usize) {
        if let Some(execution) = &self.execution {
            self.passes.get_or_init(|| execution.begin_passes()).set(done, total);
        }
    }
}

//! Numbers of stages and of attempts, as `TaskContext` tells them.

use std::sync::atomic::{AtomicU64, Ordering};

static N_STAGES: AtomicU64 = AtomicU64::new(0);
static N_ATTEMPTS: AtomicU64 = AtomicU64::new(0);

/// A number for the partitions of one operator.
pub fn next_stage() -> u64 {
    N_STAGES.fetch_add(1, Ordering::Relaxed)
}

/// A number that no other attempt of this process has.
pub fn next_attempt() -> u64 {
    N_ATTEMPTS.fetch_add(1, Ordering::Relaxed)
}

/// What a task of a barrier stage is told.
#[derive(Debug, Clone)]
pub struct Barrier {
    /// Path of the socket at which the task waits for the others; only this user can reach it.
    pub socket: String,
    /// One address per task, with commas between.
    pub addresses: String,
}

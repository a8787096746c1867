//! Pieces of work of unequal size on a few threads: each takes the next one when it is done.

use crate::job::Job;
use firesteel_common::{Result, SparkError};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `f` with every number below `n_tasks`; `scratch` makes what a thread keeps between its calls.
///
/// # Errors
/// An error of `f`; `OPERATION_CANCELED`.
pub(super) fn run<S>(
    job: &dyn Job,
    n_tasks: usize,
    scratch: impl Fn() -> S + Sync,
    f: impl Fn(&mut S, usize) -> Result<()> + Sync,
) -> Result<()> {
    job.check()?;
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut own = scratch();
        loop {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= n_tasks {
                return Ok(());
            }
            let done = f(&mut own, task).and_then(|()| job.check());
            if done.is_err() {
                next.store(n_tasks, Ordering::Relaxed);
                return done;
            }
        }
    };
    let n_threads = job.n_threads().clamp(1, n_tasks.max(1));
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..n_threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            let panicked = |_| Err(SparkError::internal("a thread of a fit panicked"));
            let other = other.join().unwrap_or_else(panicked);
            done = done.and(other);
        }
        done
    })
}

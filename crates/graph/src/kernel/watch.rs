//! What a kernel may ask of whoever runs it.

use firesteel_common::Result;

/// One running kernel: threads, interruption, progress. (`Job` of the ML crate without plans.)
pub trait Watch: Sync {
    /// Threads that the kernel may use: the task slots.
    fn n_threads(&self) -> usize;

    /// Called between rounds, and in long rounds every some milliseconds.
    ///
    /// # Errors
    /// `OPERATION_CANCELED` once the user has interrupted the query.
    fn check(&self) -> Result<()>;

    /// Reports that `done` of about `total` rounds are made.
    fn progress(&self, done: usize, total: usize);
}

/// Runs to the end on so many threads and reports to nobody.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched(pub usize);

impl Watch for Unwatched {
    fn n_threads(&self) -> usize {
        self.0
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn progress(&self, _done: usize, _total: usize) {}
}

//! What a fit may use of the engine around it. `server` implements it; algorithms never learn who runs a plan.

use arrow::array::RecordBatch;
use datafusion_expr::LogicalPlan;
use firesteel_common::{Result, SessionSettings};

/// One running fit, evaluation or fetch. Its methods block.
pub trait Job: Send + Sync {
    /// Hands every batch of a plan to `take` with the number of its partition, in the order of partitions.
    ///
    /// # Errors
    /// What the plan or `take` fails with; `OPERATION_CANCELED`.
    fn scan(
        &self,
        plan: LogicalPlan,
        take: &mut dyn FnMut(usize, RecordBatch) -> Result<()>,
    ) -> Result<()>;

    /// Threads that an algorithm may use: the task slots.
    fn n_threads(&self) -> usize;

    /// To be called between pieces of work of some milliseconds.
    ///
    /// # Errors
    /// `OPERATION_CANCELED` once the user has interrupted the fit.
    fn check(&self) -> Result<()>;

    /// Reports that `done` of about `total` passes are made; shown as a stage of the progress bar.
    fn progress(&self, done: usize, total: usize);

    fn settings(&self) -> &SessionSettings;
}

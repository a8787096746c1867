//! How a plan is run, whoever runs it.

use crate::error::Result;
use async_trait::async_trait;
use datafusion_execution::SendableRecordBatchStream;
use datafusion_expr::LogicalPlan;

/// Runs a resolved plan: locally in `engine`, on a cluster in `cluster`. Who hands in a plan never
/// learns which of the two it was.
#[async_trait]
pub trait PlanRunner: Send + Sync {
    /// Starts `plan` and returns its rows in order of partitions. Dropping the stream stops the work.
    async fn run(&self, plan: LogicalPlan) -> Result<SendableRecordBatchStream>;
}

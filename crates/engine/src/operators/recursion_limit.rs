//! `RecursionLimit`: counts the rounds and rows of a recursive query's step.

use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use firesteel_common::{ErrorKind, SparkError};
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The recursive query executes its step once per round, always this same node: its counters, which
/// clones share, outlive the rounds.
#[derive(Debug, Clone)]
pub struct RecursionLimitExec {
    levels: Option<u32>,
    /// Most rows of all rounds.
    rows_max: Option<u64>,
    n_rounds: Arc<AtomicU64>,
    n_rows: Arc<AtomicU64>,
}

impl RecursionLimitExec {
    pub fn new(levels: Option<u32>, rows_max: Option<u64>) -> Self {
        Self { levels, rows_max, n_rounds: Arc::default(), n_rows: Arc::default() }
    }
}

impl UnaryExec for RecursionLimitExec {
    const NAME: &'static str = "RecursionLimitExec";
    const KEEPS_ORDER: bool = true;
    type Parameters = (Option<u32>, Option<u64>);

    fn details(&self) -> String {
        format!("levels={:?}", self.levels)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = input.properties().equivalence_properties().clone();
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        // Every round executes partition 0 first.
        if task.index == 0 {
            let round = self.n_rounds.fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(levels) = self.levels
                && round > u64::from(levels)
            {
                return Err(too_deep(levels).into());
            }
        }
        let rows_max = self.rows_max.unwrap_or(u64::MAX);
        let n_rows = Arc::clone(&self.n_rows);
        let batches = task.input()?.map(move |batch| {
            let batch = batch?;
            let added = batch.num_rows() as u64;
            if n_rows.fetch_add(added, Ordering::Relaxed) + added > rows_max {
                return Err(too_many_rows(rows_max).into());
            }
            Ok(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, batches)))
    }

    fn encode(&self) -> Result<(Option<u32>, Option<u64>)> {
        Ok((self.levels, self.rows_max))
    }

    fn decode(
        (levels, rows_max): (Option<u32>, Option<u64>),
        _: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Self> {
        Ok(Self::new(levels, rows_max))
    }
}

fn too_deep(levels: u32) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "RECURSION_LEVEL_LIMIT_EXCEEDED",
        format!(
            "Recursion level limit {levels} reached but query has not exhausted, try increasing it \
             like 'WITH RECURSIVE t(col) MAX RECURSION LEVEL 200'."
        ),
    )
    .with("levelLimit", levels.to_string())
}

fn too_many_rows(rows_max: u64) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "RECURSION_ROW_LIMIT_EXCEEDED",
        format!(
            "Recursion row limit {rows_max} reached but query has not exhausted, try setting a \
             larger LIMIT value when querying the CTE relation."
        ),
    )
    .with("rowLimit", rows_max.to_string())
}

//! `RecursionLimit`: counts the rounds and rows of a recursive query's step.

use super::{only_child, same_partition_count, streaming};
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use firesteel_common::{ErrorKind, SparkError};
use futures::StreamExt;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most rows of all rounds: the default of `spark.sql.cteRecursionRowLimit`.
const ROWS_MAX: u64 = 1_000_000;

/// The recursive query executes its step once per round, always this same node: its counters outlive
/// the rounds.
#[derive(Debug)]
pub struct RecursionLimitExec {
    input: Arc<dyn ExecutionPlan>,
    levels: Option<u32>,
    n_rounds: Arc<AtomicU64>,
    n_rows: Arc<AtomicU64>,
    properties: Arc<PlanProperties>,
}

impl RecursionLimitExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, levels: Option<u32>) -> Self {
        let counter = || Arc::new(AtomicU64::new(0));
        Self::counting(input, levels, counter(), counter())
    }

    fn counting(
        input: Arc<dyn ExecutionPlan>,
        levels: Option<u32>,
        n_rounds: Arc<AtomicU64>,
        n_rows: Arc<AtomicU64>,
    ) -> Self {
        let equivalences = input.properties().equivalence_properties().clone();
        let properties = streaming(equivalences, same_partition_count(&input));
        Self { input, levels, n_rounds, n_rows, properties }
    }
}

impl DisplayAs for RecursionLimitExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RecursionLimitExec: levels={:?}", self.levels)
    }
}

impl ExecutionPlan for RecursionLimitExec {
    fn name(&self) -> &str {
        "RecursionLimitExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (n_rounds, n_rows) = (Arc::clone(&self.n_rounds), Arc::clone(&self.n_rows));
        Ok(Arc::new(Self::counting(only_child(children)?, self.levels, n_rounds, n_rows)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        // Every round executes partition 0 first.
        if partition == 0 {
            let round = self.n_rounds.fetch_add(1, Ordering::Relaxed) + 1;
            if let Some(levels) = self.levels
                && round > u64::from(levels)
            {
                return Err(too_deep(levels).into());
            }
        }
        let n_rows = Arc::clone(&self.n_rows);
        let batches = self.input.execute(partition, context)?.map(move |batch| {
            let batch = batch?;
            let added = batch.num_rows() as u64;
            if n_rows.fetch_add(added, Ordering::Relaxed) + added > ROWS_MAX {
                return Err(too_many_rows().into());
            }
            Ok(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
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

fn too_many_rows() -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "RECURSION_ROW_LIMIT_EXCEEDED",
        format!(
            "Recursion row limit {ROWS_MAX} reached but query has not exhausted, try setting a \
             larger LIMIT value when querying the CTE relation."
        ),
    )
    .with("rowLimit", ROWS_MAX.to_string())
}

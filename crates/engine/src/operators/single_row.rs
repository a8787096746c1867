//! `SingleRow`: fails at a second row (a scalar subquery that became a join).

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, streaming};
use firesteel_common::{ErrorKind, SparkError};
use futures::StreamExt;
use std::sync::Arc;

/// Rows pass; the second is an error.
#[derive(Debug, Clone)]
pub struct SingleRowExec;

impl UnaryExec for SingleRowExec {
    const NAME: &'static str = "SingleRowExec";
    const NEEDS_ALL_INPUT: bool = true;
    const KEEPS_ORDER: bool = true;
    type Parameters = ();

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(1)))
    }

    fn statistics(&self, input: &Statistics, _: &Schema) -> Statistics {
        input.clone()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let mut n_rows = 0;
        let rows = task.input()?.map(move |batch| {
            let batch = batch?;
            n_rows += batch.num_rows();
            if n_rows > 1 { Err(too_many_rows().into()) } else { Ok(batch) }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, rows)))
    }

    fn encode(&self) -> Result<()> {
        Ok(())
    }

    fn decode((): (), _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self)
    }
}

fn too_many_rows() -> SparkError {
    SparkError::new(
        ErrorKind::Runtime,
        "SCALAR_SUBQUERY_TOO_MANY_ROWS",
        "More than one row returned by a subquery used as an expression.",
    )
}

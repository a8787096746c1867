//! Rows pass; what is known of their order and of constant columns does not.

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use std::sync::Arc;

/// Put under windows (`rules/windows_over_constants.rs`).
#[derive(Debug, Clone)]
pub struct ForgetConstantsExec;

impl UnaryExec for ForgetConstantsExec {
    const NAME: &'static str = "ForgetConstantsExec";
    type Parameters = ();

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn statistics(&self, input: &Statistics, _: &Schema) -> Statistics {
        input.clone()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        task.input()
    }

    fn encode(&self) -> Result<()> {
        Ok(())
    }

    fn decode((): (), _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self)
    }
}

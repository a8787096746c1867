//! The plan of a cached table that could not be kept, in the place of a scan of it.

use crate::leaf::leaf;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use std::fmt;
use std::sync::Arc;

/// Hides a planned plan from the rules that plan what is around it: they would strip its exchanges and put
/// others in their place. The last rule puts the plan itself here.
#[derive(Debug)]
pub(crate) struct RecomputeExec(Arc<dyn ExecutionPlan>);

impl RecomputeExec {
    pub fn new(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self(plan)
    }

    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.0
    }
}

impl DisplayAs for RecomputeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RecomputeExec")
    }
}

impl ExecutionPlan for RecomputeExec {
    fn name(&self) -> &str {
        "RecomputeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.0.properties()
    }

    leaf!();

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        internal_err!("the plan of a cached table was not put into its place")
    }
}

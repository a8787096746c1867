//! The logical node, which only the planner sees: it is made after the logical rules.

use datafusion::common::{DFSchemaRef, DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;

/// The rows of `input`, which all nodes of one plan with the same `id` have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SharedRows {
    pub id: usize,
    /// Whether an aggregate or the like has made the rows few: others are shared only if they are estimated to be.
    pub is_reduced: bool,
    pub input: LogicalPlan,
}

impl PartialOrd for SharedRows {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.id.partial_cmp(&other.id)
    }
}

impl UserDefinedLogicalNodeCore for SharedRows {
    fn name(&self) -> &str {
        "SharedRows"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "SharedRows: id={}", self.id)
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let [input] = <[LogicalPlan; 1]>::try_from(inputs).map_err(|inputs| {
            DataFusionError::Internal(format!("SharedRows got {} inputs", inputs.len()))
        })?;
        Ok(Self { id: self.id, is_reduced: self.is_reduced, input })
    }
}

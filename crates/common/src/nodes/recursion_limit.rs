//! `RecursionLimit`: stops a recursive common table expression that does not end.

use super::one_input;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;

/// Stands over the step of a recursive query and counts its rounds and rows. DataFusion itself would go
/// on until memory ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RecursionLimit {
    pub input: LogicalPlan,
    /// None: no end.
    pub levels: Option<u32>,
    /// None: no end.
    pub rows: Option<u64>,
}

impl PartialOrd for RecursionLimit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.levels.partial_cmp(&other.levels)
    }
}

impl UserDefinedLogicalNodeCore for RecursionLimit {
    fn name(&self) -> &str {
        "RecursionLimit"
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
        write!(f, "RecursionLimit: {:?}", self.levels)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        Ok(Self { input, levels: self.levels, rows: self.rows })
    }
}

//! `Tail`: the last rows of the whole input.

use super::one_input;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;

/// The last `limit` rows; needs all input in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tail {
    pub input: LogicalPlan,
    pub limit: usize,
}

impl PartialOrd for Tail {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.limit.partial_cmp(&other.limit)
    }
}

impl UserDefinedLogicalNodeCore for Tail {
    fn name(&self) -> &str {
        "Tail"
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

    /// Fewer rows below would mean other last rows.
    fn prevent_predicate_push_down_columns(&self) -> std::collections::HashSet<String> {
        self.input.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Tail: {}", self.limit)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        Ok(Self { input, limit: self.limit })
    }
}

//! `sortWithinPartitions`.

use super::one_input;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;

/// Sorts each partition by itself; the partitions stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SortWithinPartitions {
    pub input: LogicalPlan,
    pub order: Vec<SortExpr>,
}

impl PartialOrd for SortWithinPartitions {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.order.partial_cmp(&other.order)
    }
}

impl UserDefinedLogicalNodeCore for SortWithinPartitions {
    fn name(&self) -> &str {
        "SortWithinPartitions"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        self.order.iter().map(|order| order.expr.clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "SortWithinPartitions: {:?}", self.order)
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        let order =
            self.order.iter().zip(exprs).map(|(order, expr)| order.with_expr(expr)).collect();
        Ok(Self { input, order })
    }
}

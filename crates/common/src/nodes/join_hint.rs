//! `JoinHint`: how the join below should be computed (Spark's `ResolvedHint` and `JoinHint`).

use super::one_input;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

/// What a hint asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd)]
pub enum JoinStrategy {
    /// Every task sees all rows of the side.
    Broadcast,
    /// Both sides are sorted.
    Merge,
    /// The side is hashed, partition by partition.
    ShuffleHash,
    /// Each row meets each other one.
    ReplicateNestedLoop,
}

impl JoinStrategy {
    /// As Spark shows it in a plan.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Merge => "merge",
            Self::ShuffleHash => "shuffle_hash",
            Self::ReplicateNestedLoop => "shuffle_replicate_nl",
        }
    }
}

/// Hints for the sides of the join right below; without effect over anything else. Rows pass through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JoinHint {
    pub input: LogicalPlan,
    pub left: Option<JoinStrategy>,
    pub right: Option<JoinStrategy>,
    /// Internal names of the right side's columns: joins may be turned around before they are planned.
    pub right_columns: Vec<String>,
}

impl PartialOrd for JoinHint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.right_columns.partial_cmp(&other.right_columns)
    }
}

impl UserDefinedLogicalNodeCore for JoinHint {
    fn name(&self) -> &str {
        "JoinHint"
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

    /// Filters go on to the join.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        HashSet::new()
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![output_columns.to_vec()])
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "ResolvedHint")?;
        for (side, strategy) in [("leftHint", self.left), ("rightHint", self.right)] {
            if let Some(strategy) = strategy {
                write!(f, " {side}=(strategy={})", strategy.shown())?;
            }
        }
        Ok(())
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let (left, right) = (self.left, self.right);
        let right_columns = self.right_columns.clone();
        Ok(Self { input: one_input(inputs)?, left, right, right_columns })
    }
}

//! `CollectMetrics`: rows pass through and aggregates over them are reported (`df.observe`).

use super::one_input;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

/// The input's rows, unchanged.
///
/// `aggregates` are over the input, each under an internal name; `results` are what is reported under
/// the name `name`, as the user calls it, computed from the aggregates' columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CollectMetrics {
    pub input: LogicalPlan,
    pub name: String,
    pub aggregates: Vec<Expr>,
    pub results: Vec<(FieldRef, Expr)>,
}

impl PartialOrd for CollectMetrics {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.name.partial_cmp(&other.name)
    }
}

impl UserDefinedLogicalNodeCore for CollectMetrics {
    fn name(&self) -> &str {
        "CollectMetrics"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        self.aggregates.clone()
    }

    /// Rows that a filter above drops count here all the same.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        self.input.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What the aggregates need is added by the rule that asks.
    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        Some(vec![output_columns.to_vec()])
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let aggregates = self.aggregates.iter().map(Expr::to_string).collect::<Vec<_>>();
        write!(f, "CollectMetrics: {}, [{}]", self.name, aggregates.join(", "))
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        let (name, results) = (self.name.clone(), self.results.clone());
        Ok(Self { input, name, aggregates: exprs, results })
    }
}

//! Exact repartitioning: `repartition`, `repartitionByRange`, `coalesce`.

use super::one_input;
use datafusion_common::{DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;

/// Where each row goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd)]
pub enum RepartitionScheme {
    /// `repartition(n)`: rows dealt out in turn.
    RoundRobin,
    /// `repartitionByRange(n, cols)`: sampled, ordered ranges.
    Range(Vec<SortExpr>),
    /// The expression says which, modulo n: `repartitionById(n, col)`, and `repartition(n, cols)` as
    /// `pmod(hash(cols), n)` with Spark's murmur3.
    ById(Expr),
    /// `coalesce(n)`: neighbouring partitions are joined; never more than there are.
    Coalesce,
}

/// Exactly `partitions` partitions, empty ones included (`Coalesce`: at most).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repartition {
    pub input: LogicalPlan,
    pub partitions: usize,
    pub scheme: RepartitionScheme,
}

impl PartialOrd for Repartition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.partitions.partial_cmp(&other.partitions)
    }
}

impl UserDefinedLogicalNodeCore for Repartition {
    fn name(&self) -> &str {
        "Repartition"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        match &self.scheme {
            RepartitionScheme::Range(order) => {
                order.iter().map(|order| order.expr.clone()).collect()
            }
            RepartitionScheme::ById(expr) => vec![expr.clone()],
            RepartitionScheme::RoundRobin | RepartitionScheme::Coalesce => Vec::new(),
        }
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Repartition: {} {:?}", self.partitions, self.scheme)
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        let scheme = match &self.scheme {
            RepartitionScheme::Range(order) => RepartitionScheme::Range(
                order.iter().zip(exprs).map(|(order, expr)| order.with_expr(expr)).collect(),
            ),
            RepartitionScheme::ById(old) => {
                RepartitionScheme::ById(exprs.into_iter().next().unwrap_or_else(|| old.clone()))
            }
            other => other.clone(),
        };
        Ok(Self { input, partitions: self.partitions, scheme })
    }
}

//! `spec` → DataFusion `LogicalPlan` with Spark's semantics.

mod environment;
mod scope;

pub use environment::{Environment, Table};
pub use scope::{Column, Scope};

use datafusion::logical_expr::LogicalPlan;
use firesteel_common::StructType;

/// A resolved relation. Columns of `plan` have unique internal names; `scope` says, in order, what
/// the user calls them.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub plan: LogicalPlan,
    pub scope: Scope,
}

impl Resolved {
    /// The schema that the user sees.
    pub fn schema(&self) -> StructType {
        self.scope.schema()
    }
}

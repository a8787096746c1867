//! What an expression may refer to, and where it stands.

use super::ResolvedExpr;
use super::time_window::TimeWindow;
use crate::resolve::{Column, Scope};
use arrow::datatypes::FieldRef;
use datafusion::common::{Column as PlanColumn, DataFusionError, ExprSchema};
use firesteel_common::nodes::PartitionFunction;
use std::collections::HashMap;
use std::sync::Arc;

/// The clause in which an expression stands: it decides which functions are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    Select,
    Where,
    GroupBy,
    OrderBy,
    Having,
    Join,
    Other,
}

impl Clause {
    /// Name of the operator, as messages say it.
    pub fn operator(self) -> Option<&'static str> {
        match self {
            Clause::Select => Some("Project"),
            Clause::Where => Some("Filter"),
            Clause::Having => Some("Filter"),
            Clause::GroupBy => Some("Aggregate"),
            Clause::OrderBy => Some("Sort"),
            Clause::Join => Some("Join"),
            Clause::Other => None,
        }
    }
}

/// The surroundings of an expression while it is being resolved.
#[derive(Debug)]
pub(crate) struct ExprContext {
    pub scope: Arc<Scope>,
    pub clause: Clause,
    /// Fields of the columns that were referred to, by internal name.
    pub fields: ReferredFields,
    /// Earlier items of the same SELECT list: `SELECT a + 1 AS b, b * 2`.
    pub aliases: Vec<ResolvedExpr>,
    /// Parameters of the lambdas around, innermost last.
    pub lambda_parameters: Vec<(String, FieldRef)>,
    /// Columns that depend on the partition; they are computed under the operator.
    pub partition_columns: Vec<(String, PartitionFunction)>,
    /// Columns that the plan under the operator may have dropped and must show again.
    pub exposed: Vec<String>,
    /// Windows of time; computed under the operator too.
    pub time_windows: Vec<TimeWindow>,
    /// Whether names may be found in the layers under the scope (ORDER BY, HAVING, filters).
    pub looks_below: bool,
    /// Columns that were found there.
    pub from_below: Vec<Column>,
    /// Grouping expressions in order, where `grouping()` may be called.
    pub grouping: Option<Vec<datafusion::logical_expr::Expr>>,
    /// Inside the arguments of an aggregate function.
    pub in_aggregate: bool,
    /// Inside a window function.
    pub in_window: bool,
}

impl ExprContext {
    pub fn new(scope: &Arc<Scope>, clause: Clause) -> Self {
        Self {
            scope: Arc::clone(scope),
            clause,
            fields: ReferredFields::default(),
            aliases: Vec::new(),
            lambda_parameters: Vec::new(),
            partition_columns: Vec::new(),
            exposed: Vec::new(),
            time_windows: Vec::new(),
            looks_below: false,
            from_below: Vec::new(),
            grouping: None,
            in_aggregate: false,
            in_window: false,
        }
    }

    /// A context whose names may also be found under the scope.
    pub fn looking_below(scope: &Arc<Scope>, clause: Clause) -> Self {
        Self { looks_below: true, ..Self::new(scope, clause) }
    }
}

/// The schema that DataFusion derives types from: only what was referred to.
#[derive(Debug, Default)]
pub(crate) struct ReferredFields(HashMap<String, FieldRef>);

impl ReferredFields {
    pub fn insert(&mut self, field: FieldRef) {
        self.0.entry(field.name().clone()).or_insert(field);
    }
}

impl ExprSchema for ReferredFields {
    fn field_from_column(&self, column: &PlanColumn) -> Result<&FieldRef, DataFusionError> {
        self.0.get(&column.name).ok_or_else(|| {
            DataFusionError::Internal(format!("column {} was not resolved", column.name))
        })
    }
}

//! Python table functions: Spark's `Generate` over a `PythonUDTF`.

use super::one_input;
use crate::python::PythonTableTask;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, SortExpr, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The rows that a table function gives for each row of the input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonRows {
    pub input: LogicalPlan,
    pub parts: PythonRowsParts,
    schema: DFSchemaRef,
}

/// Everything but the input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonRowsParts {
    pub task: Arc<PythonTableTask>,
    /// What is sent to the worker.
    pub args: Vec<Expr>,
    /// Output columns under their internal names.
    pub columns: Vec<FieldRef>,
    /// Whether the input's columns come before them.
    pub keeps_input: bool,
    /// Rows with equal keys must reach one instance of the function.
    pub keys: Vec<Expr>,
    pub order: Vec<SortExpr>,
    /// Whether all rows must.
    pub single_partition: bool,
}

impl PythonRows {
    /// # Errors
    /// When a name exists twice.
    pub fn try_new(input: LogicalPlan, parts: PythonRowsParts) -> Result<Self> {
        let own = parts.keeps_input.then(|| input.schema().iter());
        let own = own.into_iter().flatten();
        let own = own.map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)));
        let added = parts.columns.iter().map(|field| (None, Arc::clone(field)));
        let fields = own.chain(added).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        Ok(Self { input, parts, schema })
    }
}

impl PartialOrd for PythonRows {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.parts.args.partial_cmp(&other.parts.args)
    }
}

impl UserDefinedLogicalNodeCore for PythonRows {
    fn name(&self) -> &str {
        "PythonRows"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        let order = self.parts.order.iter().map(|key| key.expr.clone());
        self.parts.args.iter().chain(&self.parts.keys).cloned().chain(order).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let args: Vec<_> = self.parts.args.iter().map(ToString::to_string).collect();
        let keys: Vec<_> = self.parts.keys.iter().map(ToString::to_string).collect();
        let (name, digest) = (&self.parts.task.name, self.parts.task.task.digest());
        write!(f, "PythonRows: {name}({}) by [{}] {digest}", args.join(", "), keys.join(", "))
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let mut exprs = exprs.into_iter();
        let mut parts = self.parts.clone();
        parts.args = exprs.by_ref().take(parts.args.len()).collect();
        parts.keys = exprs.by_ref().take(parts.keys.len()).collect();
        parts.order =
            parts.order.iter().zip(exprs).map(|(own, expr)| own.with_expr(expr)).collect();
        Self::try_new(one_input(inputs)?, parts)
    }
}

//! Columns that Python functions compute: Spark's `ArrowEvalPython` and `BatchEvalPython`.

use super::one_input;
use crate::python::PythonTask;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The input's columns followed by one per call of `task`, under internal names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonColumns {
    pub input: LogicalPlan,
    pub task: Arc<PythonTask>,
    /// What is sent to the worker.
    pub args: Vec<Expr>,
    pub columns: Vec<FieldRef>,
    schema: DFSchemaRef,
}

impl PythonColumns {
    /// # Errors
    /// When a name exists already.
    pub fn try_new(
        input: LogicalPlan,
        task: Arc<PythonTask>,
        args: Vec<Expr>,
        columns: Vec<FieldRef>,
    ) -> Result<Self> {
        let own = input.schema().iter();
        let own = own.map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)));
        let added = columns.iter().map(|field| (None, Arc::clone(field)));
        let fields = own.chain(added).collect();
        let metadata = input.schema().metadata().clone();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, metadata)?);
        Ok(Self { input, task, args, columns, schema })
    }
}

impl PartialOrd for PythonColumns {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.args.partial_cmp(&other.args)
    }
}

impl UserDefinedLogicalNodeCore for PythonColumns {
    fn name(&self) -> &str {
        "PythonColumns"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        self.args.clone()
    }

    /// Filters on the input's own columns pass: fewer rows are sent.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        self.columns.iter().map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let names: Vec<&str> = self.columns.iter().map(|field| field.name().as_str()).collect();
        write!(f, "PythonColumns: {names:?} of {:?} {}", self.args, self.task.digest())
    }

    fn with_exprs_and_inputs(&self, args: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Self::try_new(one_input(inputs)?, Arc::clone(&self.task), args, self.columns.clone())
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let own = self.input.schema();
        let n_own = own.fields().len();
        let mut needed: Vec<usize> =
            output_columns.iter().copied().filter(|column| *column < n_own).collect();
        for arg in &self.args {
            for column in arg.column_refs() {
                needed.push(own.maybe_index_of_column(column)?);
            }
        }
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }
}

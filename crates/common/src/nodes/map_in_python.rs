//! `mapInArrow`, `mapInPandas`: a Python function from the rows of a partition to any others.

use super::one_input;
use crate::python::PythonTask;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// What the function makes of each partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MapInPython {
    pub input: LogicalPlan,
    pub task: Arc<PythonTask>,
    /// The input's columns, in order, as the function sees them.
    pub inputs: Vec<FieldRef>,
    /// Output columns under their internal names.
    pub columns: Vec<FieldRef>,
    /// The same under the names that the user gave, for errors.
    pub names: Vec<String>,
    schema: DFSchemaRef,
}

impl MapInPython {
    /// # Errors
    /// When a name exists twice.
    pub fn try_new(
        input: LogicalPlan,
        task: Arc<PythonTask>,
        inputs: Vec<FieldRef>,
        columns: Vec<FieldRef>,
        names: Vec<String>,
    ) -> Result<Self> {
        let fields = columns.iter().map(|field| (None, Arc::clone(field))).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        Ok(Self { input, task, inputs, columns, names, schema })
    }
}

impl PartialOrd for MapInPython {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.names.partial_cmp(&other.names)
    }
}

impl UserDefinedLogicalNodeCore for MapInPython {
    fn name(&self) -> &str {
        "MapInPython"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "MapInPython: {:?} {}", self.names, self.task.digest())
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Self::try_new(
            one_input(inputs)?,
            Arc::clone(&self.task),
            self.inputs.clone(),
            self.columns.clone(),
            self.names.clone(),
        )
    }
}

//! `show()` and the notebook's HTML table: the whole table as one string.

use super::one_input;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion_common::{DFSchema, DFSchemaRef, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// How rows are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Serialize, Deserialize)]
pub enum ShowFormat {
    Table,
    /// One block per row.
    Vertical,
    Html,
}

/// One row, one non-null string column. The input holds one row more than `rows` shows, so that
/// "only showing top n rows" is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowString {
    /// Columns rendered as Spark's casts to string render them.
    pub input: LogicalPlan,
    /// Names that the user sees, in order of the input's columns.
    pub names: Vec<String>,
    pub rows: usize,
    /// Characters per cell; 0 shows all.
    pub truncate: usize,
    pub format: ShowFormat,
    schema: DFSchemaRef,
}

impl ShowString {
    /// `column` is the internal name of the result column.
    ///
    /// # Errors
    /// None in practice: a schema with one field is always valid.
    pub fn try_new(
        input: LogicalPlan,
        names: Vec<String>,
        rows: usize,
        truncate: usize,
        format: ShowFormat,
        column: &str,
    ) -> Result<Self> {
        let schema = Schema::new(vec![Field::new(column, DataType::Utf8, false)]);
        let schema = Arc::new(DFSchema::try_from(schema)?);
        Ok(Self { input, names, rows, truncate, format, schema })
    }
}

impl PartialOrd for ShowString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.names.partial_cmp(&other.names)
    }
}

impl UserDefinedLogicalNodeCore for ShowString {
    fn name(&self) -> &str {
        "ShowString"
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
        write!(f, "ShowString: rows={}, truncate={}", self.rows, self.truncate)
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        Ok(Self { input, ..self.clone() })
    }
}

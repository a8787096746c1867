//! `Generate`: `explode` and its kin, several rows for one.

use super::one_input;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, DataFusionError, Result};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The input's columns followed by the generator's.
///
/// `rows` has type `list<struct<…>>` with one struct field per column of `columns`; each element
/// becomes a row. With `outer`, a null or empty list gives one row of nulls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Generate {
    pub input: LogicalPlan,
    pub rows: Expr,
    /// Output columns under their internal names.
    pub columns: Vec<FieldRef>,
    pub outer: bool,
    schema: DFSchemaRef,
}

impl Generate {
    /// # Errors
    /// When a name exists already.
    pub fn try_new(
        input: LogicalPlan,
        rows: Expr,
        columns: Vec<FieldRef>,
        outer: bool,
    ) -> Result<Self> {
        let fields = input
            .schema()
            .iter()
            .map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field)))
            .chain(columns.iter().map(|field| (None, Arc::clone(field))))
            .collect();
        let metadata = input.schema().metadata().clone();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, metadata)?);
        Ok(Self { input, rows, columns, outer, schema })
    }
}

impl PartialOrd for Generate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.rows.partial_cmp(&other.rows)
    }
}

impl UserDefinedLogicalNodeCore for Generate {
    fn name(&self) -> &str {
        "Generate"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![self.rows.clone()]
    }

    /// A filter on a generated column cannot be asked below.
    fn prevent_predicate_push_down_columns(&self) -> std::collections::HashSet<String> {
        self.columns.iter().map(|field| field.name().clone()).collect()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Generate: {}, outer={}", self.rows, self.outer)
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let input = one_input(inputs)?;
        let rows = exprs
            .into_iter()
            .next()
            .ok_or_else(|| DataFusionError::Internal("Generate without expression".into()))?;
        Self::try_new(input, rows, self.columns.clone(), self.outer)
    }
}

//! A data source written in Python that is yet to be asked how it is read.

use crate::python::{PythonDataSource, PythonSettings};
use crate::types::StructType;
use arrow::datatypes::FieldRef;
use datafusion_common::{DFSchema, DFSchemaRef, Result, internal_err};
use datafusion_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The rows of an instance. A rule makes a [`super::MapInPython`] of it when filters have come as near as they
/// do, because the source may take some over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonSource {
    pub scan: Arc<PythonScan>,
    /// Output columns under their internal names.
    pub columns: Vec<FieldRef>,
    schema: DFSchemaRef,
}

/// What a source is read by.
#[derive(Debug, PartialEq)]
pub struct PythonScan {
    pub source: PythonDataSource,
    /// The pickled instance.
    pub instance: Arc<[u8]>,
    pub schema: StructType,
    pub settings: Arc<PythonSettings>,
    /// `spark.sql.python.filterPushdown.enabled`.
    pub pushes_filters: bool,
}

impl Eq for PythonScan {}

impl PythonSource {
    /// # Errors
    /// When a name exists twice.
    pub fn try_new(scan: Arc<PythonScan>, columns: Vec<FieldRef>) -> Result<Self> {
        let fields = columns.iter().map(|field| (None, Arc::clone(field))).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        Ok(Self { scan, columns, schema })
    }
}

impl Hash for PythonSource {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scan.instance.hash(state);
        self.columns.hash(state);
    }
}

impl PartialOrd for PythonSource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.scan.instance.partial_cmp(&other.scan.instance)
    }
}

impl UserDefinedLogicalNodeCore for PythonSource {
    fn name(&self) -> &str {
        "PythonSource"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let names: Vec<_> = self.scan.schema.fields.iter().map(|field| &field.name).collect();
        // Options are in the instance: plans that are compared as texts must differ with them.
        let mut hasher = DefaultHasher::new();
        (&self.scan.instance, &self.scan.schema).hash(&mut hasher);
        write!(f, "PythonSource: {} {names:?} {:016x}", self.scan.source.name, hasher.finish())
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        if !inputs.is_empty() {
            return internal_err!("a data source got {} inputs", inputs.len());
        }
        Ok(self.clone())
    }
}

//! The names that people see, beside a plan whose columns have internal names.

use firesteel_common::{StructField, StructType};

/// One visible column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Unique name of the column in the DataFusion plan (`#12`), always unqualified.
    pub internal: String,
    /// What the user sees: name, type, nullability, metadata.
    pub field: StructField,
    /// Alias or table by which it may be qualified: `["spark_catalog", "default", "t"]` or `["t"]`.
    pub qualifier: Vec<String>,
}

/// The visible columns of a relation, in order; names may repeat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    pub columns: Vec<Column>,
    /// Columns that may be named but are not selected by `*`: the other side of a USING join, input
    /// columns of a projection for ORDER BY.
    pub hidden: Vec<Column>,
}

impl Scope {
    /// The schema that the user sees.
    pub fn schema(&self) -> StructType {
        StructType { fields: self.columns.iter().map(|column| column.field.clone()).collect() }
    }
}

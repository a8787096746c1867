//! Saved models: Spark's layout, `metadata/` with a line of JSON and tables as Parquet beside it.
//!
//! `server` does the files; a model says what they hold.

use crate::linalg::{Matrix, MatrixColumn, Vector, VectorColumn};
use crate::model::Instance;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde_json::Value as Json;
use std::sync::Arc;

/// Where a model is written.
pub trait ModelWriter {
    /// An entry of the metadata beside class, uid and parameters: `numFeatures`.
    fn extra(&mut self, name: &str, value: Json);

    /// A Parquet table in the folder `name`: `data`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn table(&mut self, name: &str, table: Table) -> Result<()>;

    /// Another model in the folder `name`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn instance(&mut self, name: &str, instance: &Instance) -> Result<()>;

    /// Metadata alone in the folder `name`: a pipeline of instances.
    ///
    /// # Errors
    /// When it cannot be written.
    fn metadata(&mut self, name: &str, line: &Json) -> Result<()>;
}

/// Where a model is read from.
pub trait ModelReader {
    /// The metadata line.
    fn metadata(&self) -> &Json;

    /// The table in the folder `name`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn table(&mut self, name: &str) -> Result<Table>;

    /// The model in the folder `name`.
    ///
    /// # Errors
    /// When it cannot be read, or its class is not served.
    fn instance(&mut self, name: &str) -> Result<Instance>;

    /// The metadata line of the folder `name`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn metadata_of(&mut self, name: &str) -> Result<Json>;
}

/// A table of a saved model, in memory.
#[derive(Debug, Clone)]
pub struct Table {
    pub schema: StructType,
    pub batch: RecordBatch,
}

impl Table {
    /// # Errors
    /// Columns of different lengths or types.
    pub fn new(columns: Vec<(&str, SparkType, ArrayRef)>) -> Result<Self> {
        let nullable = |kind: &SparkType| {
            !matches!(
                kind,
                SparkType::Boolean
                    | SparkType::Integer
                    | SparkType::Long
                    | SparkType::Double
                    | SparkType::Float
            )
        };
        let fields: Vec<_> = columns
            .iter()
            .map(|(name, kind, _)| StructField::new(*name, kind.clone(), nullable(kind)))
            .collect();
        let schema = StructType::new(fields);
        let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
        let columns = columns.into_iter().map(|(_, _, column)| column).collect();
        Ok(Self { schema, batch: RecordBatch::try_new(arrow, columns)? })
    }

    pub fn n_rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// # Errors
    /// There is none of that name: the folder holds another model.
    pub fn column(&self, name: &str) -> Result<&ArrayRef> {
        let position = self.schema.fields.iter().position(|field| field.name == name);
        position
            .map(|position| self.batch.column(position))
            .ok_or_else(|| crate::error::failed(format!("A saved model has no column {name}.")))
    }

    pub fn has(&self, name: &str) -> bool {
        self.schema.fields.iter().any(|field| field.name == name)
    }

    fn no_rows(&self) -> SparkError {
        crate::error::failed("A saved model has no rows.")
    }

    fn first(&self, name: &str) -> Result<&ArrayRef> {
        let column = self.column(name)?;
        if column.is_empty() { Err(self.no_rows()) } else { Ok(column) }
    }

    /// # Errors
    /// This and those below, of the first row: no such column, or no rows.
    pub fn vector(&self, name: &str) -> Result<Vector> {
        let vector = VectorColumn::new(self.first(name)?)?.get(0).map(|vector| vector.to_owned());
        vector.ok_or_else(|| self.no_rows())
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn matrix(&self, name: &str) -> Result<Matrix> {
        MatrixColumn::new(self.first(name)?)?.get(0)?.ok_or_else(|| self.no_rows())
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn double(&self, name: &str) -> Result<f64> {
        Ok(cast(self.first(name)?, &DataType::Float64)?.as_primitive::<Float64Type>().value(0))
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn int(&self, name: &str) -> Result<i32> {
        Ok(cast(self.first(name)?, &DataType::Int32)?.as_primitive::<Int32Type>().value(0))
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn long(&self, name: &str) -> Result<i64> {
        Ok(cast(self.first(name)?, &DataType::Int64)?.as_primitive::<Int64Type>().value(0))
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn bool(&self, name: &str) -> Result<bool> {
        Ok(cast(self.first(name)?, &DataType::Boolean)?.as_boolean().value(0))
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn doubles(&self, name: &str) -> Result<Vec<f64>> {
        let list = self.first(name)?.as_list_opt::<i32>().ok_or_else(|| self.no_rows())?.value(0);
        Ok(cast(&list, &DataType::Float64)?.as_primitive::<Float64Type>().values().to_vec())
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn ints(&self, name: &str) -> Result<Vec<i32>> {
        let list = self.first(name)?.as_list_opt::<i32>().ok_or_else(|| self.no_rows())?.value(0);
        Ok(cast(&list, &DataType::Int32)?.as_primitive::<Int32Type>().values().to_vec())
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn longs(&self, name: &str) -> Result<Vec<i64>> {
        let list = self.first(name)?.as_list_opt::<i32>().ok_or_else(|| self.no_rows())?.value(0);
        Ok(cast(&list, &DataType::Int64)?.as_primitive::<Int64Type>().values().to_vec())
    }

    /// # Errors
    /// As [`Table::vector`].
    pub fn strings(&self, name: &str) -> Result<Vec<String>> {
        let list = self.first(name)?.as_list_opt::<i32>().ok_or_else(|| self.no_rows())?.value(0);
        Ok(texts(&list)?)
    }
}

/// A column of texts; null is empty.
///
/// # Errors
/// It has no texts.
pub fn texts(column: &ArrayRef) -> Result<Vec<String>> {
    let column = cast(column, &DataType::Utf8)?;
    let texts = column.as_string::<i32>();
    Ok(texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

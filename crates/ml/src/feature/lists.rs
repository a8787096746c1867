//! Arrays as the single row of a saved model's table.

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, ListArray, StringArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

type Column<'n> = (&'n str, SparkType, ArrayRef);

/// One row per list.
fn lists(
    name: &str,
    element: SparkType,
    lengths: Vec<usize>,
    values: ArrayRef,
) -> Result<Column<'_>> {
    // Spark's writer says that arrays of numbers have no nulls.
    let contains_null = element == SparkType::string();
    let data_type = SparkType::Array { element: Box::new(element), contains_null };
    let DataType::List(item) = data_type.to_arrow() else {
        return Err(SparkError::internal("a list has another type"));
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok((name, data_type, Arc::new(ListArray::try_new(item, offsets, values, None)?)))
}

/// # Errors
/// These: an internal error.
pub(super) fn longs<'n>(name: &'n str, values: &[i64]) -> Result<Column<'n>> {
    let column = Arc::new(Int64Array::from(values.to_vec()));
    lists(name, SparkType::Long, vec![values.len()], column)
}

pub(super) fn ints<'n>(name: &'n str, values: &[i32]) -> Result<Column<'n>> {
    let column = Arc::new(Int32Array::from(values.to_vec()));
    lists(name, SparkType::Integer, vec![values.len()], column)
}

pub(super) fn strings<'n>(name: &'n str, values: &[String]) -> Result<Column<'n>> {
    let column = Arc::new(StringArray::from_iter_values(values));
    lists(name, SparkType::string(), vec![values.len()], column)
}

/// Several rows.
pub(super) fn doubles<'n>(name: &'n str, rows: &[Vec<f64>]) -> Result<Column<'n>> {
    let column = Arc::new(Float64Array::from(rows.concat()));
    lists(name, SparkType::Double, rows.iter().map(Vec::len).collect(), column)
}

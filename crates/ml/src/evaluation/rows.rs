//! Checks of the rows that are judged.

use crate::data::check_weight;
use crate::error;
use arrow::array::{Array, Float64Array};
use firesteel_common::Result;

/// # Errors
/// It is null. Spark fails there with an error of Scala's.
pub(super) fn number(column: &Float64Array, row: usize) -> Result<f64> {
    match column.is_valid(row) {
        true => Ok(column.value(row)),
        false => Err(error::failed("Predictions and labels must not be null.")),
    }
}

/// One, if there are no weights.
///
/// # Errors
/// Spark's: null, NaN, negative or infinite.
pub(super) fn weight(column: Option<&Float64Array>, row: usize) -> Result<f64> {
    match column {
        Some(column) => check_weight(column.is_valid(row).then(|| column.value(row))),
        None => Ok(1.0),
    }
}

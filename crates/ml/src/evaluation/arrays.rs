//! Columns of arrays of doubles, row by row.

use crate::data::{Dataset, doubles};
use crate::error;
use arrow::array::{Array, AsArray};
use firesteel_common::{Result, SparkType};
use std::collections::BTreeSet;

/// Calls `take` with predictions and labels of every row.
///
/// # Errors
/// Spark's: a column is missing or has no arrays of numbers.
pub(super) fn pairs(
    data: &Dataset,
    prediction: &str,
    label: &str,
    mut take: impl FnMut(&[f64], &[f64]),
) -> Result<()> {
    let mut exprs = Vec::with_capacity(2);
    for name in [prediction, label] {
        let column = data.frame.column(name)?;
        let kind = &column.field.data_type;
        if !matches!(kind, SparkType::Array { element, .. } if element.is_numeric()) {
            return Err(error::requirement(format!(
                "Column {name} must be of type equal to one of the following types: [array<double>, array<double>] \
                 but was actually of type {}.",
                kind.simple_string()
            )));
        }
        exprs.push(column.expr());
    }
    data.scan(exprs, |batch| {
        let (predictions, labels) =
            (batch.column(0).as_list::<i32>(), batch.column(1).as_list::<i32>());
        for row in 0..batch.num_rows() {
            if predictions.is_null(row) || labels.is_null(row) {
                return Err(error::failed("Predictions and labels must not be null."));
            }
            let predictions = doubles(&predictions.value(row))?;
            let labels = doubles(&labels.value(row))?;
            take(predictions.values(), labels.values());
        }
        Ok(())
    })
}

/// Classes as a set, by their bits.
pub(super) fn sets(classes: &[f64]) -> BTreeSet<u64> {
    classes.iter().map(|class| (class + 0.0).to_bits()).collect()
}

//! Columns of user and item ids, and of ratings, with Spark's checks.

use crate::data::doubles;
use crate::error;
use crate::linalg::double_text;
use arrow::array::{Array, ArrayRef, AsArray, Int32Array};
use arrow::datatypes::{DataType, Float32Type, Int32Type};
use arrow::util::display::array_value_to_string;
use datafusion_expr::{Expr, cast};
use firesteel_common::{ErrorKind, Frame, Result, SparkError, SparkType};

/// The column as it is; [`ids`] reads it.
///
/// # Errors
/// Spark's: there is none of that name, or it has no numbers.
pub(super) fn id_expr(frame: &Frame, name: &str) -> Result<Expr> {
    let column = frame.column(name)?;
    if column.field.data_type.is_numeric() {
        return Ok(column.expr());
    }
    Err(error::requirement(format!(
        "Column {name} must be of type numeric but was actually of type {}.",
        column.field.data_type.simple_string()
    )))
}

/// Ids of a column called `name`.
///
/// # Errors
/// Spark's: null, out of the range of integers, or with a fraction.
pub(super) fn ids(column: &ArrayRef, name: &str) -> Result<Int32Array> {
    if let Some(ids) = column.as_primitive_opt::<Int32Type>() {
        if ids.null_count() > 0 {
            return Err(error::raised(format!("{name} Ids MUST NOT be Null")));
        }
        return Ok(ids.clone());
    }
    let values = doubles(column)?;
    let mut ids = Vec::with_capacity(values.len());
    for row in 0..values.len() {
        let id = values.value(row) as i32;
        if values.is_null(row) || f64::from(id) != values.value(row) {
            if values.is_null(row) {
                // Spark appends the value to its message, and anything with null is null.
                return Err(error::raised("null"));
            }
            let value = match column.data_type() {
                DataType::Float64 => double_text(values.value(row)),
                _ => array_value_to_string(column, row)?,
            };
            if column.data_type() == &DataType::Int64 {
                return Err(too_large(&value));
            }
            return Err(error::raised(format!(
                "ALS only supports non-Null values in Integer range and without fractional part for column {name}, \
                 but got {value}"
            )));
        }
        ids.push(id);
    }
    Ok(Int32Array::from(ids))
}

/// A long that is no integer.
fn too_large(value: &str) -> SparkError {
    let message = format!(
        "The value {value}L of the type \"BIGINT\" cannot be cast to \"INT\" due to an overflow. Use `try_cast` to \
         tolerate overflow and return NULL instead."
    );
    SparkError::new(ErrorKind::Arithmetic, "CAST_OVERFLOW", message)
        .with("value", format!("{value}L"))
        .with("sourceType", "\"BIGINT\"")
        .with("targetType", "\"INT\"")
}

/// The column of ratings as floats; without one all are 1.
///
/// # Errors
/// Spark's: there is none of that name, or it has no numbers.
pub(super) fn rating_expr(frame: &Frame, name: Option<&str>) -> Result<Expr> {
    let Some(name) = name else { return Ok(datafusion_expr::lit(1.0_f32)) };
    let column = frame.column(name)?;
    let kind = &column.field.data_type;
    if !kind.is_numeric() {
        return Err(error::requirement(format!(
            "Column {name} must be of type numeric but was actually of type {}.",
            kind.simple_string()
        )));
    }
    Ok(match kind {
        SparkType::Float => column.expr(),
        _ => cast(column.expr(), DataType::Float32),
    })
}

/// Appends ratings that [`rating_expr`] selected.
///
/// # Errors
/// Spark's: null, NaN or infinite.
pub(super) fn push_ratings(column: &ArrayRef, to: &mut Vec<f32>) -> Result<()> {
    let ratings = column.as_primitive::<Float32Type>();
    let is_broken = |rating: &f32| rating.is_nan();
    if ratings.null_count() > 0 || ratings.values().iter().any(is_broken) {
        return Err(error::raised("Ratings MUST NOT be Null or NaN"));
    }
    if let Some(rating) = ratings.values().iter().find(|rating| rating.is_infinite()) {
        let text = double_text(f64::from(*rating));
        return Err(error::raised(format!("Ratings MUST NOT be Infinity, but got {text}")));
    }
    to.extend_from_slice(ratings.values());
    Ok(())
}

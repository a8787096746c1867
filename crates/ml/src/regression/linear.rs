//! `a · x + c` over columns of vectors: predictions of linear models.

use crate::error;
use crate::function::FunctionKind;
use crate::linalg::{VectorColumn, kernels};
use arrow::array::{ArrayRef, Float64Array};
use firesteel_common::Result;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A linear function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Linear {
    #[serde(with = "crate::wire::doubles")]
    pub coefficients: Vec<f64>,
    pub intercept: f64,
}

pub(crate) static LINEAR: FunctionKind<Linear> =
    FunctionKind::<Linear>::new("linear", linear).in_spark("PredictionModel");

fn linear(model: &Linear, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    Ok(Arc::new(Float64Array::from(margins(model, &columns[0], n_rows)?)))
}

/// The function's values for a column of vectors.
///
/// # Errors
/// Spark's: a vector is null or of another width.
pub(crate) fn margins(model: &Linear, column: &ArrayRef, n_rows: usize) -> Result<Vec<f64>> {
    let vectors = VectorColumn::new(column)?;
    let n = model.coefficients.len();
    if let Some((values, width)) = vectors.as_dense()
        && width == n
    {
        let mut out = vec![model.intercept; n_rows];
        kernels::gemv(1.0, values, &model.coefficients, 1.0, &mut out);
        return Ok(out);
    }
    (0..n_rows)
        .map(|row| {
            let vector = vectors.get(row).ok_or_else(|| null_features())?;
            if vector.size() != n {
                return Err(wrong_size(vector.size(), n));
            }
            Ok(vector.dot(&model.coefficients) + model.intercept)
        })
        .collect()
}

/// A row without features cannot be predicted; [`FunctionKind::in_spark`] has seen to that before.
pub(crate) fn null_features() -> firesteel_common::SparkError {
    error::failed("The features are null")
}

/// A vector is of another width than the model's.
pub(crate) fn wrong_size(x: usize, y: usize) -> firesteel_common::SparkError {
    error::requirement(format!(
        "BLAS.dot(x: Vector, y:Vector) was given Vectors with non-matching sizes: x.size = {x}, y.size = {y}"
    ))
}

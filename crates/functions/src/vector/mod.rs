//! Vector functions: over arrays of floats, computed in floats.
//!
//! Spark adds up eight products at a time and then the sum of those to the total; other orders
//! round otherwise, so [`sum_of`] does the same.

mod distance;
mod norm;
mod udt;

pub(crate) use udt::{VECTOR_CLASS, Vector, Vectors, is_vector, vector_type};

use crate::call::Arg;
use crate::implicit::unexpected_type;
use crate::registry::FunctionDef;
use crate::scalar_kernel::{AnyKind, Input};
use arrow::array::{Array, AsArray, ListArray};
use arrow::datatypes::Float32Type;
use firesteel_common::{Result, SparkError, SparkType};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let def = FunctionDef::scalar;
    vec![
        def("vector_cosine_similarity", distance::cosine_similarity),
        def("vector_inner_product", distance::inner_product),
        def("vector_l2_distance", distance::l2_distance),
        def("vector_norm", norm::norm),
        def("vector_normalize", norm::normalize),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&distance::PAIR, &norm::NORM, &norm::NORMALIZE]
}

/// Spark converts nothing to a vector.
///
/// # Errors
/// `DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE`.
pub(crate) fn check_vector(function: &str, position: usize, arg: &Arg) -> Result<()> {
    match arg.spark_type()? {
        SparkType::Array { element, .. } if *element == SparkType::Float => Ok(()),
        _ => Err(unexpected_type(function, position, arg, "ARRAY<FLOAT>")),
    }
}

/// Spark's error for vectors of different lengths.
pub(crate) fn dimension_mismatch(function: &str, left: usize, right: usize) -> SparkError {
    SparkError::runtime(
        "VECTOR_DIMENSION_MISMATCH",
        format!(
            "Vectors passed to `{function}` must have the same dimension, but got {left} and \
             {right}."
        ),
    )
    .with("functionName", format!("`{function}`"))
    .with("leftDim", left.to_string())
    .with("rightDim", right.to_string())
}

/// The vector of a row; none where it or one of its numbers is null.
fn vector(list: &ListArray, row: usize) -> Option<&[f32]> {
    if list.is_null(row) {
        return None;
    }
    let values = list.values().as_primitive_opt::<Float32Type>()?;
    let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
    let any_null = values.nulls().is_some_and(|nulls| (start..end).any(|at| nulls.is_null(at)));
    (!any_null).then(|| &values.values()[start..end])
}

/// The vectors of an argument.
fn vectors<'a>(input: &'a Input<'_>, position: usize) -> Result<&'a ListArray> {
    input.list(position)
}

/// The sum of `term` of every position, as Spark rounds it.
fn sum_of(n: usize, term: impl Fn(usize) -> f32) -> f32 {
    let mut total = 0.0_f32;
    let whole = n - n % 8;
    for start in (0..whole).step_by(8) {
        total += (start + 1..start + 8).fold(term(start), |sum, at| sum + term(at));
    }
    (whole..n).fold(total, |sum, at| sum + term(at))
}

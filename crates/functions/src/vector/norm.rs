//! `vector_norm(vector [, degree])` and `vector_normalize(vector [, degree])`.

use super::{check_vector, sum_of, vector, vectors};
use crate::call::Call;
use crate::columns::{get, primitives};
use crate::implicit::unexpected_type;
use crate::scalar_kernel::Kind;
use arrow::array::{Array, ArrayRef, Float32Array, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Float32Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) fn norm(call: Call<'_>) -> Result<Expr> {
    Ok(NORM.kernel((), &SparkType::Float).call(arguments(call)?))
}

pub(super) fn normalize(call: Call<'_>) -> Result<Expr> {
    let element = Box::new(SparkType::Float);
    let result = SparkType::Array { element, contains_null: false };
    Ok(NORMALIZE.kernel((), &result).call(arguments(call)?))
}

fn arguments(call: Call<'_>) -> Result<Vec<Expr>> {
    call.check_arity(1, 2)?;
    let name = call.name;
    for (position, arg) in call.args.iter().enumerate() {
        match position {
            0 => check_vector(name, 0, arg)?,
            _ if arg.spark_type()? == SparkType::Float => {}
            _ => return Err(unexpected_type(name, position, arg, "FLOAT")),
        }
    }
    let mut args = call.exprs();
    if args.len() == 1 {
        args.push(Expr::Literal(ScalarValue::Float32(Some(2.0)), None));
    }
    Ok(args)
}

pub(super) static NORM: Kind<()> = Kind::new("vector_norm", |(), input| {
    let (lists, degrees) = (vectors(input, 0)?, input.primitive::<Float32Type>(1)?);
    primitives::<Float32Type>(input.n_rows, |row| match (vector(lists, row), get!(degrees, row)) {
        (Some(vector), Some(degree)) => norm_of("vector_norm", vector, degree).map(Some),
        _ => Ok(None),
    })
});

/// Null where the norm is zero; an empty vector stays as it is.
pub(super) static NORMALIZE: Kind<()> = Kind::new("vector_normalize", |(), input| {
    let (lists, degrees) = (vectors(input, 0)?, input.primitive::<Float32Type>(1)?);
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("vector_normalize answers with a list"));
    };
    let (mut values, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..input.n_rows {
        let before = values.len();
        let mut known = false;
        if let (Some(vector), Some(degree)) = (vector(lists, row), get!(degrees, row)) {
            let norm = norm_of("vector_normalize", vector, degree)?;
            known = vector.is_empty() || norm != 0.0;
            if known {
                values.extend(vector.iter().map(|value| value / norm));
            }
        }
        lengths.push(values.len() - before);
        valid.push(known);
    }
    let values: ArrayRef = Arc::new(Float32Array::from(values));
    let offsets = OffsetBuffer::from_lengths(lengths);
    let valid = Some(NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, valid)?))
});

fn norm_of(function: &str, vector: &[f32], degree: f32) -> Result<f32> {
    if degree == 1.0 {
        Ok(sum_of(vector.len(), |at| vector[at].abs()))
    } else if degree == 2.0 {
        Ok(sum_of(vector.len(), |at| vector[at] * vector[at]).sqrt())
    } else if degree == f32::INFINITY {
        // NaN is greater than nothing here.
        Ok(vector
            .iter()
            .fold(0.0, |most, value| if value.abs() > most { value.abs() } else { most }))
    } else {
        let shown = ScalarValue::Float32(Some(degree));
        Err(SparkError::runtime(
            "INVALID_VECTOR_NORM_DEGREE",
            format!(
                "For the `{function}` function, degree must be 1.0, 2.0, or float('inf'), but got \
                 {degree:?}."
            ),
        )
        .with("functionName", format!("`{function}`"))
        .with("degree", shown.to_string()))
    }
}

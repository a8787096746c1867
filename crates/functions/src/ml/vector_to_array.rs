//! `vector_to_array(vector, dtype)`: all entries of a vector, as doubles or floats.

use super::is_vector;
use crate::call::Call;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, Float32Array, Float64Array, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Float64Type, Int8Type, Int32Type};
use datafusion_expr::Expr;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) static DOUBLES: Kind<()> =
    Kind::new("vector_to_array", |(), input| arrays(input, false));
pub(super) static FLOATS: Kind<()> =
    Kind::new("vector_to_array.floats", |(), input| arrays(input, true));

pub(super) fn vector_to_array(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let dtype = match call.args.get(1).and_then(|arg| arg.literal()) {
        Some(value) => value.to_string(),
        None => "float64".to_owned(),
    };
    let Some(vector) = call.args.into_iter().next() else {
        return Err(SparkError::internal("vector_to_array has no argument"));
    };
    if !is_vector(&vector.spark_type()?) {
        return Err(wrong_type(&vector.spark_type()?));
    }
    let array = |element| SparkType::Array { element: Box::new(element), contains_null: false };
    let kernel = match dtype.as_str() {
        "float64" => DOUBLES.kernel((), &array(SparkType::Double)),
        "float32" => FLOATS.kernel((), &array(SparkType::Float)),
        _ => {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "",
                format!("Unsupported dtype: {dtype}. Valid values: float64, float32."),
            ));
        }
    };
    Ok(kernel.nullable(Nullable::Never).call(vec![vector.expr]))
}

/// Spark finds this out row by row.
fn wrong_type(found: &SparkType) -> SparkError {
    let reason = format!(
        "java.lang.IllegalArgumentException: function vector_to_array requires a non-null input argument and input \
         type must be `org.apache.spark.ml.linalg.Vector` or `org.apache.spark.mllib.linalg.Vector`, but got {}.",
        found.simple_string()
    );
    SparkError::new(
        ErrorKind::Execution,
        "FAILED_EXECUTE_UDF",
        format!("User defined function (`vector_to_array`) failed due to: {reason}"),
    )
    .with("functionName", "`vector_to_array`")
    .with("reason", reason)
}

fn broken() -> SparkError {
    SparkError::internal("a column of vectors has not the type of one")
}

fn arrays(input: &Input<'_>, floats: bool) -> Result<ArrayRef> {
    let column = input.args.first().ok_or_else(broken)?;
    let vectors = column.as_struct_opt().ok_or_else(broken)?;
    if vectors.null_count() > 0 {
        return Err(wrong_type(&SparkType::Null));
    }
    let kinds = vectors.column(0).as_primitive_opt::<Int8Type>().ok_or_else(broken)?;
    let sizes = vectors.column(1).as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
    let indices = vectors.column(2).as_list_opt::<i32>().ok_or_else(broken)?;
    let values = vectors.column(3).as_list_opt::<i32>().ok_or_else(broken)?;
    let all_indices = indices.values().as_primitive_opt::<Int32Type>().ok_or_else(broken)?;
    let all_values = values.values().as_primitive_opt::<Float64Type>().ok_or_else(broken)?;
    let range = |list: &ListArray, row: usize| {
        let ends = list.value_offsets();
        ends[row] as usize..ends[row + 1] as usize
    };
    let mut entries = Vec::with_capacity(all_values.len());
    let mut lengths = Vec::with_capacity(vectors.len());
    for row in 0..vectors.len() {
        let own = &all_values.values()[range(values, row)];
        let from = entries.len();
        if kinds.value(row) == 0 {
            entries.resize(from + sizes.value(row).max(0) as usize, 0.0);
            for (index, value) in all_indices.values()[range(indices, row)].iter().zip(own) {
                *entries.get_mut(from + *index as usize).ok_or_else(broken)? = *value;
            }
        } else {
            entries.extend_from_slice(own);
        }
        lengths.push(entries.len() - from);
    }
    let DataType::List(item) = input.result else { return Err(broken()) };
    let entries: ArrayRef = match floats {
        true => Arc::new(entries.iter().map(|value| *value as f32).collect::<Float32Array>()),
        false => Arc::new(Float64Array::from(entries)),
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, entries, None)?))
}

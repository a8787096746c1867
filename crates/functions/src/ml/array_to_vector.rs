//! `array_to_vector(array)`: a dense vector of an array's numbers.

use super::vector_type;
use crate::call::Call;
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef, AsArray, Int8Array, Int32Array, ListArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion_expr::Expr;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) static VECTORS: Kind<()> = Kind::new("array_to_vector", |(), input| vectors(input));

pub(super) fn array_to_vector(call: Call<'_>) -> Result<Expr> {
    let [array] = call.exactly::<1>()?;
    let data_type = array.spark_type()?;
    match &data_type {
        SparkType::Array { element, .. } if element.is_numeric() => {
            Ok(VECTORS.kernel((), &vector_type()).call(vec![array.expr]))
        }
        other => Err(SparkError::analysis(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            format!(
                "array_to_vector needs an array of numbers, but got {}.",
                other.simple_string()
            ),
        )),
    }
}

fn null() -> SparkError {
    let reason = "java.lang.NullPointerException: an array or a number in it is null";
    SparkError::new(
        ErrorKind::Execution,
        "FAILED_EXECUTE_UDF",
        format!("User defined function (`array_to_vector`) failed due to: {reason}."),
    )
    .with("functionName", "`array_to_vector`")
    .with("reason", reason)
}

fn vectors(input: &Input<'_>) -> Result<ArrayRef> {
    let broken = || SparkError::internal("a column of arrays has not the type of one");
    let arrays = input.list(0)?;
    let numbers = cast(arrays.values(), &DataType::Float64)?;
    let offsets = arrays.value_offsets();
    let (from, to) = (offsets[0] as usize, offsets[arrays.len()] as usize);
    let numbers = numbers.slice(from, to - from);
    if arrays.null_count() > 0 || numbers.null_count() > 0 {
        return Err(null());
    }
    let DataType::Struct(fields) = input.result else { return Err(broken()) };
    let (DataType::List(of_ints), DataType::List(of_doubles)) =
        (fields[2].data_type(), fields[3].data_type())
    else {
        return Err(broken());
    };
    let n_rows = arrays.len();
    let lengths = offsets.windows(2).map(|ends| (ends[1] - ends[0]) as usize);
    let numbers = numbers.as_primitive_opt::<Float64Type>().ok_or_else(broken)?.clone();
    let values = ListArray::try_new(
        Arc::clone(of_doubles),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(numbers),
        None,
    )?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![1; n_rows])),
        Arc::new(Int32Array::new_null(n_rows)),
        Arc::new(ListArray::new_null(Arc::clone(of_ints), n_rows)),
        Arc::new(values),
    ];
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None)?))
}

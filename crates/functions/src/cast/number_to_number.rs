//! Between whole and floating-point numbers.

use super::column::{Context, missing};
use super::java_double::{double_text, float_text};
use crate::columns::{get, primitives};
use crate::faults::cast_overflow;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkType};

pub(super) fn column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    use SparkType::{Byte, Double, Float, Integer, Long, Short};
    match (from, to) {
        (_, Float | Double) => Ok(arrow::compute::cast(array, &to.to_arrow())?),
        (Byte | Short | Integer | Long, _) => from_whole(array, from, to, context),
        (Float | Double, _) => from_floating(array, from, to, context),
        _ => Err(missing(from, to)),
    }
}

fn from_whole(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let wide = arrow::compute::cast(array, &arrow::datatypes::DataType::Int64)?;
    let values = wide.as_primitive::<Int64Type>();
    macro_rules! narrow {
        ($arrow:ty, $native:ty) => {
            primitives::<$arrow>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                match <$native>::try_from(value) {
                    Ok(narrow) => Ok(Some(narrow)),
                    Err(_) => context.misfit(Some(value as $native), || {
                        let text = whole_literal(value, from);
                        cast_overflow(&text, &from.sql(), &to.sql())
                    }),
                }
            })
        };
    }
    match to {
        SparkType::Byte => narrow!(Int8Type, i8),
        SparkType::Short => narrow!(Int16Type, i16),
        SparkType::Integer => narrow!(Int32Type, i32),
        SparkType::Long => Ok(wide),
        _ => Err(missing(from, to)),
    }
}

/// A whole number as a SQL literal of its type.
pub(super) fn whole_literal(value: i64, data_type: &SparkType) -> String {
    let suffix = match data_type {
        SparkType::Byte => "Y",
        SparkType::Short => "S",
        SparkType::Long => "L",
        _ => "",
    };
    format!("{value}{suffix}")
}

fn from_floating(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let wide = arrow::compute::cast(array, &arrow::datatypes::DataType::Float64)?;
    let values = wide.as_primitive::<Float64Type>();
    macro_rules! truncate {
        ($arrow:ty, $native:ty, $java:expr) => {
            primitives::<$arrow>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                let fits =
                    value.floor() <= <$native>::MAX as f64 && value.ceil() >= <$native>::MIN as f64;
                if fits {
                    return Ok(Some(value as $native));
                }
                let java: fn(f64) -> $native = $java;
                context.misfit(Some(java(value)), || {
                    let text = match from {
                        SparkType::Float => format!(
                            "{}",
                            float_text(array.as_primitive::<Float32Type>().value(row))
                        ),
                        _ => format!("{}D", double_text(value)),
                    };
                    cast_overflow(&text, &from.sql(), &to.sql())
                })
            })
        };
    }
    // Java narrows a floating-point number to int first, and that to byte and short.
    match to {
        SparkType::Byte => truncate!(Int8Type, i8, |value| value as i32 as i8),
        SparkType::Short => truncate!(Int16Type, i16, |value| value as i32 as i16),
        SparkType::Integer => truncate!(Int32Type, i32, |value| value as i32),
        SparkType::Long => truncate!(Int64Type, i64, |value| value as i64),
        _ => Err(missing(from, to)),
    }
}

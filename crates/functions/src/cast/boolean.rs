//! From and to boolean.

use super::column::{Context, missing};
use super::string_to_number::trimmed;
use crate::columns::{booleans, get};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, TimestampMicrosecondType};
use datafusion_common::ScalarValue;
use firesteel_common::{ErrorKind, Result, SparkType};

pub(super) fn from_string(array: &ArrayRef, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    booleans(array.len(), |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        match parse_boolean(text) {
            Some(value) => Ok(Some(value)),
            None => context.malformed(ErrorKind::Runtime, text, &SparkType::Boolean),
        }
    })
}

fn parse_boolean(text: &str) -> Option<bool> {
    let text = trimmed(text);
    let is = |word: &&str| text.eq_ignore_ascii_case(word);
    if ["t", "true", "y", "yes", "1"].iter().any(is) {
        Some(true)
    } else if ["f", "false", "n", "no", "0"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

pub(super) fn from_number(array: &ArrayRef, from: &SparkType) -> Result<ArrayRef> {
    match from {
        SparkType::Decimal { .. } => {
            let values = array.as_primitive::<Decimal128Type>();
            booleans(array.len(), |row| Ok(get!(values, row).map(|value| value != 0)))
        }
        SparkType::Timestamp => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            booleans(array.len(), |row| Ok(get!(values, row).map(|value| value != 0)))
        }
        SparkType::Date => Ok(arrow::array::new_null_array(&DataType::Boolean, array.len())),
        _ if from.is_numeric() => {
            let zero = ScalarValue::new_zero(array.data_type())?.to_scalar()?;
            let out = arrow::compute::kernels::cmp::neq(array, &zero)?;
            // Arrow orders -0.0 below 0.0; for Spark both are false.
            if matches!(from, SparkType::Float | SparkType::Double) {
                let doubles = arrow::compute::cast(array, &DataType::Float64)?;
                let doubles = doubles.as_primitive::<arrow::datatypes::Float64Type>();
                return booleans(array.len(), |row| {
                    Ok(get!(doubles, row).map(|value| value != 0.0))
                });
            }
            Ok(std::sync::Arc::new(out))
        }
        _ => Err(missing(from, &SparkType::Boolean)),
    }
}

pub(super) fn to_number(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let ints = arrow::compute::cast(array, &DataType::Int32)?;
    match to {
        SparkType::Timestamp => {
            let micros = arrow::compute::cast(&ints, &DataType::Int64)?;
            Ok(arrow::compute::cast(&micros, &to.to_arrow())?)
        }
        _ => super::cast_column(&ints, &SparkType::Integer, to, context),
    }
}

//! To binary: the bytes of a string, or of a whole number, most significant first.

use super::column::missing;
use crate::columns::{binaries, get};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int8Type, Int16Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkType};

pub(super) fn from_string(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(arrow::compute::cast(array, &DataType::Binary)?)
}

pub(super) fn from_integral(array: &ArrayRef, from: &SparkType) -> Result<ArrayRef> {
    macro_rules! bytes {
        ($arrow:ty) => {{
            let values = array.as_primitive::<$arrow>();
            binaries(array.len(), |row| Ok(get!(values, row).map(|value| value.to_be_bytes())))
        }};
    }
    match from {
        SparkType::Byte => bytes!(Int8Type),
        SparkType::Short => bytes!(Int16Type),
        SparkType::Integer => bytes!(Int32Type),
        SparkType::Long => bytes!(Int64Type),
        _ => Err(missing(from, &SparkType::Binary)),
    }
}

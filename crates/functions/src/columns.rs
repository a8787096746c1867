//! Typed views of a kernel's columns, and loops over them.

use crate::scalar_kernel::Input;
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BinaryBuilder, BooleanArray,
    PrimitiveArray, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use datafusion_common::cast::{as_binary_array, as_boolean_array, as_string_array};
use firesteel_common::{ErrorKind, Result, SparkError};
use std::sync::Arc;

impl Input<'_> {
    fn column(&self, position: usize) -> Result<&ArrayRef> {
        self.args
            .get(position)
            .ok_or_else(|| SparkError::internal(format!("a kernel has no argument {position}")))
    }

    pub(crate) fn text(&self, position: usize) -> Result<&StringArray> {
        Ok(as_string_array(self.column(position)?)?)
    }

    pub(crate) fn bytes(&self, position: usize) -> Result<&BinaryArray> {
        Ok(as_binary_array(self.column(position)?)?)
    }

    pub(crate) fn flags(&self, position: usize) -> Result<&BooleanArray> {
        Ok(as_boolean_array(self.column(position)?)?)
    }

    pub(crate) fn numbers<T: ArrowPrimitiveType>(
        &self,
        position: usize,
    ) -> Result<&PrimitiveArray<T>> {
        let column = self.column(position)?;
        column.as_primitive_opt::<T>().ok_or_else(|| {
            SparkError::internal(format!(
                "a kernel expected {} but got {}",
                T::DATA_TYPE,
                column.data_type()
            ))
        })
    }

    pub(crate) fn ints(&self, position: usize) -> Result<&PrimitiveArray<Int32Type>> {
        self.numbers(position)
    }

    pub(crate) fn longs(&self, position: usize) -> Result<&PrimitiveArray<Int64Type>> {
        self.numbers(position)
    }

    pub(crate) fn doubles(&self, position: usize) -> Result<&PrimitiveArray<Float64Type>> {
        self.numbers(position)
    }
}

/// The value at `row`, or none where it is null.
macro_rules! get {
    ($array:expr, $row:expr) => {{
        let array = $array;
        if array.is_null($row) { None } else { Some(array.value($row)) }
    }};
}
pub(crate) use get;

/// Whether a column that holds `n_bytes` can take `more`: its offsets have 32 bits.
///
/// # Errors
/// An error of resources, where Arrow would panic.
pub(crate) fn check_offset(n_bytes: usize, more: usize) -> Result<()> {
    match n_bytes.checked_add(more).is_some_and(|sum| i32::try_from(sum).is_ok()) {
        true => Ok(()),
        false => Err(SparkError::new(
            ErrorKind::Resources,
            "",
            "A column of one batch of rows would hold more than 2 GiB of text.",
        )),
    }
}

/// A column of strings, one answer per row.
pub(crate) fn strings<S: AsRef<str>>(
    n_rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<S>>,
) -> Result<ArrayRef> {
    let mut out = StringBuilder::with_capacity(n_rows, n_rows * 8);
    for position in 0..n_rows {
        let answer = row(position)?;
        check_offset(out.values_slice().len(), answer.as_ref().map_or(0, |it| it.as_ref().len()))?;
        out.append_option(answer);
    }
    Ok(Arc::new(out.finish()))
}

/// A column of byte strings.
pub(crate) fn binaries<S: AsRef<[u8]>>(
    n_rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<S>>,
) -> Result<ArrayRef> {
    let mut out = BinaryBuilder::with_capacity(n_rows, n_rows * 8);
    for position in 0..n_rows {
        let answer = row(position)?;
        check_offset(out.values_slice().len(), answer.as_ref().map_or(0, |it| it.as_ref().len()))?;
        out.append_option(answer);
    }
    Ok(Arc::new(out.finish()))
}

/// A column of primitive values.
pub(crate) fn primitives<T: ArrowPrimitiveType>(
    n_rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let mut out = arrow::array::PrimitiveBuilder::<T>::with_capacity(n_rows);
    for position in 0..n_rows {
        out.append_option(row(position)?);
    }
    Ok(Arc::new(out.finish()))
}

/// As [`primitives`], for a type with parameters (decimals, timestamps with zone).
pub(crate) fn primitives_as<T: ArrowPrimitiveType>(
    data_type: &DataType,
    n_rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let mut out = arrow::array::PrimitiveBuilder::<T>::with_capacity(n_rows)
        .with_data_type(data_type.clone());
    for position in 0..n_rows {
        out.append_option(row(position)?);
    }
    Ok(Arc::new(out.finish()))
}

/// A column of booleans.
pub(crate) fn booleans(
    n_rows: usize,
    mut row: impl FnMut(usize) -> Result<Option<bool>>,
) -> Result<ArrayRef> {
    let mut out = arrow::array::BooleanBuilder::with_capacity(n_rows);
    for position in 0..n_rows {
        out.append_option(row(position)?);
    }
    Ok(Arc::new(out.finish()))
}

/// Strings and byte strings in their plain layout: scans may hand out views or dictionaries.
pub(crate) fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    let target = match array.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
            DataType::Binary
        }
        DataType::Dictionary(_, values) => values.as_ref().clone(),
        _ => return Ok(Arc::clone(array)),
    };
    let out = arrow::compute::cast(array, &target)?;
    if matches!(out.data_type(), DataType::Utf8View | DataType::LargeUtf8) {
        plain(&out)
    } else {
        Ok(out)
    }
}

//! Items of any type as numbers: values are told apart by their bytes in Arrow's row format.

use crate::error;
use arrow::array::{Array, ArrayRef};
use arrow::row::{RowConverter, SortField};
use firesteel_common::Result;
use std::collections::HashMap;

/// Distinct items, numbered as they are met.
#[derive(Debug, Default)]
pub(super) struct ItemNumbers {
    numbers: HashMap<Vec<u8>, u32>,
    /// The bytes of every item.
    pub items: Vec<Vec<u8>>,
}

impl ItemNumbers {
    /// Numbers of all values of a column, new ones included.
    ///
    /// # Errors
    /// An internal error: the type has no row format.
    pub(super) fn of(&mut self, column: &ArrayRef) -> Result<Vec<u32>> {
        let rows = encoded(column)?;
        let mut numbers = Vec::with_capacity(rows.len());
        for row in rows {
            let number = match self.numbers.get(row.as_slice()) {
                Some(number) => *number,
                None => {
                    let number = self.items.len() as u32;
                    self.numbers.insert(row.clone(), number);
                    self.items.push(row);
                    number
                }
            };
            numbers.push(number);
        }
        Ok(numbers)
    }
}

/// The bytes of every value of a column.
///
/// # Errors
/// As [`ItemNumbers::of`].
pub(super) fn encoded(column: &ArrayRef) -> Result<Vec<Vec<u8>>> {
    let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
    let rows = converter.convert_columns(std::slice::from_ref(column))?;
    Ok(rows.iter().map(|row| row.as_ref().to_vec()).collect())
}

/// A column of the values of these bytes.
///
/// # Errors
/// The bytes are of another type.
pub(super) fn decoded<'a>(
    items: impl IntoIterator<Item = &'a [u8]>,
    data_type: &arrow::datatypes::DataType,
) -> Result<ArrayRef> {
    let converter = RowConverter::new(vec![SortField::new(data_type.clone())])?;
    let parser = converter.parser();
    let rows: Vec<_> = items.into_iter().map(|item| parser.parse(item)).collect();
    if rows.is_empty() {
        return Ok(arrow::array::new_empty_array(data_type));
    }
    let column = converter.convert_rows(rows)?.into_iter().next();
    column.ok_or_else(|| error::failed("Items have no values."))
}

/// Values as Spark's messages show a sequence of them.
pub(super) fn shown(column: &ArrayRef) -> String {
    let text = |at| arrow::util::display::array_value_to_string(column, at).unwrap_or_default();
    let items: Vec<String> = (0..column.len()).map(text).collect();
    format!("ArraySeq({})", items.join(", "))
}

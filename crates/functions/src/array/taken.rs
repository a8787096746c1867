//! Lists whose elements are taken from an array, in any order and number.

use crate::conform::conform;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use firesteel_common::{Result, SparkError, batch_room};
use std::sync::Arc;

/// A list column under construction.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    elements: Vec<Option<u32>>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
    done: usize,
}

impl Taken {
    /// Adds an element to the current list; none is a null element.
    pub(crate) fn push(&mut self, element: Option<usize>) {
        self.elements.push(element.map(|element| element as u32));
    }

    pub(crate) fn extend(&mut self, elements: impl IntoIterator<Item = usize>) {
        self.elements.extend(elements.into_iter().map(|element| Some(element as u32)));
    }

    pub(crate) fn end_list(&mut self) {
        self.lengths.push(self.elements.len() - self.done);
        self.valid.push(true);
        self.done = self.elements.len();
    }

    /// The current list is null.
    pub(crate) fn end_null(&mut self) {
        self.elements.truncate(self.done);
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// The lists, with elements from `values`.
    pub(crate) fn finish(self, values: &ArrayRef, result: &DataType) -> Result<ArrayRef> {
        let DataType::List(field) = result else {
            return Err(SparkError::internal("the result is no list"));
        };
        let n_bytes = n_bytes(values.as_ref(), &self.elements);
        if n_bytes > batch_room::bytes_max() {
            return Err(too_many("array", self.elements.len() as i64));
        }
        let elements = take(values, &UInt32Array::from(self.elements), None)?;
        let elements = conform(&elements, field.data_type())?;
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        let nulls = Some(NullBuffer::from(self.valid)).filter(|nulls| nulls.null_count() > 0);
        Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, elements, nulls)?))
    }
}

/// The rows of list `row`.
pub(crate) fn rows_of(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

/// Values in a form in which bytes compare as Spark compares: `-0.0` equals `0.0`.
pub(crate) fn comparable(values: &ArrayRef) -> Result<(RowConverter, Rows)> {
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let rows = converter.convert_columns(&[crate::aggregate::normalize_floats(values)])?;
    Ok((converter, rows))
}

/// How many elements the arrays of one batch may have together. Spark's own limit of 2^31 - 16 is for
/// one array; an array near it is more than memory holds, so we refuse earlier.
const ELEMENTS_MAX: i64 = 1 << 28;

/// How many elements of eight bytes the arrays of this batch may have together.
pub(super) fn elements_max() -> i64 {
    batch_room::at_most(ELEMENTS_MAX as usize, 8) as i64
}

/// About how many bytes it takes to have these elements of `values`; a null takes none.
fn n_bytes(values: &dyn Array, elements: &[Option<u32>]) -> usize {
    let rows =
        || elements.iter().flatten().map(|row| *row as usize).filter(|row| *row < values.len());
    match values.data_type() {
        DataType::Utf8 => {
            rows().map(|row| values.as_string::<i32>().value_length(row) as usize).sum()
        }
        DataType::Binary => {
            rows().map(|row| values.as_binary::<i32>().value_length(row) as usize).sum()
        }
        DataType::List(_) => {
            let lists = values.as_list::<i32>();
            let n_elements: usize = rows().map(|row| lists.value_length(row) as usize).sum();
            n_elements.saturating_mul(bytes_each(lists.values().as_ref()))
        }
        DataType::Map(..) => {
            let maps = values.as_map();
            let n_entries: usize = rows().map(|row| maps.value_length(row) as usize).sum();
            n_entries.saturating_mul(bytes_each(maps.entries()))
        }
        _ => elements.len().saturating_mul(bytes_each(values)),
    }
}

/// About how many bytes one value of `values` takes, at least one.
fn bytes_each(values: &dyn Array) -> usize {
    let data = values.to_data();
    // Of the rows in the slice; the buffers may hold those of a whole batch.
    let n_bytes = data.get_slice_memory_size().unwrap_or_else(|_| values.get_buffer_memory_size());
    n_bytes.div_ceil(values.len().max(1)).max(1)
}

/// Spark's error for an array that is too long.
pub(super) fn too_many(function: &str, length: impl Into<i128>) -> SparkError {
    let length: i128 = length.into();
    SparkError::runtime(
        "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
        format!(
            "Can't create array with {length} elements which exceeding the array size limit \
             {ELEMENTS_MAX}, the value returned by the function `{function}`."
        ),
    )
    .with("numberOfElements", length.to_string())
    .with("maxRoundedArrayLength", ELEMENTS_MAX.to_string())
    .with("functionName", format!("`{function}`"))
}

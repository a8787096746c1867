//! Columns of arrays of strings: reading and building.

use crate::error;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use firesteel_common::{Frame, Result, SparkError, SparkType};
use std::sync::Arc;

/// The type of such a column.
pub(super) fn words_type() -> SparkType {
    SparkType::Array { element: Box::new(SparkType::string()), contains_null: true }
}

fn arrow_type() -> DataType {
    words_type().to_arrow()
}

/// # Errors
/// Spark's, if the column `name` is another.
pub(super) fn check(frame: &Frame, name: &str, message: impl Fn(&str) -> String) -> Result<()> {
    let data_type = &frame.column(name)?.field.data_type;
    let is = matches!(data_type, SparkType::Array { element, .. } if is_string(element));
    if is { Ok(()) } else { Err(error::requirement(message(&data_type.simple_string()))) }
}

pub(super) fn is_string(data_type: &SparkType) -> bool {
    data_type.simple_string() == "string"
}

/// A column of arrays of strings, read in place.
pub(super) struct Words {
    lists: ListArray,
    texts: StringArray,
}

impl Words {
    /// # Errors
    /// An internal error: the column is another.
    pub(super) fn new(column: &ArrayRef) -> Result<Self> {
        let DataType::List(item) = column.data_type() else {
            return Err(SparkError::internal("words were expected"));
        };
        let wanted = Field::new(item.name(), DataType::Utf8, item.is_nullable());
        let lists = cast(column, &DataType::List(Arc::new(wanted)))?.as_list::<i32>().clone();
        let texts = lists.values().as_string::<i32>().clone();
        Ok(Self { lists, texts })
    }

    pub(super) fn len(&self) -> usize {
        self.lists.len()
    }

    pub(super) fn nulls(&self) -> Option<NullBuffer> {
        self.lists.nulls().cloned()
    }

    pub(super) fn n_texts(&self) -> usize {
        self.texts.len()
    }

    /// The words of a row; none for null.
    pub(super) fn get(&self, row: usize) -> Option<impl ExactSizeIterator<Item = Option<&str>>> {
        if self.lists.is_null(row) {
            return None;
        }
        let offsets = self.lists.value_offsets();
        let range = offsets[row] as usize..offsets[row + 1] as usize;
        Some(range.map(|at| self.texts.is_valid(at).then(|| self.texts.value(at))))
    }
}

/// Makes a column of arrays of strings.
#[derive(Default)]
pub(super) struct WordsBuilder {
    bytes: String,
    ends: Vec<i32>,
    is_text: Vec<bool>,
    rows: Vec<i32>,
}

impl WordsBuilder {
    pub(super) fn push(&mut self, word: Option<&str>) {
        self.push_parts(word.is_some(), word);
    }

    /// A word of several pieces.
    pub(super) fn push_parts<'t>(
        &mut self,
        is_text: bool,
        parts: impl IntoIterator<Item = &'t str>,
    ) {
        parts.into_iter().for_each(|part| self.bytes.push_str(part));
        self.ends.push(self.bytes.len() as i32);
        self.is_text.push(is_text);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(self.ends.len() as i32);
    }

    /// # Errors
    /// More text than an Arrow column can have.
    pub(super) fn finish(self, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
        let offsets = |ends: Vec<i32>| {
            let mut offsets = Vec::with_capacity(ends.len() + 1);
            offsets.push(0);
            offsets.extend(ends);
            offsets
        };
        if self.bytes.len() > i32::MAX as usize {
            return Err(SparkError::internal("a batch of words holds too much text"));
        }
        let words = match self.is_text.iter().all(|is| *is) {
            true => None,
            false => Some(NullBuffer::from(self.is_text)),
        };
        let texts = StringArray::try_new(
            OffsetBuffer::new(offsets(self.ends).into()),
            self.bytes.into_bytes().into(),
            words,
        )?;
        let DataType::List(item) = arrow_type() else {
            return Err(SparkError::internal("words have another type"));
        };
        let rows = OffsetBuffer::new(offsets(self.rows).into());
        Ok(Arc::new(ListArray::try_new(item, rows, Arc::new(texts), nulls)?))
    }
}

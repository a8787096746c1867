//! Maps under construction: entries taken from arrays of keys and values, with Spark's rule for a key
//! that comes twice (`ArrayBasedMapBuilder`).

use crate::array::comparable;
use crate::conform::conform;
use arrow::array::{Array, ArrayRef, MapArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::row::Rows;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use firesteel_common::{Result, SparkError};
use std::collections::HashMap;
use std::sync::Arc;

/// A map column under construction.
#[derive(Debug)]
pub(crate) struct MapBuilder<'a> {
    keys: &'a ArrayRef,
    values: &'a ArrayRef,
    rows: Rows,
    nulls: Option<NullBuffer>,
    last_wins: bool,
    entries: Vec<(u32, u32)>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl<'a> MapBuilder<'a> {
    /// Entries will pair elements of `keys` with elements of `values`.
    pub(crate) fn new(keys: &'a ArrayRef, values: &'a ArrayRef, last_wins: bool) -> Result<Self> {
        Self::compared_by(keys, keys, values, last_wins)
    }

    /// The same where keys are equal if the elements of `compared` at their places are.
    pub(crate) fn compared_by(
        keys: &'a ArrayRef,
        compared: &ArrayRef,
        values: &'a ArrayRef,
        last_wins: bool,
    ) -> Result<Self> {
        let (_, rows) = comparable(compared)?;
        Ok(Self {
            keys,
            values,
            rows,
            nulls: keys.logical_nulls(),
            last_wins,
            entries: Vec::new(),
            lengths: Vec::new(),
            valid: Vec::new(),
        })
    }

    pub(crate) fn null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// Adds a map with these entries: positions of key and value.
    ///
    /// # Errors
    /// `NULL_MAP_KEY`, `DUPLICATED_MAP_KEY`.
    pub(crate) fn map(&mut self, entries: impl IntoIterator<Item = (usize, usize)>) -> Result<()> {
        let before = self.entries.len();
        let mut known = HashMap::new();
        for (key, value) in entries {
            if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(key)) {
                return Err(SparkError::runtime("NULL_MAP_KEY", "Cannot use null as map key."));
            }
            match known.insert(self.rows.row(key), self.entries.len()) {
                None => self.entries.push((key as u32, value as u32)),
                Some(place) if self.last_wins => {
                    known.insert(self.rows.row(key), place);
                    self.entries[place].1 = value as u32;
                }
                Some(_) => return Err(duplicate(self.keys, key)?),
            }
        }
        self.lengths.push(self.entries.len() - before);
        self.valid.push(true);
        Ok(())
    }

    pub(crate) fn finish(self, result: &DataType) -> Result<ArrayRef> {
        let DataType::Map(field, ordered) = result else {
            return Err(SparkError::internal("the result is no map"));
        };
        let DataType::Struct(fields) = field.data_type() else {
            return Err(SparkError::internal("a map has no entries"));
        };
        let of = |array: &ArrayRef, rows: Vec<u32>, target: &DataType| -> Result<ArrayRef> {
            conform(&take(array, &UInt32Array::from(rows), None)?, target)
        };
        let (keys, values) = self.entries.into_iter().unzip();
        let keys = of(self.keys, keys, fields[0].data_type())?;
        let values = of(self.values, values, fields[1].data_type())?;
        let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        let nulls = Some(NullBuffer::from(self.valid)).filter(|nulls| nulls.null_count() > 0);
        Ok(Arc::new(MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *ordered)?))
    }
}

fn duplicate(keys: &ArrayRef, row: usize) -> Result<SparkError> {
    let options = FormatOptions::default();
    let key = ArrayFormatter::try_new(keys.as_ref(), &options)?.value(row).to_string();
    Ok(SparkError::runtime(
        "DUPLICATED_MAP_KEY",
        format!(
            "Duplicate map key {key} was found, please check the input data. If you want to remove \
             the duplicated keys, you can set \"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so \
             that the key inserted at last takes precedence."
        ),
    )
    .with("key", key)
    .with("mapKeyDedupPolicy", "\"spark.sql.mapKeyDedupPolicy\""))
}

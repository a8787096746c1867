//! Writes values in Spark's binary form of a variant (Parquet's variant encoding, version 1).
//!
//! A variant is two byte strings. `metadata` holds the names of all object fields, each once, in the order in
//! which they were first met. `value` holds the value; an object names its fields by number.

use super::layout::{ARRAY, OBJECT, Primitive, SHORT_STRING, bytes_for};
use firesteel_common::{Result, SparkError};
use std::collections::HashMap;

/// What a variant may hold, in bytes (Spark's limit).
pub(super) const BYTES_MAX: usize = 128 << 20;

/// The bytes of one variant while they are written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    value: Vec<u8>,
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

/// A field of an object that has been written: its name's number and where its value begins.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub name: String,
    pub number: u32,
    pub start: usize,
}

impl Writer {
    pub(super) fn position(&self) -> usize {
        self.value.len()
    }

    /// The number of a field's name, a new one if it is new.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    pub(super) fn null(&mut self) {
        self.head(Primitive::Null);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.head(if value { Primitive::True } else { Primitive::False });
    }

    /// In the fewest bytes.
    pub(super) fn long(&mut self, value: i64) {
        if let Ok(value) = i8::try_from(value) {
            self.head(Primitive::Int1);
            self.value.extend(value.to_le_bytes());
        } else if let Ok(value) = i16::try_from(value) {
            self.head(Primitive::Int2);
            self.value.extend(value.to_le_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.head(Primitive::Int4);
            self.value.extend(value.to_le_bytes());
        } else {
            self.head(Primitive::Int8);
            self.value.extend(value.to_le_bytes());
        }
    }

    pub(super) fn double(&mut self, value: f64) {
        self.head(Primitive::Double);
        self.value.extend(value.to_le_bytes());
    }

    pub(super) fn float(&mut self, value: f32) {
        self.head(Primitive::Float);
        self.value.extend(value.to_le_bytes());
    }

    /// In the fewest bytes that hold the digits; the scale stays.
    pub(super) fn decimal(&mut self, unscaled: i128, scale: u8) {
        let digits = unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) as u8 + 1;
        let widest = digits.max(scale);
        if widest <= 9 {
            self.head(Primitive::Decimal4);
            self.value.push(scale);
            self.value.extend((unscaled as i32).to_le_bytes());
        } else if widest <= 18 {
            self.head(Primitive::Decimal8);
            self.value.push(scale);
            self.value.extend((unscaled as i64).to_le_bytes());
        } else {
            self.head(Primitive::Decimal16);
            self.value.push(scale);
            self.value.extend(unscaled.to_le_bytes());
        }
    }

    pub(super) fn date(&mut self, days: i32) {
        self.head(Primitive::Date);
        self.value.extend(days.to_le_bytes());
    }

    pub(super) fn timestamp(&mut self, micros: i64, local: bool) {
        self.head(if local { Primitive::TimestampNtz } else { Primitive::Timestamp });
        self.value.extend(micros.to_le_bytes());
    }

    pub(super) fn binary(&mut self, bytes: &[u8]) {
        self.head(Primitive::Binary);
        self.value.extend((bytes.len() as u32).to_le_bytes());
        self.value.extend(bytes);
    }

    pub(super) fn string(&mut self, text: &str) {
        const SHORT_MAX: usize = 63;
        if text.len() <= SHORT_MAX {
            self.value.push((text.len() as u8) << 2 | SHORT_STRING);
        } else {
            self.head(Primitive::LongString);
            self.value.extend((text.len() as u32).to_le_bytes());
        }
        self.value.extend(text.as_bytes());
    }

    /// A value as it stands; its names must be this writer's.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.value.extend(bytes);
    }

    fn head(&mut self, primitive: Primitive) {
        self.value.push((primitive as u8) << 2);
    }

    /// Puts the head of an array before the elements that begin at `starts` and lie behind `start`.
    pub(super) fn close_array(&mut self, start: usize, starts: &[usize]) {
        let n_bytes = self.value.len() - start;
        let large = starts.len() > 0xFF;
        let width = bytes_for(n_bytes);
        let mut head = vec![u8::from(large) << 4 | (width as u8 - 1) << 2 | ARRAY];
        push(&mut head, starts.len(), if large { 4 } else { 1 });
        for at in starts {
            push(&mut head, at - start, width);
        }
        push(&mut head, n_bytes, width);
        self.value.splice(start..start, head);
    }

    /// Puts the head of an object before the values of its fields, which lie behind `start` in any order.
    pub(super) fn close_object(&mut self, start: usize, mut fields: Vec<Field>) -> Result<()> {
        // Java compares strings by UTF-16 units.
        fields.sort_by(|left, right| left.name.encode_utf16().cmp(right.name.encode_utf16()));
        if let Some(pair) = fields.windows(2).find(|pair| pair[0].number == pair[1].number) {
            return Err(duplicate_key(&pair[0].name));
        }
        let n_bytes = self.value.len() - start;
        let large = fields.len() > 0xFF;
        let id_width =
            bytes_for(fields.iter().map(|field| field.number as usize).max().unwrap_or(0));
        let width = bytes_for(n_bytes);
        let mut head = vec![
            u8::from(large) << 6 | (id_width as u8 - 1) << 4 | (width as u8 - 1) << 2 | OBJECT,
        ];
        push(&mut head, fields.len(), if large { 4 } else { 1 });
        for field in &fields {
            push(&mut head, field.number as usize, id_width);
        }
        for field in &fields {
            push(&mut head, field.start - start, width);
        }
        push(&mut head, n_bytes, width);
        self.value.splice(start..start, head);
        Ok(())
    }

    /// Value and metadata.
    ///
    /// # Errors
    /// `VARIANT_SIZE_LIMIT`.
    pub(super) fn finish(self) -> Result<(Vec<u8>, Vec<u8>)> {
        const VERSION: u8 = 1;
        let n_bytes: usize = self.names.iter().map(String::len).sum();
        let width = bytes_for(n_bytes.max(self.names.len()));
        let mut metadata = vec![VERSION | (width as u8 - 1) << 6];
        push(&mut metadata, self.names.len(), width);
        let mut offset = 0;
        push(&mut metadata, offset, width);
        for name in &self.names {
            offset += name.len();
            push(&mut metadata, offset, width);
        }
        self.names.iter().for_each(|name| metadata.extend(name.as_bytes()));
        if self.value.len() > BYTES_MAX || metadata.len() > BYTES_MAX {
            return Err(SparkError::runtime(
                "VARIANT_SIZE_LIMIT",
                format!("Cannot build variant bigger than {} MiB.", BYTES_MAX >> 20),
            )
            .with("sizeLimit", format!("{}.0 MiB", BYTES_MAX >> 20)));
        }
        Ok((self.value, metadata))
    }
}

/// The lowest `width` bytes of `number`, the lowest first.
fn push(bytes: &mut Vec<u8>, number: usize, width: usize) {
    bytes.extend(&(number as u32).to_le_bytes()[..width]);
}

fn duplicate_key(key: &str) -> SparkError {
    SparkError::runtime(
        "VARIANT_DUPLICATE_KEY",
        format!("Failed to build variant because of a duplicate object key `{key}`."),
    )
    .with("key", key)
}

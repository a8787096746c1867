//! Values as items of a sketch: the bytes they are written as, Java's hash codes, and back.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use datafusion_common::ScalarValue;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of number that small decimals are written as: integers.
const DECIMAL_KIND: u8 = 9;

/// How values of a type are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Form {
    /// One bit each.
    Boolean,
    /// A byte that tells the kind, and so many bytes.
    Number(u8, u8),
    /// Eight bytes.
    Long,
    Double,
    /// A length and bytes.
    Text,
    /// As a number with that tag, as a long, or as a length and bytes, by the precision; and the scale.
    Decimal(u8, i8),
}

impl Form {
    /// None if values of the type cannot be counted.
    pub(super) fn of(data_type: &SparkType) -> Option<Self> {
        Some(match data_type {
            SparkType::Boolean => Form::Boolean,
            SparkType::Byte => Form::Number(2, 1),
            SparkType::Short => Form::Number(3, 2),
            SparkType::Integer | SparkType::Date => Form::Number(9, 4),
            SparkType::Float => Form::Number(6, 4),
            SparkType::Long | SparkType::Timestamp | SparkType::TimestampNtz => Form::Long,
            SparkType::Double => Form::Double,
            SparkType::Decimal { precision, scale } => Form::Decimal(*precision, *scale),
            other if other.is_string() => Form::Text,
            _ => return None,
        })
    }

    /// The value's own bytes, without a length or a kind.
    pub(super) fn item(column: &ArrayRef, row: usize) -> Result<Vec<u8>> {
        Ok(match column.data_type() {
            DataType::Boolean => vec![u8::from(column.as_boolean().value(row))],
            DataType::Int8 => column.as_primitive::<Int8Type>().value(row).to_le_bytes().to_vec(),
            DataType::Int16 => column.as_primitive::<Int16Type>().value(row).to_le_bytes().to_vec(),
            DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_le_bytes().to_vec(),
            DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_le_bytes().to_vec(),
            DataType::Date32 => {
                column.as_primitive::<Date32Type>().value(row).to_le_bytes().to_vec()
            }
            DataType::Timestamp(_, _) => {
                column.as_primitive::<TimestampMicrosecondType>().value(row).to_le_bytes().to_vec()
            }
            DataType::Float32 => {
                let value = column.as_primitive::<Float32Type>().value(row);
                if value.is_nan() { f32::NAN } else { value }.to_le_bytes().to_vec()
            }
            DataType::Float64 => {
                let value = column.as_primitive::<Float64Type>().value(row);
                if value.is_nan() { f64::NAN } else { value }.to_le_bytes().to_vec()
            }
            DataType::Decimal128(precision, _) => {
                let value = column.as_primitive::<Decimal128Type>().value(row);
                match precision {
                    0..=9 => (value as i32).to_le_bytes().to_vec(),
                    10..=18 => (value as i64).to_le_bytes().to_vec(),
                    _ => shortest(value),
                }
            }
            DataType::Utf8 => column.as_string::<i32>().value(row).as_bytes().to_vec(),
            other => return Err(SparkError::internal(format!("approx_top_k of {other}"))),
        })
    }

    /// What `hashCode()` says of the Java object that Spark makes of a value.
    pub(super) fn hash(self, item: &[u8]) -> i32 {
        let long = |value: i64| (value ^ ((value as u64) >> 32) as i64) as i32;
        match self {
            Form::Boolean if item == [1] => 1231,
            Form::Boolean => 1237,
            Form::Number(..) | Form::Long | Form::Double => match *item {
                [byte] => i32::from(byte as i8),
                [a, b] => i32::from(i16::from_le_bytes([a, b])),
                [a, b, c, d] => i32::from_le_bytes([a, b, c, d]),
                [a, b, c, d, e, f, g, h] => long(i64::from_le_bytes([a, b, c, d, e, f, g, h])),
                _ => 0,
            },
            Form::Text => String::from_utf8_lossy(item)
                .encode_utf16()
                .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit))),
            Form::Decimal(precision, scale) => {
                let value = decimal(item, precision).unwrap_or_default();
                super::decimal_hash::decimal_hash(value, scale)
            }
        }
    }

    pub(super) fn write<'a>(self, items: impl Iterator<Item = &'a [u8]>, bytes: &mut Vec<u8>) {
        if self == Form::Boolean {
            for (place, item) in items.enumerate() {
                if place % 8 == 0 {
                    bytes.push(0);
                }
                if let Some(last) = bytes.last_mut() {
                    *last |= u8::from(item == [1]) << (place % 8);
                }
            }
            return;
        }
        for item in items {
            match self {
                Form::Number(kind, _) => bytes.push(kind),
                Form::Decimal(..=9, _) => bytes.push(DECIMAL_KIND),
                Form::Text | Form::Decimal(19.., _) => {
                    bytes.extend((item.len() as u32).to_le_bytes())
                }
                _ => {}
            }
            bytes.extend(item);
        }
    }

    /// None if the bytes are too few.
    pub(super) fn read(self, bytes: &[u8], n_items: usize) -> Option<Vec<(Vec<u8>, i32)>> {
        let (mut found, mut rest) = (Vec::with_capacity(n_items), bytes);
        for place in 0..n_items {
            let item = match self {
                Form::Boolean => vec![bytes.get(place / 8)? >> (place % 8) & 1],
                Form::Number(_, size) => take(&mut rest, 1 + usize::from(size))?[1..].to_vec(),
                Form::Decimal(..=9, _) => take(&mut rest, 5)?[1..].to_vec(),
                Form::Long | Form::Double | Form::Decimal(..=18, _) => take(&mut rest, 8)?.to_vec(),
                Form::Text | Form::Decimal(..) => {
                    let length = u32::from_le_bytes(take(&mut rest, 4)?.try_into().ok()?);
                    take(&mut rest, length as usize)?.to_vec()
                }
            };
            let hash = self.hash(&item);
            found.push((item, hash));
        }
        Some(found)
    }

    /// The values of items, as a column of the type.
    pub(super) fn column(self, items: &[Option<&[u8]>], target: &DataType) -> Result<ArrayRef> {
        if items.is_empty() {
            return Ok(arrow::array::new_empty_array(target));
        }
        let null = ScalarValue::try_from(target)?;
        let values = items.iter().map(|item| match item {
            Some(item) => value(item, target),
            None => Ok(null.clone()),
        });
        Ok(ScalarValue::iter_to_array(values.collect::<Result<Vec<_>>>()?)?)
    }
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(n)?;
    *bytes = tail;
    Some(head)
}

/// Java's bytes of a large number: big-endian, as few as hold it and its sign.
fn shortest(value: i128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let filler = if value < 0 { 0xff } else { 0 };
    let spare = bytes
        .windows(2)
        .take_while(|pair| pair[0] == filler && (pair[1] ^ filler) & 0x80 == 0)
        .count();
    bytes[spare..].to_vec()
}

fn little_endian(item: &[u8]) -> Option<i128> {
    let filler = if item.last().is_some_and(|last| *last >= 0x80) { 0xff } else { 0 };
    let mut bytes = [filler; 16];
    bytes.get_mut(..item.len())?.copy_from_slice(item);
    Some(i128::from_le_bytes(bytes))
}

/// The digits of a decimal; none if there are too many bytes.
fn decimal(item: &[u8], precision: u8) -> Option<i128> {
    if precision <= 18 {
        return little_endian(item);
    }
    let filler = if item.first().is_some_and(|first| *first >= 0x80) { 0xff } else { 0 };
    let mut bytes = [filler; 16];
    bytes.get_mut(16_usize.checked_sub(item.len())?..)?.copy_from_slice(item);
    Some(i128::from_be_bytes(bytes))
}

fn value(item: &[u8], target: &DataType) -> Result<ScalarValue> {
    let broken = || SparkError::internal("an item of approx_top_k of another size than its type");
    let integer = || little_endian(item);
    Ok(match target {
        DataType::Boolean => ScalarValue::Boolean(Some(item == [1])),
        DataType::Utf8 => ScalarValue::Utf8(Some(String::from_utf8_lossy(item).into_owned())),
        DataType::Float32 => {
            ScalarValue::Float32(Some(f32::from_le_bytes(item.try_into().map_err(|_| broken())?)))
        }
        DataType::Float64 => {
            ScalarValue::Float64(Some(f64::from_le_bytes(item.try_into().map_err(|_| broken())?)))
        }
        DataType::Decimal128(precision, scale) => {
            let number = decimal(item, *precision).ok_or_else(broken)?;
            ScalarValue::Decimal128(Some(number), *precision, *scale)
        }
        DataType::Date32 => ScalarValue::Date32(Some(integer().ok_or_else(broken)? as i32)),
        DataType::Timestamp(_, zone) => {
            let micros = integer().ok_or_else(broken)? as i64;
            ScalarValue::TimestampMicrosecond(Some(micros), zone.as_ref().map(Arc::clone))
        }
        other => ScalarValue::Int64(Some(integer().ok_or_else(broken)? as i64)).cast_to(other)?,
    })
}

//! Values of any type as variants: `CAST(… AS VARIANT)` and `to_variant_object`.

use super::column::{VariantBuilder, Variants};
use super::copy::copy;
use super::writer::{Field, Writer};
use crate::array::rows_of;
use crate::columns::plain;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType,
};
use firesteel_common::{Result, SparkError, SparkType};

/// A column of variants out of a column of `from`; null stays null.
///
/// # Errors
/// `VARIANT_SIZE_LIMIT`.
pub(crate) fn variant_column(array: &ArrayRef, from: &SparkType) -> Result<ArrayRef> {
    let source = Source::of(&plain(array)?, from)?;
    let mut builder = VariantBuilder::default();
    for row in 0..array.len() {
        if source.is_null(row) {
            builder.null();
        } else {
            let mut writer = Writer::default();
            source.write(row, &mut writer)?;
            builder.written(writer)?;
        }
    }
    builder.finish()
}

/// Whether values of this type can be in a variant.
pub(super) fn can_hold(data_type: &SparkType) -> bool {
    match data_type {
        SparkType::Array { element, .. } => can_hold(element),
        SparkType::Map { key, value, .. } => key.is_string() && can_hold(value),
        SparkType::Struct(row) => row.fields.iter().all(|field| can_hold(&field.data_type)),
        other => is_atomic(other),
    }
}

/// Types without parts that a variant has a form for.
pub(crate) fn is_atomic(data_type: &SparkType) -> bool {
    data_type.is_string()
        || data_type.is_numeric()
        || matches!(
            data_type,
            SparkType::Null
                | SparkType::Boolean
                | SparkType::Binary
                | SparkType::Date
                | SparkType::Timestamp
                | SparkType::TimestampNtz
                | SparkType::Variant
        )
}

/// A column that is ready to be read row by row.
enum Source {
    Leaf(ArrayRef, SparkType),
    List(ArrayRef, Box<Source>),
    Map(ArrayRef, ArrayRef, Box<Source>),
    Struct(ArrayRef, Vec<(String, Source)>),
}

impl Source {
    fn of(array: &ArrayRef, from: &SparkType) -> Result<Self> {
        let array = plain(array)?;
        Ok(match from {
            SparkType::Array { element, .. } => {
                let elements = Self::of(array.as_list::<i32>().values(), element)?;
                Source::List(array, Box::new(elements))
            }
            SparkType::Map { value, .. } => {
                let map = array.as_map();
                let (keys, values) = (plain(map.keys())?, Self::of(map.values(), value)?);
                Source::Map(array, keys, Box::new(values))
            }
            SparkType::Struct(row) => {
                let columns = array.as_struct().columns();
                let fields = row.fields.iter().zip(columns).map(|(field, column)| {
                    Ok((field.name.clone(), Self::of(column, &field.data_type)?))
                });
                let fields = fields.collect::<Result<_>>()?;
                Source::Struct(array, fields)
            }
            SparkType::Udt(udt) => Self::of(&array, &udt.sql_type)?,
            leaf if is_atomic(leaf) => Source::Leaf(array, leaf.clone()),
            other => {
                return Err(SparkError::unsupported(format!(
                    "values of {} in variants",
                    other.sql()
                )));
            }
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Source::Leaf(_, SparkType::Null) => true,
            Source::Leaf(array, _)
            | Source::List(array, _)
            | Source::Map(array, ..)
            | Source::Struct(array, _) => array.is_null(row),
        }
    }

    fn write(&self, row: usize, writer: &mut Writer) -> Result<()> {
        if self.is_null(row) {
            writer.null();
            return Ok(());
        }
        match self {
            Source::Leaf(array, data_type) => return leaf(array, data_type, row, writer),
            Source::List(array, elements) => {
                let start = writer.position();
                let mut starts = Vec::new();
                for element in rows_of(array.as_list::<i32>(), row) {
                    starts.push(writer.position());
                    elements.write(element, writer)?;
                }
                writer.close_array(start, &starts);
            }
            Source::Map(array, keys, values) => {
                let (start, keys) = (writer.position(), keys.as_string::<i32>());
                let offsets = array.as_map().value_offsets();
                let mut fields = Vec::new();
                for entry in offsets[row] as usize..offsets[row + 1] as usize {
                    let name = keys.value(entry).to_owned();
                    let number = writer.number(&name);
                    fields.push(Field { name, number, start: writer.position() });
                    values.write(entry, writer)?;
                }
                writer.close_object(start, fields)?;
            }
            Source::Struct(_, parts) => {
                let start = writer.position();
                let mut fields = Vec::with_capacity(parts.len());
                for (name, part) in parts {
                    let number = writer.number(name);
                    fields.push(Field { name: name.clone(), number, start: writer.position() });
                    part.write(row, writer)?;
                }
                writer.close_object(start, fields)?;
            }
        }
        Ok(())
    }
}

fn leaf(array: &ArrayRef, data_type: &SparkType, row: usize, writer: &mut Writer) -> Result<()> {
    macro_rules! value {
        ($arrow:ty) => {
            array.as_primitive::<$arrow>().value(row)
        };
    }
    match data_type {
        SparkType::Boolean => writer.boolean(array.as_boolean().value(row)),
        SparkType::Byte => writer.long(i64::from(value!(Int8Type))),
        SparkType::Short => writer.long(i64::from(value!(Int16Type))),
        SparkType::Integer => writer.long(i64::from(value!(Int32Type))),
        SparkType::Long => writer.long(value!(Int64Type)),
        SparkType::Float => writer.float(value!(Float32Type)),
        SparkType::Double => writer.double(value!(Float64Type)),
        SparkType::Decimal { scale, .. } => {
            writer.decimal(value!(Decimal128Type), scale.unsigned_abs());
        }
        SparkType::Date => writer.date(value!(Date32Type)),
        SparkType::Timestamp => writer.timestamp(value!(TimestampMicrosecondType), false),
        SparkType::TimestampNtz => writer.timestamp(value!(TimestampMicrosecondType), true),
        SparkType::Binary => writer.binary(array.as_binary::<i32>().value(row)),
        SparkType::Variant => {
            if let Some(view) = Variants::of(array)?.get(row) {
                copy(view, writer)?;
            }
        }
        _ => writer.string(array.as_string::<i32>().value(row)),
    }
    Ok(())
}

//! Everything to text: `CAST(… AS STRING)` and the text that `show()` prints.

use super::column::Context;
use super::datetime_text::{date_text, time_text, timestamp_text};
use super::decimal::decimal_text;
use super::interval::{calendar_text, day_time_text, year_month_text};
use super::java_double::{double_text, float_text};
use super::nested::as_list;
use crate::columns::{get, strings};
use crate::time_zone::Zone;
use crate::vector::{VECTOR_CLASS, Vector, Vectors};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type,
    IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use firesteel_common::{Result, SparkType};
use std::fmt::Write;
use std::sync::Arc;

/// Null stays null.
pub(super) fn string_column(
    array: &ArrayRef,
    from: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let n_rows = array.len();
    macro_rules! each {
        ($arrow:ty, $text:expr) => {{
            let values = array.as_primitive::<$arrow>();
            strings(n_rows, |row| Ok(get!(values, row).map($text)))
        }};
    }
    match from {
        SparkType::Null => Ok(arrow::array::new_null_array(&DataType::Utf8, n_rows)),
        SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => {
            Ok(Arc::clone(array))
        }
        SparkType::Boolean
        | SparkType::Byte
        | SparkType::Short
        | SparkType::Integer
        | SparkType::Long => Ok(arrow::compute::cast(array, &DataType::Utf8)?),
        SparkType::Float => each!(Float32Type, float_text),
        SparkType::Double => each!(Float64Type, double_text),
        SparkType::Decimal { scale, .. } => {
            each!(Decimal128Type, |value| decimal_text(value, *scale))
        }
        SparkType::Binary => {
            let values = array.as_binary::<i32>();
            strings(n_rows, |row| {
                Ok(get!(values, row)
                    .map(|bytes| if context.pretty { hexadecimal(bytes) } else { lossy(bytes) }))
            })
        }
        SparkType::Date => each!(Date32Type, |days| date_text(i64::from(days))),
        SparkType::Timestamp => {
            each!(TimestampMicrosecondType, |micros| timestamp_text(context.zone.to_local(micros)))
        }
        SparkType::TimestampNtz => each!(TimestampMicrosecondType, timestamp_text),
        SparkType::Time { .. } => each!(Time64NanosecondType, |nanos| time_text(nanos / 1000)),
        SparkType::CalendarInterval => each!(IntervalMonthDayNanoType, calendar_text),
        SparkType::YearMonthInterval { start, end } => {
            each!(IntervalYearMonthType, |months| year_month_text(months, *start, *end))
        }
        SparkType::DayTimeInterval { start, end } => {
            each!(DurationMicrosecondType, |micros| day_time_text(micros, *start, *end))
        }
        SparkType::Array { element, .. } => array_text(array, element, context),
        SparkType::Map { key, value, .. } => map_text(array, key, value, context),
        SparkType::Struct(fields) => {
            let types: Vec<_> = fields.fields.iter().map(|field| &field.data_type).collect();
            struct_text(array, &types, context)
        }
        SparkType::Udt(udt) if udt.jvm_class.as_deref() == Some(VECTOR_CLASS) => vector_text(array),
        SparkType::Udt(udt) => string_column(array, &udt.sql_type, context),
        SparkType::Variant => {
            let variants = crate::variant::Variants::of(array)?;
            // `show()` writes documents, strings in quotes, instants in UTC.
            let zone = if context.pretty { Zone::Fixed(0) } else { context.zone };
            let documents = (0..n_rows).map(|row| {
                let Some(view) = variants.get(row) else { return Ok(None) };
                let mut json = String::new();
                crate::variant::write_json(view, zone, &mut json)?;
                Ok(Some(json))
            });
            Ok(Arc::new(documents.collect::<Result<StringArray>>()?))
        }
    }
}

/// As `show()` prints it; never null.
pub(super) fn pretty_column(
    array: &ArrayRef,
    from: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let array = crate::columns::plain(array)?;
    let texts = string_column(&array, from, context)?;
    if texts.null_count() == 0 {
        return Ok(texts);
    }
    let texts = texts.as_string::<i32>();
    strings(texts.len(), |row| Ok(Some(get!(texts, row).unwrap_or("NULL"))))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `[53 70 61]`.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("[{}]", digits.join(" "))
}

fn null_text(context: &Context) -> &'static str {
    if context.pretty { "NULL" } else { "null" }
}

fn array_text(array: &ArrayRef, element: &SparkType, context: &Context) -> Result<ArrayRef> {
    let list = as_list(array)?;
    let values = part(list.values(), element, context)?;
    let values = values.as_string::<i32>();
    strings(list.len(), |row| {
        if list.is_null(row) {
            return Ok(None);
        }
        let (start, end) =
            (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
        let parts: Vec<_> =
            (start..end).map(|at| get!(values, at).unwrap_or(null_text(context))).collect();
        Ok(Some(format!("[{}]", parts.join(", "))))
    })
}

fn map_text(
    array: &ArrayRef,
    key: &SparkType,
    value: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let map = array.as_map();
    let keys = part(map.keys(), key, context)?;
    let values = part(map.values(), value, context)?;
    let (keys, values) = (keys.as_string::<i32>(), values.as_string::<i32>());
    strings(map.len(), |row| {
        if map.is_null(row) {
            return Ok(None);
        }
        let (start, end) =
            (map.value_offsets()[row] as usize, map.value_offsets()[row + 1] as usize);
        let mut out = String::from("{");
        for at in start..end {
            if at > start {
                out.push_str(", ");
            }
            let value = get!(values, at).unwrap_or(null_text(context));
            let key = get!(keys, at).unwrap_or(null_text(context));
            // Writing to a String cannot fail.
            let _ = write!(out, "{key} -> {value}");
        }
        out.push('}');
        Ok(Some(out))
    })
}

fn struct_text(array: &ArrayRef, types: &[&SparkType], context: &Context) -> Result<ArrayRef> {
    let parts = array.as_struct();
    let columns = parts
        .columns()
        .iter()
        .zip(types)
        .map(|(column, data_type)| part(column, data_type, context))
        .collect::<Result<Vec<_>>>()?;
    let columns: Vec<_> = columns.iter().map(|column| column.as_string::<i32>()).collect();
    strings(parts.len(), |row| {
        if parts.is_null(row) {
            return Ok(None);
        }
        let texts: Vec<_> =
            columns.iter().map(|column| get!(*column, row).unwrap_or(null_text(context))).collect();
        Ok(Some(format!("{{{}}}", texts.join(", "))))
    })
}

fn part(array: &ArrayRef, from: &SparkType, context: &Context) -> Result<ArrayRef> {
    string_column(&crate::columns::plain(array)?, from, context)
}

/// MLlib's vectors as their class shows them: `[1.0,2.0]`, `(3,[0],[1.5])`.
fn vector_text(array: &ArrayRef) -> Result<ArrayRef> {
    let vectors = Vectors::of(array)?;
    let list = |values: &[f64]| {
        values.iter().map(|value| double_text(*value)).collect::<Vec<_>>().join(",")
    };
    let texts = (0..array.len()).map(|row| {
        vectors.get(row).map(|vector| match vector {
            Vector::Dense(values) => format!("[{}]", list(values)),
            Vector::Sparse { size, indices, values } => {
                let indices: Vec<_> = indices.iter().map(i32::to_string).collect();
                format!("({size},[{}],[{}])", indices.join(","), list(values))
            }
        })
    });
    Ok(Arc::new(texts.collect::<StringArray>()))
}

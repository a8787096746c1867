//! Arguments as pickled rows.
//!
//! A row is a tuple. Where Python must convert a value (dates are days, timestamps microseconds), the row is what
//! PySpark's converter of its type makes of the tuple; so is every struct: a `Row`.

use crate::python::columns::retyped;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, StructArray};
use datafusion::arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use datafusion::common::Result;
use firesteel_common::{SparkError, SparkType, StructField, StructType};
use std::ops::Range;

/// Places in a pickle's memo: `decimal.Decimal`, `bytearray`, then converters.
const DECIMAL: u32 = 0;
const BYTEARRAY: u32 = 1;
const CONVERTERS: u32 = 2;

/// Writes rows of one type.
pub struct RowWriter {
    columns: Vec<(SparkType, Form)>,
    /// The converter of rows, if they need one.
    converter: Option<u32>,
    /// What every pickle begins with: the memo.
    prelude: Vec<u8>,
}

/// How values of a type are written.
enum Form {
    Null,
    Boolean,
    Byte,
    Short,
    Integer,
    Long,
    Float,
    Double,
    Decimal,
    Text,
    Binary {
        as_bytes: bool,
    },
    Date,
    Timestamp,
    Time,
    YearMonth,
    DayTime,
    List(Box<Form>),
    Map(Box<Form>, Box<Form>),
    /// A struct that Python sees as a `Row`, by its converter.
    Row(u32, Vec<Form>),
    /// The two parts of a variant, as a dictionary.
    Variant,
}

impl RowWriter {
    /// Rows of these fields; binary values as `bytes`, else as `bytearray`.
    ///
    /// # Errors
    /// `UNSUPPORTED_DATATYPE` for types that Python has no values of.
    pub fn new(fields: Vec<StructField>, as_bytes: bool) -> Result<Self> {
        let mut json = Vec::new();
        let forms = fields.iter().map(|field| form(&field.data_type, as_bytes, &mut json));
        let forms = forms.collect::<Result<Vec<_>>>()?;
        let types: Vec<_> = fields.iter().map(|field| field.data_type.clone()).collect();
        let converter = types
            .iter()
            .any(is_converted)
            .then(|| converter(&SparkType::Struct(StructType { fields }), &mut json));
        let mut prelude = vec![0x80, 3];
        global(&mut prelude, "decimal", "Decimal");
        remember(&mut prelude, DECIMAL);
        global(&mut prelude, "builtins", "bytearray");
        remember(&mut prelude, BYTEARRAY);
        for (place, json) in (CONVERTERS..).zip(&json) {
            global(&mut prelude, "pyspark.sql.types", "_create_row_inbound_converter");
            global(&mut prelude, "pyspark.sql.types", "_parse_datatype_json_string");
            text(&mut prelude, json);
            prelude.extend([0x85, b'R', 0x85, b'R']);
            remember(&mut prelude, place);
        }
        Ok(Self { columns: types.into_iter().zip(forms).collect(), converter, prelude })
    }

    /// The columns in the types that [`RowWriter::frame`] reads.
    ///
    /// # Errors
    /// When a column is of another type than declared.
    pub fn prepared(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let columns = columns.iter().zip(&self.columns);
        columns.map(|(column, (data_type, _))| retyped(column, &data_type.to_arrow())).collect()
    }

    /// A list of these rows of [`RowWriter::prepared`] columns, pickled.
    pub fn frame(&self, columns: &[ArrayRef], rows: Range<usize>) -> Vec<u8> {
        let mut out = self.prelude.clone();
        out.extend(b"](");
        for row in rows {
            if let Some(place) = self.converter {
                recall(&mut out, place);
            }
            out.push(b'(');
            for (column, (_, form)) in columns.iter().zip(&self.columns) {
                value(&mut out, form, column.as_ref(), row);
            }
            out.push(b't');
            if self.converter.is_some() {
                out.push(b'R');
            }
        }
        out.extend(b"e.");
        out
    }
}

/// The place of a struct's converter.
fn converter(data_type: &SparkType, json: &mut Vec<String>) -> u32 {
    let text = data_type.to_json().to_string();
    let place = json.iter().position(|known| *known == text).unwrap_or_else(|| {
        json.push(text);
        json.len() - 1
    });
    CONVERTERS + u32::try_from(place).unwrap_or(u32::MAX - CONVERTERS)
}

fn form(data_type: &SparkType, as_bytes: bool, json: &mut Vec<String>) -> Result<Form> {
    Ok(match data_type {
        SparkType::Null => Form::Null,
        SparkType::Boolean => Form::Boolean,
        SparkType::Byte => Form::Byte,
        SparkType::Short => Form::Short,
        SparkType::Integer => Form::Integer,
        SparkType::Long => Form::Long,
        SparkType::Float => Form::Float,
        SparkType::Double => Form::Double,
        SparkType::Decimal { .. } => Form::Decimal,
        SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => Form::Text,
        SparkType::Binary => Form::Binary { as_bytes },
        SparkType::Date => Form::Date,
        SparkType::Timestamp | SparkType::TimestampNtz => Form::Timestamp,
        SparkType::Time { .. } => Form::Time,
        SparkType::YearMonthInterval { .. } => Form::YearMonth,
        SparkType::DayTimeInterval { .. } => Form::DayTime,
        SparkType::Array { element, .. } => Form::List(Box::new(form(element, as_bytes, json)?)),
        SparkType::Map { key, value, .. } => {
            let key = form(key, as_bytes, json)?;
            Form::Map(Box::new(key), Box::new(form(value, as_bytes, json)?))
        }
        SparkType::Struct(fields) => {
            let place = converter(data_type, json);
            let forms = fields.fields.iter().map(|field| form(&field.data_type, as_bytes, json));
            Form::Row(place, forms.collect::<Result<_>>()?)
        }
        SparkType::Variant => Form::Variant,
        SparkType::Udt(udt) => form(&udt.sql_type, as_bytes, json)?,
        SparkType::CalendarInterval => {
            let text = "Unsupported data type \"INTERVAL\" for a Python function without Arrow.";
            return Err(SparkError::analysis("UNSUPPORTED_DATATYPE", text)
                .with("typeName", "\"INTERVAL\"")
                .into());
        }
    })
}

/// Whether Python makes another object of what crosses the socket.
fn is_converted(data_type: &SparkType) -> bool {
    match data_type {
        SparkType::Date
        | SparkType::Timestamp
        | SparkType::TimestampNtz
        | SparkType::Time { .. }
        | SparkType::DayTimeInterval { .. }
        | SparkType::Variant
        | SparkType::Udt(_) => true,
        SparkType::Array { element, .. } => is_converted(element),
        SparkType::Map { key, value, .. } => is_converted(key) || is_converted(value),
        SparkType::Struct(fields) => {
            fields.fields.iter().any(|field| is_converted(&field.data_type))
        }
        _ => false,
    }
}

fn value(out: &mut Vec<u8>, form: &Form, array: &dyn Array, row: usize) {
    if array.is_null(row) {
        return out.push(b'N');
    }
    match form {
        Form::Null => out.push(b'N'),
        Form::Boolean => out.push(if array.as_boolean().value(row) { 0x88 } else { 0x89 }),
        Form::Byte => int(out, array.as_primitive::<Int8Type>().value(row).into()),
        Form::Short => int(out, array.as_primitive::<Int16Type>().value(row).into()),
        Form::Integer => int(out, array.as_primitive::<Int32Type>().value(row).into()),
        Form::Long => int(out, array.as_primitive::<Int64Type>().value(row)),
        Form::Float => float(out, array.as_primitive::<Float32Type>().value(row).into()),
        Form::Double => float(out, array.as_primitive::<Float64Type>().value(row)),
        Form::Decimal => {
            recall(out, DECIMAL);
            text(out, &array.as_primitive::<Decimal128Type>().value_as_string(row));
            out.extend([0x85, b'R']);
        }
        Form::Text => text(out, array.as_string::<i32>().value(row)),
        Form::Binary { as_bytes: true } => bytes(out, array.as_binary::<i32>().value(row)),
        Form::Binary { as_bytes: false } => {
            recall(out, BYTEARRAY);
            bytes(out, array.as_binary::<i32>().value(row));
            out.extend([0x85, b'R']);
        }
        Form::Date => int(out, array.as_primitive::<Date32Type>().value(row).into()),
        Form::Timestamp => int(out, array.as_primitive::<TimestampMicrosecondType>().value(row)),
        Form::Time => int(out, array.as_primitive::<Time64NanosecondType>().value(row)),
        Form::YearMonth => {
            int(out, array.as_primitive::<IntervalYearMonthType>().value(row).into())
        }
        Form::DayTime => int(out, array.as_primitive::<DurationMicrosecondType>().value(row)),
        Form::List(element) => {
            let values = array.as_list::<i32>().value(row);
            out.extend(b"](");
            for place in 0..values.len() {
                value(out, element, values.as_ref(), place);
            }
            out.push(b'e');
        }
        Form::Map(key, of) => {
            let entries = array.as_map().value(row);
            out.extend(b"}(");
            for place in 0..entries.len() {
                value(out, key, entries.column(0).as_ref(), place);
                value(out, of, entries.column(1).as_ref(), place);
            }
            out.push(b'u');
        }
        Form::Row(converter, forms) => {
            recall(out, *converter);
            out.push(b'(');
            let columns = array.as_struct().columns();
            for (column, form) in columns.iter().zip(forms) {
                value(out, form, column.as_ref(), row);
            }
            out.extend(b"tR");
        }
        Form::Variant => variant(out, array.as_struct(), row),
    }
}

fn variant(out: &mut Vec<u8>, parts: &StructArray, row: usize) {
    out.extend(b"}(");
    for (name, part) in ["value", "metadata"].into_iter().zip(parts.columns()) {
        text(out, name);
        bytes(out, part.as_binary::<i32>().value(row));
    }
    out.push(b'u');
}

fn int(out: &mut Vec<u8>, value: i64) {
    match i32::try_from(value) {
        Ok(value) => {
            out.push(b'J');
            out.extend(value.to_le_bytes());
        }
        Err(_) => {
            out.extend([0x8a, 8]);
            out.extend(value.to_le_bytes());
        }
    }
}

fn float(out: &mut Vec<u8>, value: f64) {
    out.push(b'G');
    out.extend(value.to_be_bytes());
}

/// Lengths in Arrow are `i32`, so that they always fit.
fn length(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(bytes);
}

fn text(out: &mut Vec<u8>, value: &str) {
    out.push(b'X');
    length(out, value.as_bytes());
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'B');
    length(out, value);
}

fn global(out: &mut Vec<u8>, module: &str, name: &str) {
    out.extend(format!("c{module}\n{name}\n").as_bytes());
}

/// Takes the last object off the stack into the memo.
fn remember(out: &mut Vec<u8>, place: u32) {
    out.push(b'r');
    out.extend(place.to_le_bytes());
    out.push(b'0');
}

fn recall(out: &mut Vec<u8>, place: u32) {
    out.push(b'j');
    out.extend(place.to_le_bytes());
}

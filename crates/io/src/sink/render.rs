//! Values as text, for partition directories, CSV and JSON.

use crate::request::Options;
use crate::values::pattern::Pattern;
use crate::values::temporal::{self, Zone};
use crate::values::{number, temporal::show_date};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64NanosecondType, TimeUnit, TimestampMicrosecondType,
};
use base64::Engine;
use firesteel_common::{Result, SessionSettings, SparkError};

/// Appends the text of a row's value, which is not null.
pub type Render<'a> = Box<dyn Fn(usize, &mut String) + Send + 'a>;

/// How dates and timestamps are written.
#[derive(Debug, Clone)]
pub struct WriteFormats {
    pub zone: Zone,
    pub zone_name: String,
    date: Option<Pattern>,
    timestamp: Pattern,
    timestamp_ntz: Pattern,
}

impl WriteFormats {
    /// From the options `timeZone`, `dateFormat`, `timestampFormat` and `timestampNTZFormat`.
    ///
    /// # Errors
    /// `INVALID_TIMEZONE`, `INVALID_DATETIME_PATTERN`.
    pub fn new(options: &Options, settings: &SessionSettings) -> Result<Self> {
        let zone_name = options.get("timeZone").unwrap_or(&settings.time_zone);
        let pattern = |key: &str, default: &str| Pattern::new(options.get(key).unwrap_or(default));
        Ok(Self {
            zone: temporal::zone(zone_name)?,
            zone_name: zone_name.to_owned(),
            date: options.get("dateFormat").map(Pattern::new).transpose()?,
            timestamp: pattern("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]")?,
            timestamp_ntz: pattern("timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSS]")?,
        })
    }

    fn date(&self, days: i32, out: &mut String) {
        match &self.date {
            Some(pattern) => {
                out.push_str(&pattern.format(i64::from(days) * 86_400_000_000, 0, &self.zone_name));
            }
            None => out.push_str(&show_date(days)),
        }
    }

    fn timestamp(&self, micros: i64, out: &mut String) {
        let (local, offset) = temporal::to_local(micros, &self.zone);
        out.push_str(&self.timestamp.format(local, offset, &self.zone_name));
    }

    fn timestamp_ntz(&self, micros: i64, out: &mut String) {
        out.push_str(&self.timestamp_ntz.format(micros, 0, &self.zone_name));
    }
}

/// The values of a column as `CAST(… AS STRING)` gives them; none for null.
///
/// # Errors
/// For types that no directory name can hold.
pub fn partition_text(array: &ArrayRef, time_zone: &str) -> Result<Vec<Option<String>>> {
    let zone = temporal::zone(time_zone)?;
    let plain = to_plain(array)?;
    let render = match plain.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, zoned) => {
            let values = plain.as_primitive::<TimestampMicrosecondType>();
            let zoned = zoned.is_some();
            Box::new(move |row: usize, out: &mut String| {
                let micros = values.value(row);
                let local = if zoned { temporal::to_local(micros, &zone).0 } else { micros };
                out.push_str(&temporal::show_local(local));
            }) as Render<'_>
        }
        DataType::Decimal128(..) => {
            let values = plain.as_primitive::<Decimal128Type>();
            Box::new(move |row, out: &mut String| out.push_str(&values.value_as_string(row)))
        }
        _ => scalar(&plain)?,
    };
    Ok((0..plain.len())
        .map(|row| {
            plain.is_valid(row).then(|| {
                let mut text = String::new();
                render(row, &mut text);
                text
            })
        })
        .collect())
}

/// Text of a scalar column with the formats of a source.
///
/// # Errors
/// For nested types.
pub fn formatted<'a>(array: &'a ArrayRef, formats: &'a WriteFormats) -> Result<Render<'a>> {
    Ok(match array.data_type() {
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>();
            Box::new(move |row, out: &mut String| formats.date(values.value(row), out))
        }
        // Readable, but no reader turns it back into bytes; so Spark writes it.
        DataType::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(move |row, out: &mut String| {
                let bytes: Vec<String> =
                    values.value(row).iter().map(|byte| format!("{byte:02X}")).collect();
                out.push_str(&format!("[{}]", bytes.join(" ")));
            })
        }
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(move |row, out: &mut String| formats.timestamp(values.value(row), out))
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            Box::new(move |row, out: &mut String| formats.timestamp_ntz(values.value(row), out))
        }
        _ => scalar(array)?,
    })
}

/// Views and dictionaries as plain strings.
fn to_plain(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => {
            Ok(arrow::compute::cast(array, &DataType::Utf8)?)
        }
        DataType::Dictionary(_, values) => to_plain(&arrow::compute::cast(array, values.as_ref())?),
        _ => Ok(ArrayRef::clone(array)),
    }
}

fn scalar(array: &ArrayRef) -> Result<Render<'_>> {
    macro_rules! show {
        ($type:ty) => {{
            let values = array.as_primitive::<$type>();
            Box::new(move |row, out: &mut String| out.push_str(&values.value(row).to_string()))
        }};
    }
    Ok(match array.data_type() {
        DataType::Boolean => {
            let values = array.as_boolean();
            Box::new(move |row, out: &mut String| {
                out.push_str(if values.value(row) { "true" } else { "false" })
            })
        }
        DataType::Int8 => show!(Int8Type),
        DataType::Int16 => show!(Int16Type),
        DataType::Int32 => show!(Int32Type),
        DataType::Int64 => show!(Int64Type),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            Box::new(move |row, out: &mut String| {
                out.push_str(&number::show_f32(values.value(row)))
            })
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            Box::new(move |row, out: &mut String| {
                out.push_str(&number::show_f64(values.value(row)))
            })
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            let scale = i32::from(*scale);
            Box::new(move |row, out: &mut String| {
                out.push_str(&number::show_decimal(values.value(row), scale));
            })
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            Box::new(move |row, out: &mut String| out.push_str(values.value(row)))
        }
        DataType::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(move |row, out: &mut String| {
                out.push_str(&String::from_utf8_lossy(values.value(row)))
            })
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>();
            Box::new(move |row, out: &mut String| out.push_str(&show_date(values.value(row))))
        }
        DataType::Time64(TimeUnit::Nanosecond) => {
            let values = array.as_primitive::<Time64NanosecondType>();
            Box::new(move |row, out: &mut String| {
                out.push_str(
                    &temporal::show_local(values.value(row) / 1000)["1970-01-01 ".len()..],
                );
            })
        }
        other => {
            return Err(SparkError::unsupported(format!("values of type {other} as text")));
        }
    })
}

/// A value as JSON.
///
/// # Errors
/// For types that JSON cannot hold.
pub fn json<'a>(
    array: &'a ArrayRef,
    formats: &'a WriteFormats,
    ignore_null_fields: bool,
) -> Result<Render<'a>> {
    let rendered = match array.data_type() {
        DataType::Null => Box::new(|_, out: &mut String| out.push_str("null")) as Render<'a>,
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Decimal128(_, _) => scalar(array)?,
        DataType::Float32 | DataType::Float64 => {
            let inner = scalar(array)?;
            Box::new(move |row, out: &mut String| {
                let start = out.len();
                inner(row, out);
                // NaN and Infinity are strings.
                if out[start..].ends_with(['N', 'y']) {
                    out.insert(start, '"');
                    out.push('"');
                }
            })
        }
        DataType::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(move |row, out: &mut String| {
                let text = base64::engine::general_purpose::STANDARD.encode(values.value(row));
                quote_json(&text, out);
            })
        }
        DataType::List(_) => json_list(array, formats, ignore_null_fields)?,
        DataType::Map(..) => json_map(array, formats, ignore_null_fields)?,
        DataType::Struct(_) => {
            let fields = array.as_struct();
            json_object(fields.fields(), fields.columns(), formats, ignore_null_fields)?
        }
        _ => {
            let inner = formatted(array, formats)?;
            Box::new(move |row, out: &mut String| {
                let mut text = String::new();
                inner(row, &mut text);
                quote_json(&text, out);
            })
        }
    };
    Ok(Box::new(
        move |row, out: &mut String| {
            if array.is_null(row) { out.push_str("null") } else { rendered(row, out) }
        },
    ))
}

/// Fields of a struct, or columns of a row, as a JSON object.
pub fn json_object<'a>(
    fields: &'a arrow::datatypes::Fields,
    columns: &'a [ArrayRef],
    formats: &'a WriteFormats,
    ignore_null_fields: bool,
) -> Result<Render<'a>> {
    let members = fields
        .iter()
        .zip(columns)
        .map(|(field, column)| {
            let mut name = String::new();
            quote_json(field.name(), &mut name);
            Ok((name, column, json(column, formats, ignore_null_fields)?))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Box::new(move |row, out: &mut String| {
        out.push('{');
        let mut is_first = true;
        for (name, column, render) in &members {
            if ignore_null_fields && column.is_null(row) {
                continue;
            }
            if !is_first {
                out.push(',');
            }
            is_first = false;
            out.push_str(name);
            out.push(':');
            render(row, out);
        }
        out.push('}');
    }))
}

fn json_list<'a>(
    array: &'a ArrayRef,
    formats: &'a WriteFormats,
    ignore_null_fields: bool,
) -> Result<Render<'a>> {
    let list = array.as_list::<i32>();
    let render = json(list.values(), formats, ignore_null_fields)?;
    Ok(Box::new(move |row, out: &mut String| {
        let offsets = list.value_offsets();
        out.push('[');
        for (count, element) in (offsets[row]..offsets[row + 1]).enumerate() {
            if count > 0 {
                out.push(',');
            }
            render(element as usize, out);
        }
        out.push(']');
    }))
}

fn json_map<'a>(
    array: &'a ArrayRef,
    formats: &'a WriteFormats,
    ignore_null_fields: bool,
) -> Result<Render<'a>> {
    let map = array.as_map();
    let keys = formatted(map.keys(), formats)?;
    let values = json(map.values(), formats, ignore_null_fields)?;
    Ok(Box::new(move |row, out: &mut String| {
        let offsets = map.value_offsets();
        out.push('{');
        let mut is_first = true;
        for entry in offsets[row]..offsets[row + 1] {
            let entry = entry as usize;
            if !is_first {
                out.push(',');
            }
            is_first = false;
            let mut key = String::new();
            keys(entry, &mut key);
            quote_json(&key, out);
            out.push(':');
            values(entry, out);
        }
        out.push('}');
    }))
}

/// A JSON string as Jackson writes it.
pub fn quote_json(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

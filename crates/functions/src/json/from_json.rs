//! `from_json(text, schema [, options])`.
//!
//! A document becomes `serde_json` values, then columns by recursion over the schema. A leaf takes
//! the JSON kinds that Spark takes, as text, and is cast like any string; what does not fit is null.
//! A malformed document is a struct of nulls (mode PERMISSIVE) or an error (FAILFAST).

use super::ddl::parse_schema;
use super::options::Options;
use super::relaxed;
use crate::call::Call;
use crate::cast::{Context, EvalMode, cast_column};
use crate::datetime::{Item, Purpose, parse_local, parse_pattern};
use crate::implicit::{implicit, literal_text, not_foldable};
use crate::scalar_kernel::{Input, Kind, at};
use crate::string::declared_length::refuse_lengths;
use crate::variant::{VariantBuilder, Writer, write_value};
use arrow::array::{
    Array, ArrayRef, ListArray, MapArray, StringArray, StructArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, FieldRef, Fields};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType, StructType};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Reading {
    schema: SparkType,
    options: Options,
    time_zone: String,
}

pub(crate) fn from_json(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let settings = call.settings;
    let options = Options::from_arg("from_json", call.args.get(2))?;
    options.check_mode("from_json")?;
    let mut args = call.args.into_iter();
    let (Some(text), Some(schema)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("from_json without arguments"));
    };
    let schema = literal_text(&schema).ok_or_else(|| not_foldable("from_json", "schema"))?;
    let schema = nullable(refuse_lengths(parse_schema(&schema)?, settings.char_varchar_as_string)?);
    let text = implicit("from_json", 0, text, &SparkType::string(), settings)?;
    let reading =
        Reading { schema: schema.clone(), options, time_zone: settings.time_zone.clone() };
    Ok(FROM_JSON.kernel(reading, &schema).call(vec![text]))
}

pub(super) static FROM_JSON: Kind<Reading> = Kind::new("from_json", evaluate);

/// The same schema with everything nullable: a document may lack anything.
pub(crate) fn nullable(schema: SparkType) -> SparkType {
    match schema {
        SparkType::Array { element, .. } => SparkType::array(nullable(*element)),
        SparkType::Map { key, value, .. } => SparkType::map(nullable(*key), nullable(*value)),
        SparkType::Struct(row) => {
            let fields = row.fields.into_iter().map(|mut field| {
                field.data_type = nullable(field.data_type);
                field.nullable = true;
                field
            });
            SparkType::Struct(StructType::new(fields.collect()))
        }
        other => other,
    }
}

fn evaluate(reading: &Reading, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.string(0)?;
    let documents: Vec<_> = (0..input.n_rows)
        .map(|row| {
            let text = at(texts, row).filter(|text| !text.trim().is_empty())?;
            let value = relaxed::parse(text, &reading.options)
                .and_then(|value| root(value, &reading.schema));
            Some((text, value))
        })
        .collect();
    let Reading { schema, options, time_zone } = reading;
    read(&documents, schema, &Asked { options, time_zone, texts: false }, input.result)
}

/// Values whose leaves are all texts, as columns of `schema`; each with the text that it was read from, and
/// none where that text is malformed.
///
/// # Errors
/// `MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION` in the mode FAILFAST.
pub(crate) fn read_values(
    documents: &[Option<(&str, Option<Value>)>],
    schema: &SparkType,
    options: &Options,
    time_zone: &str,
    result: &DataType,
) -> Result<ArrayRef> {
    read(documents, schema, &Asked { options, time_zone, texts: true }, result)
}

/// What the user asked for.
struct Asked<'a> {
    options: &'a Options,
    time_zone: &'a str,
    /// Whether a text may be a leaf of any type.
    texts: bool,
}

fn read(
    documents: &[Option<(&str, Option<Value>)>],
    schema: &SparkType,
    asked: &Asked<'_>,
    result: &DataType,
) -> Result<ArrayRef> {
    let fail_fast =
        asked.options.get("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("FAILFAST"));
    if fail_fast && documents.iter().flatten().any(|(_, value)| value.is_none()) {
        return Err(malformed(schema));
    }
    let context = Context::new(EvalMode::Try, asked.time_zone, false)?;
    let read = |pattern: &str| parse_pattern(pattern, Purpose::Read);
    let pattern = |option: &str| asked.options.get(option).map(read).transpose();
    let formats = Formats {
        context: &context,
        date: pattern("dateFormat")?,
        timestamp: pattern("timestampFormat")?,
        texts: asked.texts,
    };
    let values: Vec<_> = documents
        .iter()
        .map(|document| document.as_ref().and_then(|(_, value)| value.as_ref()))
        .collect();
    let SparkType::Struct(row) = schema else {
        return column(&values, schema, result, &formats);
    };
    let DataType::Struct(fields) = result else {
        return Err(SparkError::internal("from_json answers with a struct"));
    };
    let corrupt_name = asked.options.get("columnNameOfCorruptRecord").unwrap_or("_corrupt_record");
    // Documents with a field that does not fit its type.
    let mut misfits = vec![false; documents.len()];
    let mut columns = row
        .fields
        .iter()
        .zip(fields)
        .map(|(field, arrow)| {
            if field.name == corrupt_name {
                return Ok(new_null_array(arrow.data_type(), documents.len()));
            }
            let values: Vec<_> =
                values.iter().map(|value| value.and_then(|value| value.get(&field.name))).collect();
            let column = column(&values, &field.data_type, arrow.data_type(), &formats)?;
            for (row, value) in values.iter().enumerate() {
                misfits[row] |= value.is_some_and(|value| !value.is_null()) && column.is_null(row);
            }
            Ok(column)
        })
        .collect::<Result<Vec<_>>>()?;
    if fail_fast && misfits.contains(&true) {
        return Err(malformed(schema));
    }
    if let Some(place) = row.fields.iter().position(|field| field.name == corrupt_name) {
        let kept = documents.iter().zip(&misfits).map(|(document, misfit)| match document {
            Some((text, value)) if value.is_none() || *misfit => Some(*text),
            _ => None,
        });
        columns[place] = Arc::new(kept.collect::<StringArray>());
    }
    let valid: Vec<_> = documents.iter().map(Option::is_some).collect();
    structs(fields, columns, valid)
}

/// Spark shows the row that it could not read, which is nulls.
fn malformed(schema: &SparkType) -> SparkError {
    let n_fields = match schema {
        SparkType::Struct(row) => row.fields.len(),
        _ => 1,
    };
    let text = format!("[{}]", vec!["null"; n_fields].join(","));
    SparkError::new(
        ErrorKind::Execution,
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
        format!(
            "Malformed records are detected in record parsing: {text}. Parse Mode: FAILFAST. To \
             process malformed records as null result, try setting the option 'mode' as \
             'PERMISSIVE'."
        ),
    )
    .with("badRecord", text)
    .with("failFastMode", "FAILFAST")
}

/// How texts in a document become values.
struct Formats<'a> {
    context: &'a Context,
    /// The option `dateFormat`.
    date: Option<Vec<Item>>,
    /// The option `timestampFormat`.
    timestamp: Option<Vec<Item>>,
    /// Whether a text may be a leaf of any type.
    texts: bool,
}

impl Formats<'_> {
    /// The text as a cast takes it; none where it does not fit the pattern that was asked for.
    fn plain(&self, text: String, schema: &SparkType) -> Option<String> {
        let items = match schema {
            SparkType::Date => self.date.as_ref(),
            SparkType::Timestamp | SparkType::TimestampNtz => self.timestamp.as_ref(),
            _ => None,
        };
        let Some(items) = items else { return Some(text) };
        let (clock, zone) = parse_local(items, &text).ok()?;
        let (instant, suffix) = match (zone, schema) {
            (Some(zone), SparkType::Timestamp) => (zone.to_utc(clock), "Z"),
            _ => (clock, ""),
        };
        let moment = chrono::DateTime::from_timestamp_micros(instant)?.naive_utc();
        Some(match schema {
            SparkType::Date => moment.date().to_string(),
            _ => format!("{}{suffix}", moment.format("%Y-%m-%dT%H:%M:%S%.6f")),
        })
    }
}

/// The value as the schema's root wants it: an object stands for an array of one.
fn root(value: Value, schema: &SparkType) -> Option<Value> {
    match (schema, value) {
        (SparkType::Struct(_) | SparkType::Map { .. }, value) => {
            Some(value).filter(Value::is_object)
        }
        (SparkType::Array { element, .. }, value @ Value::Object(_))
            if matches!(**element, SparkType::Struct(_)) =>
        {
            Some(Value::Array(vec![value]))
        }
        (SparkType::Array { .. }, value) => Some(value).filter(Value::is_array),
        (_, value) => Some(value),
    }
}

fn structs(fields: &Fields, columns: Vec<ArrayRef>, valid: Vec<bool>) -> Result<ArrayRef> {
    let nulls = Some(NullBuffer::from(valid));
    if fields.is_empty() {
        let n_rows = nulls.as_ref().map_or(0, NullBuffer::len);
        return Ok(Arc::new(StructArray::new_empty_fields(n_rows, nulls)));
    }
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
}

/// A column of `schema` from one JSON value per row.
fn column(
    values: &[Option<&Value>],
    schema: &SparkType,
    result: &DataType,
    formats: &Formats<'_>,
) -> Result<ArrayRef> {
    match (schema, result) {
        (SparkType::Struct(row), DataType::Struct(fields)) => {
            let columns = row
                .fields
                .iter()
                .zip(fields)
                .map(|(field, arrow)| {
                    let inner: Vec<_> = values
                        .iter()
                        .map(|value| value.and_then(|value| value.get(&field.name)))
                        .collect();
                    column(&inner, &field.data_type, arrow.data_type(), formats)
                })
                .collect::<Result<Vec<_>>>()?;
            let valid = values.iter().map(|value| value.is_some_and(Value::is_object)).collect();
            structs(fields, columns, valid)
        }
        (SparkType::Array { element, .. }, DataType::List(field)) => {
            let mut elements = Vec::new();
            let mut lengths = Vec::with_capacity(values.len());
            let mut valid = Vec::with_capacity(values.len());
            for value in values {
                let array = value.and_then(Value::as_array);
                valid.push(array.is_some());
                lengths.push(array.map_or(0, Vec::len));
                elements.extend(array.into_iter().flatten().map(Some));
            }
            let converted = column(&elements, element, field.data_type(), formats)?;
            refuse_misfits(&elements, &converted, &lengths, &mut valid);
            list(field, lengths, converted, valid)
        }
        (SparkType::Map { key, value: value_type, .. }, DataType::Map(entries, ordered)) => {
            let DataType::Struct(fields) = entries.data_type() else {
                return Err(SparkError::internal("a map has no entries"));
            };
            let (mut keys, mut inner) = (Vec::new(), Vec::new());
            let mut lengths = Vec::with_capacity(values.len());
            let mut valid = Vec::with_capacity(values.len());
            for value in values {
                let object = value.and_then(Value::as_object);
                valid.push(object.is_some());
                lengths.push(object.map_or(0, serde_json::Map::len));
                for (name, value) in object.into_iter().flatten() {
                    keys.push(Some(name.clone()));
                    inner.push(Some(value));
                }
            }
            let keys: ArrayRef = Arc::new(StringArray::from(keys));
            let keys = cast_column(&keys, &SparkType::string(), key, formats.context)?;
            let values = column(&inner, value_type, fields[1].data_type(), formats)?;
            refuse_misfits(&inner, &values, &lengths, &mut valid);
            let inner = values;
            let entry = StructArray::try_new(fields.clone(), vec![keys, inner], None)?;
            Ok(Arc::new(MapArray::try_new(
                Arc::clone(entries),
                OffsetBuffer::from_lengths(lengths),
                entry,
                Some(NullBuffer::from(valid)),
                *ordered,
            )?))
        }
        (SparkType::Variant, _) => {
            let mut builder = VariantBuilder::default();
            for value in values {
                let mut writer = Writer::default();
                match value {
                    Some(value) if write_value(value, &mut writer)? => builder.written(writer)?,
                    _ => builder.null(),
                }
            }
            builder.finish()
        }
        _ => {
            let texts = values.iter().map(|value| {
                value
                    .and_then(|value| match value {
                        Value::String(text) if formats.texts => Some(text.clone()),
                        value => text(value, schema),
                    })
                    .and_then(|text| formats.plain(text, schema))
            });
            leaves(texts.collect(), schema, formats.context)
        }
    }
}

/// A list or map with an element that does not fit is null as a whole; structs keep what fits.
fn refuse_misfits(
    given: &[Option<&Value>],
    converted: &ArrayRef,
    lengths: &[usize],
    valid: &mut [bool],
) {
    let mut start = 0;
    for (row, length) in lengths.iter().enumerate() {
        let elements = start..start + length;
        start += length;
        valid[row] &= !elements.into_iter().any(|element| {
            let is_given = given[element].is_some_and(|value| !value.is_null());
            is_given && converted.is_null(element)
        });
    }
}

fn list(
    field: &FieldRef,
    lengths: Vec<usize>,
    elements: ArrayRef,
    valid: Vec<bool>,
) -> Result<ArrayRef> {
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(field),
        OffsetBuffer::from_lengths(lengths),
        elements,
        Some(NullBuffer::from(valid)),
    )?))
}

/// Texts as values of `schema`, null where they do not fit.
pub(crate) fn leaves(
    texts: Vec<Option<String>>,
    schema: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    let texts: ArrayRef = Arc::new(StringArray::from(texts));
    cast_column(&texts, &SparkType::string(), schema, context)
}

/// The text of a JSON value where its kind may become `schema`.
fn text(value: &Value, schema: &SparkType) -> Option<String> {
    match (schema, value) {
        (_, Value::Null) => None,
        (schema, Value::String(text)) if schema.is_string() => Some(text.clone()),
        (schema, value) if schema.is_string() => Some(value.to_string()),
        (SparkType::Boolean, Value::Bool(flag)) => Some(flag.to_string()),
        (SparkType::Boolean, _) => None,
        (schema, Value::Number(number)) if schema.is_integral() => {
            number.as_i64().map(|number| number.to_string())
        }
        (SparkType::Float | SparkType::Double, Value::Number(number)) => Some(number.to_string()),
        (SparkType::Float | SparkType::Double, Value::String(text)) => match text.as_str() {
            "NaN" | "Infinity" | "+Infinity" | "-Infinity" => Some(text.clone()),
            "INF" | "+INF" => Some("Infinity".to_owned()),
            "-INF" => Some("-Infinity".to_owned()),
            _ => None,
        },
        (SparkType::Decimal { .. }, Value::Number(number)) => Some(number.to_string()),
        (SparkType::Decimal { .. }, Value::String(text)) => Some(text.clone()),
        (SparkType::Timestamp, Value::Number(number)) => {
            // Whole seconds since the epoch.
            number.as_i64().map(|seconds| {
                let time = chrono::DateTime::from_timestamp(seconds, 0);
                time.map(|time| time.to_rfc3339()).unwrap_or_default()
            })
        }
        (
            SparkType::Date
            | SparkType::Timestamp
            | SparkType::TimestampNtz
            | SparkType::Time { .. }
            | SparkType::Binary
            | SparkType::YearMonthInterval { .. }
            | SparkType::DayTimeInterval { .. }
            | SparkType::CalendarInterval,
            Value::String(text),
        ) => Some(text.clone()),
        _ => None,
    }
}

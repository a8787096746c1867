//! Spark types as Arrow fields and back.
//!
//! Most types map one to one. What Arrow cannot say (char and varchar, UDTs, variant, interval
//! fields, collations, time precision) travels as the type's JSON under [`TYPE_KEY`] in the field's
//! metadata; Spark's own column metadata travels under [`METADATA_KEY`].
//!
//! | Spark | Arrow |
//! |---|---|
//! | string, char, varchar | Utf8 |
//! | timestamp | Timestamp(µs, "UTC"): always an instant, whatever the session time zone is |
//! | timestamp_ntz | Timestamp(µs) |
//! | year-month interval | Interval(YearMonth) |
//! | day-time interval | Duration(µs) |
//! | calendar interval | Interval(MonthDayNano) |
//! | time | Time64(ns) |
//! | variant | Struct(value Binary, metadata Binary) |

use super::{DECIMAL_PRECISION_MAX, SparkType, StructField, StructType, type_from_json};
use crate::error::{Result, SparkError};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, Schema, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;

/// Key in the metadata of a variant's part `metadata`.
const VARIANT_KEY: &str = "variant";

/// Field metadata key that holds the JSON of a Spark type which Arrow cannot express.
pub const TYPE_KEY: &str = "firesteel:type";
/// Field metadata key that holds Spark's column metadata as a JSON object.
pub const METADATA_KEY: &str = "firesteel:metadata";

/// Name of the time zone that every `timestamp` column carries in Arrow.
const UTC: &str = "UTC";

impl SparkType {
    /// The Arrow type of the values, without what only field metadata can say.
    pub fn to_arrow(&self) -> DataType {
        match self {
            SparkType::Null => DataType::Null,
            SparkType::Boolean => DataType::Boolean,
            SparkType::Byte => DataType::Int8,
            SparkType::Short => DataType::Int16,
            SparkType::Integer => DataType::Int32,
            SparkType::Long => DataType::Int64,
            SparkType::Float => DataType::Float32,
            SparkType::Double => DataType::Float64,
            SparkType::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale),
            SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => {
                DataType::Utf8
            }
            SparkType::Binary => DataType::Binary,
            SparkType::Date => DataType::Date32,
            SparkType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            SparkType::TimestampNtz => DataType::Timestamp(TimeUnit::Microsecond, None),
            SparkType::Time { .. } => DataType::Time64(TimeUnit::Nanosecond),
            SparkType::CalendarInterval => DataType::Interval(IntervalUnit::MonthDayNano),
            SparkType::YearMonthInterval { .. } => DataType::Interval(IntervalUnit::YearMonth),
            SparkType::DayTimeInterval { .. } => DataType::Duration(TimeUnit::Microsecond),
            SparkType::Array { element, contains_null } => {
                DataType::List(field("element", element, *contains_null))
            }
            SparkType::Map { key, value, value_contains_null } => {
                let entries = Fields::from(vec![
                    field("key", key, false),
                    field("value", value, *value_contains_null),
                ]);
                DataType::Map(
                    Arc::new(Field::new("entries", DataType::Struct(entries), false)),
                    false,
                )
            }
            SparkType::Struct(fields) => {
                DataType::Struct(fields.fields.iter().map(StructField::to_arrow).collect())
            }
            SparkType::Variant => DataType::Struct(Fields::from(vec![
                Field::new("value", DataType::Binary, false),
                // The mark that clients look for. It stands inside, so that expressions which know of types
                // only (COALESCE, CASE) keep it.
                Field::new("metadata", DataType::Binary, false)
                    .with_metadata(HashMap::from([(VARIANT_KEY.to_owned(), "true".to_owned())])),
            ])),
            SparkType::Udt(udt) => udt.sql_type.to_arrow(),
        }
    }

    /// Whether [`SparkType::to_arrow`] alone loses something, so that [`TYPE_KEY`] is needed.
    fn needs_tag(&self) -> bool {
        match self {
            SparkType::Char { .. }
            | SparkType::Varchar { .. }
            | SparkType::Udt(_)
            | SparkType::String { collation: Some(_) } => true,
            SparkType::Time { precision } => *precision != 6,
            SparkType::YearMonthInterval { start, end } => (*start, *end) != (0, 1),
            SparkType::DayTimeInterval { start, end } => (*start, *end) != (0, 3),
            _ => false,
        }
    }

    /// The Spark type of an Arrow type that carries no tag.
    ///
    /// # Errors
    /// `UNSUPPORTED_DATATYPE` for Arrow types that no Spark type answers to.
    pub fn from_arrow(data_type: &DataType) -> Result<SparkType> {
        let found = match data_type {
            DataType::Null => SparkType::Null,
            DataType::Boolean => SparkType::Boolean,
            DataType::Int8 => SparkType::Byte,
            DataType::Int16 | DataType::UInt8 => SparkType::Short,
            DataType::Int32 | DataType::UInt16 => SparkType::Integer,
            DataType::Int64 | DataType::UInt32 => SparkType::Long,
            DataType::UInt64 => SparkType::Decimal { precision: 20, scale: 0 },
            DataType::Float16 | DataType::Float32 => SparkType::Float,
            DataType::Float64 => SparkType::Double,
            DataType::Decimal32(precision, scale)
            | DataType::Decimal64(precision, scale)
            | DataType::Decimal128(precision, scale) => {
                SparkType::Decimal { precision: *precision, scale: *scale }
            }
            DataType::Decimal256(precision, scale) if *precision <= DECIMAL_PRECISION_MAX => {
                SparkType::Decimal { precision: *precision, scale: *scale }
            }
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => SparkType::string(),
            DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
            | DataType::FixedSizeBinary(_) => SparkType::Binary,
            DataType::Date32 | DataType::Date64 => SparkType::Date,
            DataType::Timestamp(_, Some(_)) => SparkType::Timestamp,
            DataType::Timestamp(_, None) => SparkType::TimestampNtz,
            DataType::Time32(_) | DataType::Time64(_) => SparkType::Time { precision: 6 },
            DataType::Interval(IntervalUnit::YearMonth) => SparkType::year_month_interval(),
            DataType::Duration(_) | DataType::Interval(IntervalUnit::DayTime) => {
                SparkType::day_time_interval()
            }
            DataType::Interval(IntervalUnit::MonthDayNano) => SparkType::CalendarInterval,
            DataType::List(element)
            | DataType::LargeList(element)
            | DataType::ListView(element)
            | DataType::LargeListView(element)
            | DataType::FixedSizeList(element, _) => SparkType::Array {
                element: Box::new(type_of_field(element)?),
                contains_null: element.is_nullable(),
            },
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 => SparkType::Map {
                    key: Box::new(type_of_field(&fields[0])?),
                    value: Box::new(type_of_field(&fields[1])?),
                    value_contains_null: fields[1].is_nullable(),
                },
                _ => return Err(unsupported(data_type)),
            },
            DataType::Struct(fields) if is_variant(fields) => SparkType::Variant,
            DataType::Struct(fields) => SparkType::Struct(StructType {
                fields: fields
                    .iter()
                    .map(|field| StructField::from_arrow(field))
                    .collect::<Result<_>>()?,
            }),
            DataType::Dictionary(_, values) => SparkType::from_arrow(values)?,
            DataType::RunEndEncoded(_, values) => SparkType::from_arrow(values.data_type())?,
            _ => return Err(unsupported(data_type)),
        };
        Ok(found)
    }
}

impl StructField {
    /// The Arrow field, tags included.
    pub fn to_arrow(&self) -> FieldRef {
        let mut tags = tags(&self.data_type);
        if !self.metadata.is_empty() {
            let json = serde_json::Value::Object(self.metadata.clone()).to_string();
            tags.insert(METADATA_KEY.to_owned(), json);
        }
        Arc::new(
            Field::new(&self.name, self.data_type.to_arrow(), self.nullable).with_metadata(tags),
        )
    }

    /// The Spark field of an Arrow field.
    ///
    /// # Errors
    /// `UNSUPPORTED_DATATYPE`, or `INVALID_JSON_DATA_TYPE` when a tag is broken.
    pub fn from_arrow(field: &Field) -> Result<StructField> {
        let metadata = field
            .metadata()
            .get(METADATA_KEY)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        Ok(StructField {
            name: field.name().clone(),
            data_type: type_of_field(field)?,
            nullable: field.is_nullable(),
            metadata,
        })
    }
}

/// The Spark type of an Arrow field, its tag included.
fn type_of_field(field: &Field) -> Result<SparkType> {
    match field.metadata().get(TYPE_KEY) {
        Some(json) => match json.strip_prefix("collation:") {
            Some(name) => Ok(SparkType::String { collation: Some(name.to_owned()) }),
            None => type_from_json(json),
        },
        None => SparkType::from_arrow(field.data_type()),
    }
}

/// Whether these are the two parts of a variant.
fn is_variant(fields: &Fields) -> bool {
    fields.len() == 2 && fields[1].metadata().get(VARIANT_KEY).is_some_and(|mark| mark == "true")
}

fn tags(data_type: &SparkType) -> HashMap<String, String> {
    let mut tags = HashMap::new();
    if data_type.needs_tag() {
        let tag = match data_type {
            SparkType::String { collation: Some(name) } => format!("collation:{name}"),
            other => other.to_json().to_string(),
        };
        tags.insert(TYPE_KEY.to_owned(), tag);
    }
    tags
}

fn field(name: &str, data_type: &SparkType, nullable: bool) -> FieldRef {
    Arc::new(Field::new(name, data_type.to_arrow(), nullable).with_metadata(tags(data_type)))
}

fn unsupported(data_type: &DataType) -> SparkError {
    SparkError::analysis("UNSUPPORTED_DATATYPE", format!("Unsupported data type \"{data_type}\"."))
        .with("typeName", data_type.to_string())
}

/// Arrow schema of a Spark schema.
pub fn schema_to_arrow(schema: &StructType) -> Schema {
    Schema::new(schema.fields.iter().map(StructField::to_arrow).collect::<Vec<_>>())
}

/// Spark schema of an Arrow schema.
///
/// # Errors
/// As [`StructField::from_arrow`].
pub fn schema_from_arrow(schema: &Schema) -> Result<StructType> {
    let fields = schema.fields().iter().map(|field| StructField::from_arrow(field));
    Ok(StructType { fields: fields.collect::<Result<_>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tagged_types_survive_arrow() {
        let schema = StructType::new(vec![
            StructField::new("v", SparkType::Varchar { length: 5 }, true),
            StructField::new("i", SparkType::DayTimeInterval { start: 1, end: 2 }, true),
            StructField::new("a", SparkType::array(SparkType::Char { length: 3 }), false),
            StructField::new("t", SparkType::Timestamp, true),
        ]);
        let back = schema_from_arrow(&schema_to_arrow(&schema)).expect("own schema");
        assert_eq!(schema, back);
    }
}

//! Data types from protobuf and from the texts that travel inside it.

use super::literal::too_precise;
use super::{faults, required};
use firesteel_common::types::{DECIMAL_PRECISION_MAX, UserDefinedType, type_from_json};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use firesteel_functions::collation::Collation;
use firesteel_plan::sql;
use firesteel_proto::spark::connect as proto;
use proto::data_type::Kind;

/// A data type; what is a DDL string in it is parsed.
///
/// # Errors
/// When a part is missing or a type does not exist here.
pub fn data_type(message: &proto::DataType) -> Result<SparkType> {
    let kind = required(message.kind.as_ref(), faults::data_type)?;
    Ok(match kind {
        Kind::Null(_) => SparkType::Null,
        Kind::Binary(_) => SparkType::Binary,
        Kind::Boolean(_) => SparkType::Boolean,
        Kind::Byte(_) => SparkType::Byte,
        Kind::Short(_) => SparkType::Short,
        Kind::Integer(_) => SparkType::Integer,
        Kind::Long(_) => SparkType::Long,
        Kind::Float(_) => SparkType::Float,
        Kind::Double(_) => SparkType::Double,
        Kind::Decimal(decimal) => decimal_type(decimal)?,
        Kind::String(string) => {
            // The name is checked: types are compared by it.
            match string.collation.as_str() {
                "" | "UTF8_BINARY" => SparkType::string(),
                name => Collation::parse(name)?.spark_type(),
            }
        }
        Kind::Char(char) => SparkType::Char { length: length(char.length)? },
        Kind::VarChar(varchar) => SparkType::Varchar { length: length(varchar.length)? },
        Kind::Date(_) => SparkType::Date,
        Kind::Timestamp(_) => SparkType::Timestamp,
        Kind::TimestampNtz(_) => SparkType::TimestampNtz,
        Kind::Time(time) => time_type(time)?,
        Kind::CalendarInterval(_) => SparkType::CalendarInterval,
        Kind::YearMonthInterval(interval) => {
            let (start, end) = fields(interval.start_field, interval.end_field, 1)?;
            SparkType::YearMonthInterval { start, end }
        }
        Kind::DayTimeInterval(interval) => {
            let (start, end) = fields(interval.start_field, interval.end_field, 3)?;
            SparkType::DayTimeInterval { start, end }
        }
        Kind::Array(array) => SparkType::Array {
            element: Box::new(inner(array.element_type.as_deref())?),
            contains_null: array.contains_null,
        },
        Kind::Map(map) => SparkType::Map {
            key: Box::new(inner(map.key_type.as_deref())?),
            value: Box::new(inner(map.value_type.as_deref())?),
            value_contains_null: map.value_contains_null,
        },
        Kind::Struct(fields) => SparkType::Struct(struct_type(fields)?),
        Kind::Variant(_) => SparkType::Variant,
        Kind::Udt(udt) => SparkType::Udt(Box::new(UserDefinedType {
            jvm_class: udt.jvm_class.clone(),
            python_class: udt.python_class.clone(),
            serialized_python_class: udt.serialized_python_class.clone(),
            sql_type: inner(udt.sql_type.as_deref())?,
        })),
        Kind::Unparsed(unparsed) => data_type_of_text(&unparsed.data_type_string)?,
        Kind::Geometry(_) => return Err(SparkError::unsupported("the type GEOMETRY")),
        Kind::Geography(_) => return Err(SparkError::unsupported("the type GEOGRAPHY")),
    })
}

fn inner(message: Option<&proto::DataType>) -> Result<SparkType> {
    data_type(required(message, faults::data_type)?)
}

fn struct_type(message: &proto::data_type::Struct) -> Result<StructType> {
    let fields = message.fields.iter().map(|field| {
        let metadata = match field.metadata.as_deref() {
            None | Some("") => serde_json::Map::new(),
            Some(json) => serde_json::from_str(json).map_err(|error| {
                SparkError::invalid_plan(format!(
                    "The metadata of {} is broken: {error}",
                    field.name
                ))
            })?,
        };
        Ok(StructField {
            name: field.name.clone(),
            data_type: inner(field.data_type.as_ref())?,
            nullable: field.nullable,
            metadata,
        })
    });
    Ok(StructType { fields: fields.collect::<Result<_>>()? })
}

fn decimal_type(message: &proto::data_type::Decimal) -> Result<SparkType> {
    let (precision, scale) = (message.precision.unwrap_or(10), message.scale.unwrap_or(0));
    let max = i32::from(DECIMAL_PRECISION_MAX);
    if precision > max {
        return Err(too_precise(precision));
    }
    if precision < 1 || scale > precision || scale < -max {
        return Err(out_of_range());
    }
    Ok(SparkType::Decimal { precision: narrow(precision)?, scale: narrow(scale)? })
}

fn time_type(message: &proto::data_type::Time) -> Result<SparkType> {
    const PRECISION_MAX: i32 = 6;
    let precision = message.precision.unwrap_or(PRECISION_MAX);
    if !(0..=PRECISION_MAX).contains(&precision) {
        return Err(SparkError::analysis(
            "UNSUPPORTED_TIME_PRECISION",
            format!(
                "The seconds precision {precision} of the TIME data type is out of the supported \
                 range [0, {PRECISION_MAX}]."
            ),
        )
        .with("precision", precision.to_string()));
    }
    Ok(SparkType::Time { precision: narrow(precision)? })
}

/// First and last field of an interval; all of them if there is none.
fn fields(start: Option<i32>, end: Option<i32>, last: i32) -> Result<(u8, u8)> {
    let start = start.unwrap_or(0);
    let end = end.unwrap_or(last);
    if start < 0 || start > end || end > last {
        return Err(out_of_range());
    }
    Ok((narrow(start)?, narrow(end)?))
}

fn narrow<T: TryFrom<i32>>(value: i32) -> Result<T> {
    T::try_from(value).map_err(|_| out_of_range())
}

fn length(value: i32) -> Result<u32> {
    u32::try_from(value).map_err(|_| out_of_range())
}

fn out_of_range() -> SparkError {
    SparkError::invalid_plan("A parameter of a data type is out of range.")
}

/// A type as JSON, as a table schema (`a INT, b STRING`), as a type (`array<int>`), in this order, as
/// Spark tries them.
///
/// # Errors
/// The parser's, for the text as a table schema.
pub fn data_type_of_text(text: &str) -> Result<SparkType> {
    if text.trim_start().starts_with(['{', '"']) {
        return type_from_json(text);
    }
    match sql::parse_schema(text) {
        Ok(schema) => Ok(SparkType::Struct(schema)),
        Err(error) => sql::parse_type(text)
            .or_else(|_| sql::parse_type(&format!("struct<{}>", text.trim())))
            .map_err(|_| error),
    }
}

/// A schema as JSON or DDL. A single type becomes one column `value`, as `createDataFrame` has it.
///
/// # Errors
/// As [`data_type_of_text`].
pub fn schema_of_text(text: &str) -> Result<StructType> {
    Ok(match data_type_of_text(text)? {
        SparkType::Struct(schema) => schema,
        other => StructType::new(vec![StructField::new("value", other, true)]),
    })
}

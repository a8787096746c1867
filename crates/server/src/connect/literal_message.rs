//! Values of the engine as literals of the protocol.

use super::data_type::to_proto;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::common::ScalarValue;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_proto::spark::connect as proto;
use proto::expression::Literal;
use proto::expression::literal::{Array as ArrayMessage, CalendarInterval, Decimal, LiteralType};
use proto::expression::literal::{Map, Struct, Time};

/// The literal of `value`, which has the Spark type `data_type`.
///
/// # Errors
/// `UNSUPPORTED_FEATURE` for a type that the protocol has no literal for.
#[allow(deprecated)] // The client reads the types of elements where older servers put them.
pub fn literal(value: &ScalarValue, data_type: &SparkType) -> Result<Literal> {
    let message = |literal_type| {
        Ok(Literal { data_type: Some(to_proto(data_type)), literal_type: Some(literal_type) })
    };
    if value.is_null() {
        return message(LiteralType::Null(to_proto(data_type)));
    }
    let unsupported = || {
        let name = data_type.simple_string();
        SparkError::unsupported(format!("an observed metric of the type {name}"))
    };
    message(match (value, data_type) {
        (_, SparkType::Udt(udt)) => return literal(value, &udt.sql_type),
        (ScalarValue::Boolean(Some(value)), _) => LiteralType::Boolean(*value),
        (ScalarValue::Int8(Some(value)), _) => LiteralType::Byte(i32::from(*value)),
        (ScalarValue::Int16(Some(value)), _) => LiteralType::Short(i32::from(*value)),
        (ScalarValue::Int32(Some(value)), _) => LiteralType::Integer(*value),
        (ScalarValue::Int64(Some(value)), _) => LiteralType::Long(*value),
        (ScalarValue::Float32(Some(value)), _) => LiteralType::Float(*value),
        (ScalarValue::Float64(Some(value)), _) => LiteralType::Double(*value),
        (ScalarValue::Decimal128(Some(_), precision, scale), _) => {
            let column = value.to_array()?;
            let text = column.as_primitive::<arrow::datatypes::Decimal128Type>().value_as_string(0);
            LiteralType::Decimal(Decimal {
                value: text,
                precision: Some(i32::from(*precision)),
                scale: Some(i32::from(*scale)),
            })
        }
        (
            ScalarValue::Utf8(Some(text))
            | ScalarValue::Utf8View(Some(text))
            | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => LiteralType::String(text.clone()),
        (
            ScalarValue::Binary(Some(bytes))
            | ScalarValue::BinaryView(Some(bytes))
            | ScalarValue::LargeBinary(Some(bytes)),
            _,
        ) => LiteralType::Binary(bytes.clone().into()),
        (ScalarValue::Date32(Some(days)), _) => LiteralType::Date(*days),
        (ScalarValue::TimestampMicrosecond(Some(micros), Some(_)), _) => {
            LiteralType::Timestamp(*micros)
        }
        (ScalarValue::TimestampMicrosecond(Some(micros), None), _) => {
            LiteralType::TimestampNtz(*micros)
        }
        (ScalarValue::DurationMicrosecond(Some(micros)), _) => {
            LiteralType::DayTimeInterval(*micros)
        }
        (ScalarValue::IntervalYearMonth(Some(months)), _) => {
            LiteralType::YearMonthInterval(*months)
        }
        (ScalarValue::IntervalMonthDayNano(Some(interval)), _) => {
            LiteralType::CalendarInterval(CalendarInterval {
                months: interval.months,
                days: interval.days,
                microseconds: interval.nanoseconds / 1_000,
            })
        }
        (ScalarValue::Time64Nanosecond(Some(nano)), SparkType::Time { precision }) => {
            LiteralType::Time(Time { nano: *nano, precision: Some(i32::from(*precision)) })
        }
        (ScalarValue::List(list), SparkType::Array { element, .. }) => {
            LiteralType::Array(ArrayMessage {
                element_type: Some(to_proto(element)),
                elements: literals(list.value(0).as_ref(), element)?,
            })
        }
        (ScalarValue::Map(map), SparkType::Map { key, value, .. }) => {
            let entries = map.value(0);
            LiteralType::Map(Map {
                key_type: Some(to_proto(key)),
                value_type: Some(to_proto(value)),
                keys: literals(entries.column(0).as_ref(), key)?,
                values: literals(entries.column(1).as_ref(), value)?,
            })
        }
        (ScalarValue::Struct(row), SparkType::Struct(schema)) => {
            let elements = row.columns().iter().zip(&schema.fields).map(|(column, field)| {
                literal(&ScalarValue::try_from_array(column, 0)?, &field.data_type)
            });
            LiteralType::Struct(Struct {
                struct_type: Some(to_proto(data_type)),
                elements: elements.collect::<Result<Vec<_>>>()?,
            })
        }
        _ => return Err(unsupported()),
    })
}

fn literals(column: &dyn Array, data_type: &SparkType) -> Result<Vec<Literal>> {
    (0..column.len())
        .map(|row| literal(&ScalarValue::try_from_array(column, row)?, data_type))
        .collect()
}

//! Spark's data types as protobuf.

use firesteel_common::{SparkType, StructType};
use firesteel_proto::spark::connect as proto;
use proto::data_type as message;
use proto::data_type::Kind;

/// The message of a type.
pub fn to_proto(data_type: &SparkType) -> proto::DataType {
    proto::DataType { kind: Some(kind(data_type)) }
}

/// The message of a schema.
pub fn schema_to_proto(schema: &StructType) -> proto::DataType {
    proto::DataType { kind: Some(Kind::Struct(fields(schema))) }
}

fn fields(schema: &StructType) -> message::Struct {
    let fields = schema.fields.iter().map(|field| message::StructField {
        name: field.name.clone(),
        data_type: Some(to_proto(&field.data_type)),
        nullable: field.nullable,
        metadata: (!field.metadata.is_empty())
            .then(|| serde_json::Value::Object(field.metadata.clone()).to_string()),
    });
    message::Struct { fields: fields.collect(), ..Default::default() }
}

fn boxed(data_type: &SparkType) -> Option<Box<proto::DataType>> {
    Some(Box::new(to_proto(data_type)))
}

fn kind(data_type: &SparkType) -> Kind {
    match data_type {
        SparkType::Null => Kind::Null(message::Null::default()),
        SparkType::Boolean => Kind::Boolean(message::Boolean::default()),
        SparkType::Byte => Kind::Byte(message::Byte::default()),
        SparkType::Short => Kind::Short(message::Short::default()),
        SparkType::Integer => Kind::Integer(message::Integer::default()),
        SparkType::Long => Kind::Long(message::Long::default()),
        SparkType::Float => Kind::Float(message::Float::default()),
        SparkType::Double => Kind::Double(message::Double::default()),
        SparkType::Decimal { precision, scale } => Kind::Decimal(message::Decimal {
            precision: Some(i32::from(*precision)),
            scale: Some(i32::from(*scale)),
            ..Default::default()
        }),
        SparkType::String { collation } => Kind::String(message::String {
            collation: collation.clone().unwrap_or_else(|| "UTF8_BINARY".to_owned()),
            ..Default::default()
        }),
        SparkType::Char { length } => Kind::Char(message::Char {
            length: i32::try_from(*length).unwrap_or(i32::MAX),
            ..Default::default()
        }),
        SparkType::Varchar { length } => Kind::VarChar(message::VarChar {
            length: i32::try_from(*length).unwrap_or(i32::MAX),
            ..Default::default()
        }),
        SparkType::Binary => Kind::Binary(message::Binary::default()),
        SparkType::Date => Kind::Date(message::Date::default()),
        SparkType::Timestamp => Kind::Timestamp(message::Timestamp::default()),
        SparkType::TimestampNtz => Kind::TimestampNtz(message::TimestampNtz::default()),
        SparkType::Time { precision } => Kind::Time(message::Time {
            precision: Some(i32::from(*precision)),
            ..Default::default()
        }),
        SparkType::CalendarInterval => Kind::CalendarInterval(message::CalendarInterval::default()),
        SparkType::YearMonthInterval { start, end } => {
            Kind::YearMonthInterval(message::YearMonthInterval {
                start_field: Some(i32::from(*start)),
                end_field: Some(i32::from(*end)),
                ..Default::default()
            })
        }
        SparkType::DayTimeInterval { start, end } => {
            Kind::DayTimeInterval(message::DayTimeInterval {
                start_field: Some(i32::from(*start)),
                end_field: Some(i32::from(*end)),
                ..Default::default()
            })
        }
        SparkType::Array { element, contains_null } => Kind::Array(Box::new(message::Array {
            element_type: boxed(element),
            contains_null: *contains_null,
            ..Default::default()
        })),
        SparkType::Map { key, value, value_contains_null } => Kind::Map(Box::new(message::Map {
            key_type: boxed(key),
            value_type: boxed(value),
            value_contains_null: *value_contains_null,
            ..Default::default()
        })),
        SparkType::Struct(schema) => Kind::Struct(fields(schema)),
        SparkType::Variant => Kind::Variant(message::Variant::default()),
        SparkType::Udt(udt) => Kind::Udt(Box::new(message::Udt {
            r#type: "udt".to_owned(),
            jvm_class: udt.jvm_class.clone(),
            python_class: udt.python_class.clone(),
            serialized_python_class: udt.serialized_python_class.clone(),
            sql_type: boxed(&udt.sql_type),
        })),
    }
}

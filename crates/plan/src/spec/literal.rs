//! Literal values.

use firesteel_common::{SparkType, StructField, StructType};

/// A literal with its Spark type.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A null of a type; `SparkType::Null` for a bare `NULL`.
    Null(SparkType),
    Boolean(bool),
    Byte(i8),
    Short(i16),
    Integer(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    /// `value` is unscaled.
    Decimal {
        value: i128,
        precision: u8,
        scale: i8,
    },
    String(String),
    Binary(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00Z.
    Timestamp(i64),
    /// Microseconds since 1970-01-01T00:00 on the wall clock.
    TimestampNtz(i64),
    /// Nanoseconds since midnight.
    Time {
        nanos: i64,
        precision: u8,
    },
    CalendarInterval {
        months: i32,
        days: i32,
        micros: i64,
    },
    /// Months.
    YearMonthInterval {
        months: i32,
        start: u8,
        end: u8,
    },
    /// Microseconds.
    DayTimeInterval {
        micros: i64,
        start: u8,
        end: u8,
    },
    Array {
        element: SparkType,
        elements: Vec<Literal>,
    },
    Map {
        key: SparkType,
        value: SparkType,
        entries: Vec<(Literal, Literal)>,
    },
    Struct {
        data_type: SparkType,
        elements: Vec<Literal>,
    },
}

impl Literal {
    /// Its type as its place declares it: elements may be null, whether or not one is.
    pub fn spark_type(&self) -> SparkType {
        match self {
            Literal::Null(data_type) => data_type.clone(),
            Literal::Boolean(_) => SparkType::Boolean,
            Literal::Byte(_) => SparkType::Byte,
            Literal::Short(_) => SparkType::Short,
            Literal::Integer(_) => SparkType::Integer,
            Literal::Long(_) => SparkType::Long,
            Literal::Float(_) => SparkType::Float,
            Literal::Double(_) => SparkType::Double,
            Literal::Decimal { precision, scale, .. } => {
                SparkType::Decimal { precision: *precision, scale: *scale }
            }
            Literal::String(_) => SparkType::string(),
            Literal::Binary(_) => SparkType::Binary,
            Literal::Date(_) => SparkType::Date,
            Literal::Timestamp(_) => SparkType::Timestamp,
            Literal::TimestampNtz(_) => SparkType::TimestampNtz,
            Literal::Time { precision, .. } => SparkType::Time { precision: *precision },
            Literal::CalendarInterval { .. } => SparkType::CalendarInterval,
            Literal::YearMonthInterval { start, end, .. } => {
                SparkType::YearMonthInterval { start: *start, end: *end }
            }
            Literal::DayTimeInterval { start, end, .. } => {
                SparkType::DayTimeInterval { start: *start, end: *end }
            }
            Literal::Array { element, .. } => SparkType::array(element.clone()),
            Literal::Map { key, value, .. } => SparkType::map(key.clone(), value.clone()),
            Literal::Struct { data_type: SparkType::Null, elements } => {
                let fields = elements.iter().enumerate().map(|(position, element)| {
                    StructField::new(format!("col{}", position + 1), element.spark_type(), true)
                });
                SparkType::Struct(StructType::new(fields.collect()))
            }
            Literal::Struct { data_type, .. } => data_type.clone(),
        }
    }
}

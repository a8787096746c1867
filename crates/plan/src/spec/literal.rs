//! Literal values.

use firesteel_common::SparkType;

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

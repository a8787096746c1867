//! Arrow builders for one column of a Spark type, fed with text.

use super::number;
use super::pattern::Pattern;
use super::temporal::{self, Zone};
use crate::request::Options;
use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder,
    Float64Builder, Int8Builder, Int16Builder, Int32Builder, Int64Builder, NullBuilder,
    StringBuilder, Time64NanosecondBuilder, TimestampMicrosecondBuilder,
};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};
use std::sync::Arc;

/// How a source writes dates, timestamps and numbers that are none.
#[derive(Debug, Clone)]
pub struct TextFormats {
    pub zone: Zone,
    /// None: Spark's lenient ISO forms.
    pub date: Option<Pattern>,
    pub timestamp: Option<Pattern>,
    pub timestamp_ntz: Option<Pattern>,
    pub nan: String,
    pub positive_inf: String,
    pub negative_inf: String,
}

impl TextFormats {
    /// From the options `timeZone`, `dateFormat`, `timestampFormat`, `timestampNTZFormat`,
    /// `nanValue`, `positiveInf` and `negativeInf`.
    ///
    /// # Errors
    /// `INVALID_TIMEZONE`, `INVALID_DATETIME_PATTERN`.
    pub fn new(options: &Options, settings: &SessionSettings) -> Result<Self> {
        let pattern = |key: &str| options.get(key).map(Pattern::new).transpose();
        let text = |key: &str, default: &str| options.get(key).unwrap_or(default).to_owned();
        Ok(Self {
            zone: temporal::zone(options.get("timeZone").unwrap_or(&settings.time_zone))?,
            date: pattern("dateFormat")?,
            timestamp: pattern("timestampFormat")?,
            timestamp_ntz: pattern("timestampNTZFormat")?,
            nan: text("nanValue", "NaN"),
            positive_inf: text("positiveInf", "Inf"),
            negative_inf: text("negativeInf", "-Inf"),
        })
    }

    pub fn parse_date(&self, text: &str) -> Option<i32> {
        match &self.date {
            Some(pattern) => pattern.parse_date(text),
            None => temporal::parse_date(text),
        }
    }

    pub fn parse_timestamp(&self, text: &str) -> Option<i64> {
        match &self.timestamp {
            Some(pattern) => pattern.parse_timestamp(text, &self.zone),
            None => temporal::parse_timestamp(text, &self.zone),
        }
    }

    pub fn parse_timestamp_ntz(&self, text: &str) -> Option<i64> {
        match &self.timestamp_ntz {
            Some(pattern) => pattern.parse_local(text),
            None => temporal::parse_timestamp_ntz(text),
        }
    }

    /// A double of the CSV source.
    pub fn parse_f64(&self, text: &str) -> Option<f64> {
        if text == self.nan {
            Some(f64::NAN)
        } else if text == self.positive_inf {
            Some(f64::INFINITY)
        } else if text == self.negative_inf {
            Some(f64::NEG_INFINITY)
        } else {
            number::parse_f64(text)
        }
    }
}

/// A column under construction.
pub enum ScalarColumn {
    Null(NullBuilder),
    Boolean(BooleanBuilder),
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal(Decimal128Builder, u8, i8),
    String(StringBuilder),
    Binary(BinaryBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    TimestampNtz(TimestampMicrosecondBuilder),
    Time(Time64NanosecondBuilder),
}

impl ScalarColumn {
    /// # Errors
    /// `UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE` for types that text cannot hold.
    pub fn new(data_type: &SparkType, format: &str, column: &str) -> Result<Self> {
        Ok(match data_type {
            SparkType::Null => Self::Null(NullBuilder::new()),
            SparkType::Boolean => Self::Boolean(BooleanBuilder::new()),
            SparkType::Byte => Self::Int8(Int8Builder::new()),
            SparkType::Short => Self::Int16(Int16Builder::new()),
            SparkType::Integer => Self::Int32(Int32Builder::new()),
            SparkType::Long => Self::Int64(Int64Builder::new()),
            SparkType::Float => Self::Float32(Float32Builder::new()),
            SparkType::Double => Self::Float64(Float64Builder::new()),
            SparkType::Decimal { precision, scale } => Self::Decimal(
                Decimal128Builder::new().with_data_type(data_type.to_arrow()),
                *precision,
                *scale,
            ),
            SparkType::String { .. } | SparkType::Char { .. } | SparkType::Varchar { .. } => {
                Self::String(StringBuilder::new())
            }
            SparkType::Binary => Self::Binary(BinaryBuilder::new()),
            SparkType::Date => Self::Date(Date32Builder::new()),
            SparkType::Timestamp => {
                Self::Timestamp(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            SparkType::TimestampNtz => Self::TimestampNtz(TimestampMicrosecondBuilder::new()),
            SparkType::Time { .. } => Self::Time(Time64NanosecondBuilder::new()),
            other => return Err(unsupported_type(other, format, column)),
        })
    }

    pub fn push_null(&mut self) {
        match self {
            Self::Null(b) => b.append_null(),
            Self::Boolean(b) => b.append_null(),
            Self::Int8(b) => b.append_null(),
            Self::Int16(b) => b.append_null(),
            Self::Int32(b) => b.append_null(),
            Self::Int64(b) => b.append_null(),
            Self::Float32(b) => b.append_null(),
            Self::Float64(b) => b.append_null(),
            Self::Decimal(b, ..) => b.append_null(),
            Self::String(b) => b.append_null(),
            Self::Binary(b) => b.append_null(),
            Self::Date(b) => b.append_null(),
            Self::Timestamp(b) | Self::TimestampNtz(b) => b.append_null(),
            Self::Time(b) => b.append_null(),
        }
    }

    /// Appends the value that `text` stands for; null and `false` when it stands for none.
    pub fn push_text(&mut self, text: &str, formats: &TextFormats) -> bool {
        macro_rules! push {
            ($builder:expr, $value:expr) => {{
                let value = $value;
                $builder.append_option(value);
                value.is_some()
            }};
        }
        match self {
            Self::Null(b) => {
                b.append_null();
                false
            }
            Self::Boolean(b) => push!(b, number::parse_bool(text)),
            Self::Int8(b) => push!(b, number::parse_int(text)),
            Self::Int16(b) => push!(b, number::parse_int(text)),
            Self::Int32(b) => push!(b, number::parse_int(text)),
            Self::Int64(b) => push!(b, number::parse_int(text)),
            // Reading a float as a double first could round twice.
            Self::Float32(b) => push!(
                b,
                text.parse::<f32>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .or_else(|| formats.parse_f64(text).map(|value| value as f32))
            ),
            Self::Float64(b) => push!(b, formats.parse_f64(text)),
            Self::Decimal(b, precision, scale) => {
                let value = if text.contains(',') {
                    number::parse_decimal(&text.replace(',', ""), *precision, *scale)
                } else {
                    number::parse_decimal(text, *precision, *scale)
                };
                push!(b, value)
            }
            Self::String(b) => {
                b.append_value(text);
                true
            }
            Self::Binary(b) => {
                b.append_value(text.as_bytes());
                true
            }
            Self::Date(b) => push!(b, formats.parse_date(text)),
            Self::Timestamp(b) => push!(b, formats.parse_timestamp(text)),
            Self::TimestampNtz(b) => push!(b, formats.parse_timestamp_ntz(text)),
            Self::Time(b) => push!(
                b,
                temporal::parse_timestamp_ntz(&format!("1970-01-01 {text}"))
                    .map(|micros| micros * 1000)
            ),
        }
    }

    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Null(b) => Arc::new(b.finish()),
            Self::Boolean(b) => Arc::new(b.finish()),
            Self::Int8(b) => Arc::new(b.finish()),
            Self::Int16(b) => Arc::new(b.finish()),
            Self::Int32(b) => Arc::new(b.finish()),
            Self::Int64(b) => Arc::new(b.finish()),
            Self::Float32(b) => Arc::new(b.finish()),
            Self::Float64(b) => Arc::new(b.finish()),
            Self::Decimal(b, ..) => Arc::new(b.finish()),
            Self::String(b) => Arc::new(b.finish()),
            Self::Binary(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Timestamp(b) | Self::TimestampNtz(b) => Arc::new(b.finish()),
            Self::Time(b) => Arc::new(b.finish()),
        }
    }
}

/// `UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE`.
pub fn unsupported_type(data_type: &SparkType, format: &str, column: &str) -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
        format!(
            "The {format} datasource doesn't support the column `{column}` of the type \"{}\".",
            data_type.sql()
        ),
    )
    .with("columnName", format!("`{column}`"))
    .with("columnType", format!("\"{}\"", data_type.sql()))
    .with("format", format)
}

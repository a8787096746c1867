//! Data types, and lists of columns with types: schemas, struct fields.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use firesteel_functions::collation::Collation;
use serde_json::Value;

const YEAR_MONTH: [&str; 2] = ["YEAR", "MONTH"];
const DAY_TIME: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
const TIME_PRECISION_MAX: i64 = 6;

impl Parser<'_> {
    pub(super) fn data_type(&mut self) -> Result<SparkType> {
        self.nested(Self::data_type_unnested)
    }

    fn data_type_unnested(&mut self) -> Result<SparkType> {
        let start = self.start();
        let is_word = self.kind() == TokenKind::Word;
        match self.word() {
            "ARRAY" if self.word_ahead(1) == "<" => {
                self.expect_all(&["ARRAY", "<"])?;
                let element = self.data_type()?;
                self.close_angle()?;
                return Ok(SparkType::array(element));
            }
            "MAP" if self.word_ahead(1) == "<" => {
                self.expect_all(&["MAP", "<"])?;
                let key = self.data_type()?;
                self.expect(",")?;
                let value = self.data_type()?;
                self.close_angle()?;
                return Ok(SparkType::map(key, value));
            }
            "STRUCT" if self.word_ahead(1) == "<>" => {
                self.expect_all(&["STRUCT", "<>"])?;
                return Ok(SparkType::Struct(StructType::default()));
            }
            "STRUCT" if self.word_ahead(1) == "<" => {
                self.expect_all(&["STRUCT", "<"])?;
                if self.take_angle() {
                    return Ok(SparkType::Struct(StructType::default()));
                }
                let fields = self.list(|p| p.column(true))?;
                self.close_angle()?;
                return Ok(SparkType::Struct(StructType::new(fields)));
            }
            "INTERVAL" => {
                self.advance();
                return self.interval_type(start);
            }
            "TIMESTAMP" | "TIME" => {
                let is_time = self.is("TIME");
                self.advance();
                let zone = if self.take_all(&["WITHOUT", "TIME", "ZONE"]) {
                    Some(false)
                } else if !is_time && self.take_all(&["WITH", "LOCAL", "TIME", "ZONE"]) {
                    Some(true)
                } else {
                    None
                };
                if is_time {
                    return self.time_type();
                }
                match zone {
                    Some(true) => return Ok(SparkType::Timestamp),
                    Some(false) => return Ok(SparkType::TimestampNtz),
                    None => {}
                }
            }
            _ => {
                self.plain_name()?;
            }
        }
        let name = self.text_from(start).to_ascii_uppercase();
        let mut sizes = Vec::new();
        if self.is("(") {
            let is_geo = matches!(name.as_str(), "GEOMETRY" | "GEOGRAPHY");
            if is_geo && self.word_ahead(1) == "ANY" {
                self.expect_all(&["(", "ANY", ")"])?;
            } else {
                sizes = self.paren_list(Self::integer)?;
            }
            if is_geo && sizes.len() <= 1 {
                let feature = format!("the data type {}", self.text_from(start));
                self.unserved(&feature);
                return Ok(SparkType::Binary);
            }
        }
        if name == "STRING" && is_word && sizes.is_empty() {
            if !self.take("COLLATE") {
                return Ok(SparkType::string());
            }
            let name = self.multipart_name()?.join(".");
            return Ok(Collation::parse(&name)?.spark_type());
        }
        self.named_type(if is_word { &name } else { "" }, &sizes, start)
    }

    fn named_type(&mut self, name: &str, sizes: &[i64], start: usize) -> Result<SparkType> {
        let origin = self.origin(start);
        let length = |length: i64| u32::try_from(length).unwrap_or(u32::MAX);
        Ok(match (name, sizes) {
            ("BOOLEAN", []) => SparkType::Boolean,
            ("TINYINT" | "BYTE", []) => SparkType::Byte,
            ("SMALLINT" | "SHORT", []) => SparkType::Short,
            ("INT" | "INTEGER", []) => SparkType::Integer,
            ("BIGINT" | "LONG", []) => SparkType::Long,
            ("FLOAT" | "REAL", []) => SparkType::Float,
            ("DOUBLE", []) => SparkType::Double,
            ("DATE", []) => SparkType::Date,
            ("TIMESTAMP", []) if self.dialect.timestamp_is_ntz => SparkType::TimestampNtz,
            ("TIMESTAMP" | "TIMESTAMP_LTZ", []) => SparkType::Timestamp,
            ("TIMESTAMP_NTZ", []) => SparkType::TimestampNtz,
            ("BINARY", []) => SparkType::Binary,
            ("VOID", []) => SparkType::Null,
            ("VARIANT", []) => SparkType::Variant,
            ("DECIMAL" | "DEC" | "NUMERIC", []) => SparkType::Decimal { precision: 10, scale: 0 },
            ("DECIMAL" | "DEC" | "NUMERIC", [precision]) => decimal(*precision, 0)?,
            ("DECIMAL" | "DEC" | "NUMERIC", [precision, scale]) => decimal(*precision, *scale)?,
            ("CHAR" | "CHARACTER", [size]) => SparkType::Char { length: length(*size) },
            ("VARCHAR", [size]) => SparkType::Varchar { length: length(*size) },
            ("CHAR" | "CHARACTER" | "VARCHAR", []) => {
                let shown = if name == "VARCHAR" { "\"VARCHAR\"" } else { "\"CHAR\"" };
                let message = format!(
                    "DataType {shown} requires a length parameter, for example {shown}(10). Please \
                     specify the length."
                );
                return Err(
                    error::at(&origin, "DATATYPE_MISSING_SIZE", message).with("type", shown)
                );
            }
            ("ARRAY", []) => {
                let message = "Incomplete complex type: The definition of \"ARRAY\" type is \
                               incomplete. You must provide an element type. For example: \
                               \"ARRAY<INT>\".";
                return Err(error::at(&origin, "INCOMPLETE_TYPE_DEFINITION.ARRAY", message)
                    .with("elementType", "<INT>"));
            }
            ("MAP", []) => {
                let message = "Incomplete complex type: The definition of \"MAP\" type is incomplete. \
                               You must provide a key type and a value type. For example: \
                               \"MAP<TIMESTAMP, INT>\".";
                return Err(error::at(&origin, "INCOMPLETE_TYPE_DEFINITION.MAP", message));
            }
            ("STRUCT", []) => {
                let message = "Incomplete complex type: The definition of \"STRUCT\" type is \
                               incomplete. You must provide at least one field type. For example: \
                               \"STRUCT<name STRING, phone DECIMAL(10, 0)>\".";
                return Err(error::at(&origin, "INCOMPLETE_TYPE_DEFINITION.STRUCT", message));
            }
            _ => {
                let shown = self.text_from(start).replace('`', "").to_uppercase();
                let message = format!("Unsupported data type \"{shown}\".");
                let error = error::at(&origin, "UNSUPPORTED_DATATYPE", message);
                self.fault(error.with("typeName", format!("\"{shown}\"")));
                SparkType::Null
            }
        })
    }

    fn time_type(&mut self) -> Result<SparkType> {
        let precision = if self.take("(") {
            let precision = self.integer()?;
            self.expect(")")?;
            precision
        } else {
            TIME_PRECISION_MAX
        };
        if self.take_all(&["WITHOUT", "TIME", "ZONE"]) {}
        if !(0..=TIME_PRECISION_MAX).contains(&precision) {
            let message = format!(
                "The seconds precision {precision} of the TIME data type is out of the supported \
                 range [0, 6]."
            );
            let kind = firesteel_common::ErrorKind::Parse;
            return Err(SparkError::new(kind, "UNSUPPORTED_TIME_PRECISION", message)
                .with("precision", precision.to_string()));
        }
        Ok(SparkType::Time { precision: precision as u8 })
    }

    /// After `INTERVAL`: nothing, one field, or `from TO to`.
    fn interval_type(&mut self, start: usize) -> Result<SparkType> {
        let field = |fields: &[&str], word: &str| fields.iter().position(|f| *f == word);
        let (fields, make): (&[&str], fn(u8, u8) -> SparkType) =
            if field(&YEAR_MONTH, self.word()).is_some() {
                (&YEAR_MONTH, |start, end| SparkType::YearMonthInterval { start, end })
            } else if field(&DAY_TIME, self.word()).is_some() {
                (&DAY_TIME, |start, end| SparkType::DayTimeInterval { start, end })
            } else {
                return Ok(SparkType::CalendarInterval);
            };
        let from = field(fields, self.word()).unwrap_or(0);
        self.advance();
        let Some(to) = field(fields, self.word_ahead(1)).filter(|_| self.is("TO")) else {
            return Ok(make(from as u8, from as u8));
        };
        if to == 0 {
            return Err(self.unexpected());
        }
        self.advance();
        self.advance();
        if to <= from {
            let (from, to) = (fields[from].to_lowercase(), fields[to].to_lowercase());
            let message = format!(
                "Error parsing '' to interval. Please ensure that the value provided is in a valid \
                 format for defining an interval. You can reference the documentation for the \
                 correct format. Cannot support (interval '' {from} to {to}) expression."
            );
            let condition = "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION";
            let error = error::at(&self.origin(start), condition, message);
            return Err(error.with("input", "").with("from", from).with("to", to));
        }
        Ok(make(from as u8, to as u8))
    }

    fn close_angle(&mut self) -> Result<()> {
        if self.take_angle() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// `name type [NOT NULL] [COMMENT '…']`; in structs with an optional colon after the name.
    fn column(&mut self, in_struct: bool) -> Result<StructField> {
        let name = self.name()?;
        if in_struct {
            self.take(":");
        }
        let mut field = StructField::new(name, self.data_type()?, true);
        if self.take_all(&["NOT", "NULL"]) {
            field.nullable = false;
        }
        if self.take("COMMENT") {
            field.metadata.insert("comment".to_owned(), Value::String(self.string()?));
        }
        Ok(field)
    }

    /// `a INT NOT NULL, b STRING COMMENT 'x'`.
    pub(super) fn schema(&mut self) -> Result<StructType> {
        Ok(StructType::new(self.list(|p| p.column(false))?))
    }
}

fn decimal(precision: i64, scale: i64) -> Result<SparkType> {
    let max = i64::from(firesteel_common::types::DECIMAL_PRECISION_MAX);
    if precision > max {
        return Err(precision_exceeded(precision as usize));
    }
    if scale > precision {
        let message =
            format!("Decimal scale ({scale}) cannot be greater than precision ({precision}).");
        return Err(SparkError::analysis("_LEGACY_ERROR_TEMP_1228", message)
            .with("scale", scale.to_string())
            .with("precision", precision.to_string()));
    }
    Ok(SparkType::Decimal { precision: precision as u8, scale: scale as i8 })
}

/// More digits than a decimal can have.
pub(super) fn precision_exceeded(precision: usize) -> SparkError {
    let max = firesteel_common::types::DECIMAL_PRECISION_MAX;
    SparkError::new(
        firesteel_common::ErrorKind::Arithmetic,
        "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
        format!("Decimal precision {precision} exceeds max precision {max}."),
    )
    .with("precision", precision.to_string())
    .with("maxPrecision", max.to_string())
}

//! Schemas as text: `a INT, b ARRAY<STRING>`, a type, or the JSON form that PySpark sends.

use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};

/// The type that a schema text stands for; a list of columns is a struct.
///
/// # Errors
/// `PARSE_SYNTAX_ERROR`, `INVALID_JSON_DATA_TYPE`.
pub(crate) fn parse_schema(text: &str) -> Result<SparkType> {
    let trimmed = text.trim();
    if trimmed.starts_with('{') || trimmed.starts_with('"') {
        return type_from_json(trimmed);
    }
    let mut reader = Reader { text: trimmed, place: 0 };
    let not_a_type = match reader.data_type() {
        Ok(found) if reader.at_end() => return Ok(found),
        Ok(_) => reader.wrong(),
        Err(error) => error,
    };
    let mut reader = Reader { text: trimmed, place: 0 };
    match reader.fields(false) {
        Ok(fields) if reader.at_end() => Ok(SparkType::Struct(StructType::new(fields))),
        // Spark says what is wrong with the text as a type.
        _ => Err(not_a_type),
    }
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.place..).unwrap_or("")
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start().len();
    }

    fn at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    fn wrong(&self) -> SparkError {
        let near = self.rest().split_whitespace().next().unwrap_or("end of input");
        SparkError::syntax(format!("Syntax error at or near '{near}'."))
            .with("error", format!("'{near}'"))
            .with("hint", "")
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(symbol);
        if found {
            self.place += symbol.len();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.take(symbol) { Ok(()) } else { Err(self.wrong()) }
    }

    fn word(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if end == 0 {
            return None;
        }
        self.place += end;
        rest.get(..end)
    }

    /// Whether the next word is `wanted`; if so it is read.
    fn keyword(&mut self, wanted: &str) -> bool {
        let before = self.place;
        let found = self.word().is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if !found {
            self.place = before;
        }
        found
    }

    fn name(&mut self) -> Result<String> {
        self.skip_blanks();
        if !self.take("`") {
            return self.word().map(str::to_owned).ok_or_else(|| self.wrong());
        }
        let mut name = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find('`').ok_or_else(|| self.wrong())?;
            name.push_str(&rest[..end]);
            self.place += end + 1;
            // Two back-quotes are one.
            if !self.rest().starts_with('`') {
                return Ok(name);
            }
            name.push('`');
            self.place += 1;
        }
    }

    /// `a INT NOT NULL COMMENT '…', …`; in a struct with colons.
    fn fields(&mut self, inner: bool) -> Result<Vec<StructField>> {
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            let colon = self.take(":");
            if inner && !colon && self.rest().is_empty() {
                return Err(self.wrong());
            }
            let data_type = self.data_type()?;
            let mut nullable = true;
            if self.keyword("not") {
                if !self.keyword("null") {
                    return Err(self.wrong());
                }
                nullable = false;
            }
            let mut field = StructField::new(name, data_type, nullable);
            if self.keyword("comment") {
                field.metadata.insert("comment".to_owned(), self.quoted()?.into());
            }
            fields.push(field);
            if !self.take(",") {
                return Ok(fields);
            }
        }
    }

    fn quoted(&mut self) -> Result<String> {
        self.skip_blanks();
        let quote = if self.take("'") { '\'' } else { '"' };
        if quote == '"' {
            self.expect("\"")?;
        }
        let rest = self.rest();
        let end = rest.find(quote).ok_or_else(|| self.wrong())?;
        self.place += end + 1;
        Ok(rest[..end].to_owned())
    }

    fn numbers(&mut self) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        if !self.take("(") {
            return Ok(numbers);
        }
        loop {
            let number = self.word().and_then(|word| word.parse().ok());
            numbers.push(number.ok_or_else(|| self.wrong())?);
            if !self.take(",") {
                self.expect(")")?;
                return Ok(numbers);
            }
        }
    }

    fn data_type(&mut self) -> Result<SparkType> {
        let word = self.word().ok_or_else(|| self.wrong())?.to_lowercase();
        Ok(match word.as_str() {
            "void" => SparkType::Null,
            "boolean" => SparkType::Boolean,
            "tinyint" | "byte" => SparkType::Byte,
            "smallint" | "short" => SparkType::Short,
            "int" | "integer" => SparkType::Integer,
            "bigint" | "long" => SparkType::Long,
            "float" | "real" => SparkType::Float,
            "double" => SparkType::Double,
            "string" if self.keyword("collate") => {
                let name = self.word().ok_or_else(|| self.wrong())?;
                crate::collation::Collation::parse(name)?.spark_type()
            }
            "string" => SparkType::string(),
            "binary" => SparkType::Binary,
            "date" => SparkType::Date,
            "timestamp" | "timestamp_ltz" => SparkType::Timestamp,
            "timestamp_ntz" => SparkType::TimestampNtz,
            "variant" => SparkType::Variant,
            "time" => {
                let precision = self.numbers()?.first().map_or(6, |n| *n as u8);
                SparkType::Time { precision }
            }
            "decimal" | "dec" | "numeric" => {
                let numbers = self.numbers()?;
                let precision = numbers.first().map_or(10, |n| *n as u8);
                let scale = numbers.get(1).map_or(0, |n| *n as i8);
                SparkType::Decimal { precision, scale }
            }
            "char" | "character" | "varchar" => {
                let length = *self.numbers()?.first().ok_or_else(|| self.wrong())?;
                if word == "varchar" {
                    SparkType::Varchar { length }
                } else {
                    SparkType::Char { length }
                }
            }
            "array" => {
                self.expect("<")?;
                let element = self.data_type()?;
                self.expect(">")?;
                SparkType::array(element)
            }
            "map" => {
                self.expect("<")?;
                let key = self.data_type()?;
                self.expect(",")?;
                let value = self.data_type()?;
                self.expect(">")?;
                SparkType::map(key, value)
            }
            "struct" => {
                self.expect("<")?;
                let fields = if self.take(">") {
                    vec![]
                } else {
                    let fields = self.fields(true)?;
                    self.expect(">")?;
                    fields
                };
                SparkType::Struct(StructType::new(fields))
            }
            "interval" => self.interval()?,
            unknown => {
                self.skip_blanks();
                if self.rest().starts_with(|c: char| c.is_alphanumeric() || c == '`') {
                    // Two words are no type at all.
                    return Err(self.wrong());
                }
                let name = format!("\"{}\"", unknown.to_uppercase());
                let message = format!("Unsupported data type {name}.");
                return Err(
                    SparkError::analysis("UNSUPPORTED_DATATYPE", message).with("typeName", name)
                );
            }
        })
    }

    fn interval(&mut self) -> Result<SparkType> {
        const YEAR_MONTH: [&str; 2] = ["year", "month"];
        const DAY_TIME: [&str; 4] = ["day", "hour", "minute", "second"];
        let unit = |reader: &mut Self, names: &[&str]| {
            names.iter().position(|name| reader.keyword(name)).map(|found| found as u8)
        };
        if let Some(start) = unit(self, &YEAR_MONTH) {
            let end = if self.keyword("to") {
                unit(self, &YEAR_MONTH).ok_or_else(|| self.wrong())?
            } else {
                start
            };
            return Ok(SparkType::YearMonthInterval { start, end });
        }
        if let Some(start) = unit(self, &DAY_TIME) {
            let end = if self.keyword("to") {
                unit(self, &DAY_TIME).ok_or_else(|| self.wrong())?
            } else {
                start
            };
            return Ok(SparkType::DayTimeInterval { start, end });
        }
        Ok(SparkType::CalendarInterval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_types() {
        let parsed =
            parse_schema("a INT NOT NULL, `b c` ARRAY<STRUCT<x: DECIMAL(5,2)>>").expect("a schema");
        assert_eq!(parsed.simple_string(), "struct<a:int,b c:array<struct<x:decimal(5,2)>>>");
        assert_eq!(
            parse_schema("map<string, bigint>").expect("a type"),
            SparkType::map(SparkType::string(), SparkType::Long)
        );
        assert!(parse_schema("a").is_err());
    }
}

//! Literals: numbers, strings, typed literals such as `DATE'2020-01-01'`.

use super::data_type::precision_exceeded;
use super::parser::Parser;
use super::string::unescape;
use super::token::{NumberKind, TokenKind};
use super::{datetime_text, error};
use crate::spec::{CastMode, Expr, ExprNode, Literal};
use firesteel_common::{Result, SparkError, SparkType};

const PRECISION_MAX: usize = firesteel_common::types::DECIMAL_PRECISION_MAX as usize;

impl Parser<'_> {
    /// A number, with the minus sign before it if there is one.
    pub(super) fn number(&mut self) -> Result<Expr> {
        let start = self.start();
        let sign = if self.take("-") { "-" } else { "" };
        let TokenKind::Number(kind) = self.kind() else { return Err(self.unexpected()) };
        let token = self.slice();
        self.advance();
        let suffix = match kind {
            NumberKind::Integer | NumberKind::Decimal | NumberKind::Exponent => 0,
            NumberKind::BigDecimal => 2,
            _ => 1,
        };
        let text = format!("{sign}{}", &token[..token.len() - suffix]);
        let literal = match kind {
            NumberKind::Integer => integer(&text)?,
            NumberKind::Decimal | NumberKind::BigDecimal => decimal(&text)?,
            NumberKind::Exponent if self.dialect.exponent_is_decimal => decimal(&text)?,
            NumberKind::Exponent | NumberKind::Double => {
                let value = text.parse().ok().filter(|value: &f64| value.is_finite());
                let value = value.ok_or_else(|| {
                    let max = "1.7976931348623157E+308";
                    self.out_of_range(&text, &format!("-{max}"), max, "double", start)
                })?;
                Literal::Double(value)
            }
            NumberKind::Float => {
                let value = text.parse().ok().filter(|value: &f32| value.is_finite());
                let value = value.ok_or_else(|| {
                    let max = "3.4028234663852886E+38";
                    self.out_of_range(&text, &format!("-{max}"), max, "float", start)
                })?;
                Literal::Float(value)
            }
            NumberKind::Long => {
                self.whole(&text, Literal::Long, i64::MIN, i64::MAX, "bigint", start)?
            }
            NumberKind::Short => {
                self.whole(&text, Literal::Short, i16::MIN, i16::MAX, "smallint", start)?
            }
            NumberKind::Byte => {
                self.whole(&text, Literal::Byte, i8::MIN, i8::MAX, "tinyint", start)?
            }
        };
        Ok(self.expr(ExprNode::Literal(literal), start))
    }

    fn whole<T: std::str::FromStr + ToString>(
        &self,
        text: &str,
        literal: fn(T) -> Literal,
        min: T,
        max: T,
        type_name: &str,
        start: usize,
    ) -> Result<Literal> {
        text.parse().map(literal).map_err(|_| {
            self.out_of_range(text, &min.to_string(), &max.to_string(), type_name, start)
        })
    }

    fn out_of_range(
        &self,
        text: &str,
        min: &str,
        max: &str,
        type_name: &str,
        start: usize,
    ) -> SparkError {
        let message = format!(
            "Numeric literal {text} is outside the valid range for {type_name} with minimum value of \
             {min} and maximum value of {max}. Please adjust the value accordingly."
        );
        error::at(&self.origin(start), "INVALID_NUMERIC_LITERAL_RANGE", message)
            .with("rawStrippedQualifier", text)
            .with("minValue", min)
            .with("maxValue", max)
            .with("typeName", type_name)
    }

    /// A constant: a literal, an interval, a typed literal or a parameter.
    pub(super) fn constant(&mut self) -> Result<Expr> {
        let is_constant = match self.kind() {
            TokenKind::Number(_) | TokenKind::String => true,
            TokenKind::Word => {
                self.is_one_of(&["NULL", "TRUE", "FALSE"])
                    || self.is_interval()
                    || self.kind_ahead(1) == TokenKind::String
            }
            TokenKind::Symbol => {
                self.is_one_of(&["?", ":"])
                    || (self.is("-") && matches!(self.kind_ahead(1), TokenKind::Number(_)))
            }
            _ => false,
        };
        if is_constant { self.primary_start() } else { Err(self.unexpected()) }
    }

    /// Adjacent strings are one.
    pub(super) fn string_literal(&mut self) -> Result<Expr> {
        let start = self.start();
        let mut value = self.string()?;
        while self.is_string() {
            value.push_str(&self.string()?);
        }
        Ok(self.expr(ExprNode::Literal(Literal::String(value)), start))
    }

    /// `DATE'…'`, `X'…'` and so on: a word directly before a string.
    pub(super) fn typed_literal(&mut self) -> Result<Expr> {
        let start = self.start();
        let kind = self.word().to_owned();
        self.advance();
        let text = unescape(self.slice());
        self.advance();
        let node = match kind.as_str() {
            "DATE" => date_literal(&text),
            "TIMESTAMP" | "TIMESTAMP_LTZ" if datetime_text::is_special_in_zone(&text) => {
                self.unserved("TIMESTAMP'…' of a special word in another time zone");
                Some(ExprNode::Literal(Literal::Null(SparkType::Timestamp)))
            }
            "TIMESTAMP" | "TIMESTAMP_LTZ" => timestamp_literal(&text),
            "TIMESTAMP_NTZ" => timestamp_ntz_literal(&text),
            "TIME" => datetime_text::time(&text)
                .map(|nanos| ExprNode::Literal(Literal::Time { nanos, precision: 6 })),
            "X" => binary(&text).map(|bytes| ExprNode::Literal(Literal::Binary(bytes))),
            _ => {
                let kind = format!("\"{kind}\"");
                let supported = "\"DATE\", \"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", \"TIMESTAMP\", \
                                 \"INTERVAL\", \"X\", \"TIME\"";
                let message = format!(
                    "Literals of the type {kind} are not supported. Supported types are {supported}."
                );
                let origin = self.origin(start);
                return Err(error::at(&origin, "UNSUPPORTED_TYPED_LITERAL", message)
                    .with("unsupportedType", kind)
                    .with("supportedTypes", supported));
            }
        };
        match node {
            Some(node) => Ok(self.expr(node, start)),
            None => Err(self.invalid_typed_literal(&kind, &text, start)),
        }
    }

    pub(super) fn invalid_typed_literal(&self, kind: &str, text: &str, start: usize) -> SparkError {
        let message = format!("The value of the typed literal \"{kind}\" is invalid: '{text}'.");
        error::at(&self.origin(start), "INVALID_TYPED_LITERAL", message)
            .with("valueType", format!("\"{kind}\""))
            .with("value", format!("'{text}'"))
    }
}

/// What a cast of a constant `now`, `today`, … to a date or timestamp is; none for all other texts and types.
pub(crate) fn special_time(text: &str, to: &SparkType) -> Option<ExprNode> {
    const SPECIAL: [&str; 5] = ["epoch", "now", "today", "tomorrow", "yesterday"];
    if !SPECIAL.contains(&text.trim().to_ascii_lowercase().as_str()) {
        return None;
    }
    match to {
        SparkType::Date => date_literal(text),
        SparkType::Timestamp => timestamp_literal(text),
        SparkType::TimestampNtz => timestamp_ntz_literal(text),
        _ => None,
    }
}

/// `now`, `today` and their kin depend on the clock: calls.
fn date_literal(text: &str) -> Option<ExprNode> {
    let today = || Expr::call("current_date", Vec::new());
    let days = |n| Expr::literal(Literal::Integer(n));
    match text.trim().to_ascii_lowercase().as_str() {
        "epoch" => Some(ExprNode::Literal(Literal::Date(0))),
        "now" | "today" => Some(today().node),
        "tomorrow" => Some(Expr::call("date_add", vec![today(), days(1)]).node),
        "yesterday" => Some(Expr::call("date_sub", vec![today(), days(1)]).node),
        _ => datetime_text::date(text).map(|days| ExprNode::Literal(Literal::Date(days))),
    }
}

/// Without the session's time zone the instant is not known: a checked text and a cast under ANSI
/// rules, which no other syntax makes, so that the resolver can tell it from `CAST` and fold it.
fn timestamp_literal(text: &str) -> Option<ExprNode> {
    let cast = |expr: Expr| ExprNode::Cast {
        expr: Box::new(expr),
        to: SparkType::Timestamp,
        mode: CastMode::Ansi,
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "epoch" => Some(ExprNode::Literal(Literal::Timestamp(0))),
        "now" => Some(Expr::call("current_timestamp", Vec::new()).node),
        "today" | "tomorrow" | "yesterday" => date_literal(text).map(|date| cast(date.into())),
        // A time alone is one of today.
        _ => (datetime_text::timestamp(text).is_some() || datetime_text::is_time(text))
            .then(|| cast(Expr::string(text.trim()))),
    }
}

fn timestamp_ntz_literal(text: &str) -> Option<ExprNode> {
    let cast = |expr: Expr| ExprNode::Cast {
        expr: Box::new(expr),
        to: SparkType::TimestampNtz,
        mode: CastMode::Ansi,
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "epoch" => Some(ExprNode::Literal(Literal::TimestampNtz(0))),
        "now" => Some(Expr::call("localtimestamp", Vec::new()).node),
        "today" | "tomorrow" | "yesterday" => date_literal(text).map(|date| cast(date.into())),
        // A zone in the text is read and dropped.
        _ => datetime_text::timestamp(text)
            .map(|(micros, _)| ExprNode::Literal(Literal::TimestampNtz(micros))),
    }
}

/// Bytes of hexadecimal digits; an odd number of them has a leading zero.
fn binary(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let padded = if text.len() % 2 == 1 { format!("0{text}") } else { text.to_owned() };
    (0..padded.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&padded[at..at + 2], 16).ok())
        .collect()
}

/// The first of int, bigint and decimal that holds the number.
fn integer(text: &str) -> Result<Literal> {
    if let Ok(value) = text.parse() {
        return Ok(Literal::Integer(value));
    }
    match text.parse() {
        Ok(value) => Ok(Literal::Long(value)),
        Err(_) => decimal(text),
    }
}

/// `-1.50`, `1.5e3`: all digits count, as in Java's `BigDecimal`.
fn decimal(text: &str) -> Result<Literal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(i64::from(i32::MAX));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_negative = whole.starts_with('-');
    let digits = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
    let digits = digits.trim_start_matches('0');
    let scale = fraction.len() as i64 - exponent;
    // A negative scale (1e3BD) becomes zeros before the point.
    let zeros = usize::try_from(-scale).unwrap_or(0);
    let scale = usize::try_from(scale).unwrap_or(0);
    let precision = (digits.len().max(1).saturating_add(zeros)).max(scale);
    if precision > PRECISION_MAX {
        return Err(precision_exceeded(precision));
    }
    let unscaled = format!("0{digits}{}", "0".repeat(zeros));
    let value: i128 = unscaled.parse().map_err(|_| precision_exceeded(precision))?;
    Ok(Literal::Decimal {
        value: if is_negative { -value } else { value },
        precision: precision as u8,
        scale: scale as i8,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let parts = |text| match decimal(text) {
            Ok(Literal::Decimal { value, precision, scale }) => (value, precision, scale),
            other => panic!("{other:?}"),
        };
        assert_eq!(parts("1.50"), (150, 3, 2));
        assert_eq!(parts("0.05"), (5, 2, 2));
        assert_eq!(parts(".5"), (5, 1, 1));
        assert_eq!(parts("5."), (5, 1, 0));
        assert_eq!(parts("-12.5"), (-125, 3, 1));
        assert_eq!(parts("1e3"), (1000, 4, 0));
        assert_eq!(parts("1.5e-2"), (15, 3, 3));
        assert_eq!(parts("0"), (0, 1, 0));
        assert_eq!(parts("0.0"), (0, 1, 1));
        assert!(decimal(&"9".repeat(39)).is_err());
        assert!(matches!(integer("2147483648"), Ok(Literal::Long(_))));
        assert!(matches!(integer("9223372036854775808"), Ok(Literal::Decimal { .. })));
    }
}

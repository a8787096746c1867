//! INTERVAL literals. ANSI-typed: year-month or day-time, by the units that are named.

use super::error;
use super::parser::Parser;
use super::string::unescape;
use super::token::{NumberKind, TokenKind};
use crate::spec::{Expr, ExprNode, Literal};
use firesteel_common::{Result, SparkError};

const SECOND: i128 = 1_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// A unit: months or microseconds of one, and its field in the interval type.
#[derive(Clone, Copy)]
enum Unit {
    Months { factor: i64, field: u8 },
    Micros { factor: i128, field: u8 },
}

fn unit(word: &str) -> Option<Unit> {
    let word = word.to_ascii_uppercase();
    Some(match word.strip_suffix('S').unwrap_or(&word) {
        "YEAR" => Unit::Months { factor: 12, field: 0 },
        "MONTH" => Unit::Months { factor: 1, field: 1 },
        "WEEK" => Unit::Micros { factor: 7 * DAY, field: 0 },
        "DAY" => Unit::Micros { factor: DAY, field: 0 },
        "HOUR" => Unit::Micros { factor: HOUR, field: 1 },
        "MINUTE" => Unit::Micros { factor: MINUTE, field: 2 },
        "SECOND" => Unit::Micros { factor: SECOND, field: 3 },
        "MILLISECOND" => Unit::Micros { factor: 1_000, field: 3 },
        "MICROSECOND" => Unit::Micros { factor: 1, field: 3 },
        _ => return None,
    })
}

/// Sum of `value unit` pairs.
#[derive(Default)]
struct Sum {
    months: i64,
    micros: i128,
    month_fields: Vec<u8>,
    micro_fields: Vec<u8>,
}

/// Why a sum is no literal.
enum Fault {
    Invalid,
    Mixed,
}

impl Sum {
    /// Adds a signed number; only seconds may have a fraction.
    fn add(&mut self, value: &str, unit: Unit) -> Option<()> {
        let value = value.trim();
        let (negative, digits) = match value.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, value.strip_prefix('+').unwrap_or(value)),
        };
        let sign = if negative { -1 } else { 1 };
        let digits = digits.trim_start();
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_fraction = digits.contains('.');
        let is_second = matches!(unit, Unit::Micros { factor: SECOND, .. });
        if !plain(whole)
            || !plain(fraction)
            || (has_fraction && !is_second)
            || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        match unit {
            Unit::Months { factor, field } => {
                self.months = self.months.checked_add(sign * whole.checked_mul(factor)?)?;
                self.month_fields.push(field);
            }
            Unit::Micros { factor, field } => {
                let kept: String = fraction.chars().chain("000000".chars()).take(6).collect();
                let micros = i128::from(whole) * factor + kept.parse::<i128>().ok()?;
                self.micros += i128::from(sign) * micros;
                self.micro_fields.push(field);
            }
        }
        Some(())
    }

    fn literal(self) -> Result<Literal, Fault> {
        let span = |fields: &[u8]| Some((*fields.iter().min()?, *fields.iter().max()?));
        match (span(&self.month_fields), span(&self.micro_fields)) {
            (Some((start, end)), None) => Ok(Literal::YearMonthInterval {
                months: i32::try_from(self.months).map_err(|_| Fault::Invalid)?,
                start,
                end,
            }),
            (None, Some((start, end))) => Ok(Literal::DayTimeInterval {
                micros: i64::try_from(self.micros).map_err(|_| Fault::Invalid)?,
                start,
                end,
            }),
            (Some(_), Some(_)) => Err(Fault::Mixed),
            (None, None) => Err(Fault::Invalid),
        }
    }
}

/// `[interval] 1 day 2 hours`, the text of a typed literal.
fn from_text(text: &str) -> Result<Literal, Fault> {
    let text = text.trim();
    let has_prefix = text.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("interval"));
    let text = if has_prefix { &text[8..] } else { text };
    let mut words = text.split_whitespace();
    let mut sum = Sum::default();
    while let Some(word) = words.next() {
        // A sign may stand apart from its number.
        let value = match word {
            "-" | "+" => format!("{word}{}", words.next().ok_or(Fault::Invalid)?),
            _ => word.to_owned(),
        };
        // `1day` is not a value; the unit is a word of its own.
        let unit = words.next().and_then(unit).ok_or(Fault::Invalid)?;
        sum.add(&value, unit).ok_or(Fault::Invalid)?;
    }
    sum.literal()
}

/// `'1-2'`, `'1 02:03:04.5'`, `'02:03'` with its first and last field.
fn from_fields(text: &str, from: &str, to: &str) -> Option<Literal> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1_i64, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if (from, to) == ("YEAR", "MONTH") {
        let (year, month) = text.split_once('-')?;
        let month: i32 = month.parse().ok().filter(|month| (0..12).contains(month))?;
        let year: i32 = year.parse().ok().filter(|year| *year >= 0)?;
        let months = i64::from(year) * 12 + i64::from(month);
        let months = i32::try_from(sign * months).ok()?;
        return Some(Literal::YearMonthInterval { months, start: 0, end: 1 });
    }
    const FIELDS: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
    const LIMITS: [i128; 4] = [i128::MAX, 24, 60, 60];
    const FACTORS: [i128; 4] = [DAY, HOUR, MINUTE, SECOND];
    let start = FIELDS.iter().position(|field| *field == from)?;
    let end = FIELDS.iter().position(|field| *field == to)?;
    let (text, fraction) = match text.split_once('.') {
        Some((text, fraction)) if end == 3 && fraction.len() <= 9 => (text, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let (day, clock) = if start == 0 { text.split_once(' ')? } else { ("", text) };
    let mut parts: Vec<&str> = clock.trim().split(':').collect();
    if start == 0 {
        parts.insert(0, day);
    }
    if parts.len() != end - start + 1 {
        return None;
    }
    let kept: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let mut micros: i128 = kept.parse().ok()?;
    for (position, part) in parts.iter().enumerate() {
        let value: u64 = part.parse().ok()?;
        let field = start + position;
        if position > 0 && i128::from(value) >= LIMITS[field] {
            return None;
        }
        micros += i128::from(value) * FACTORS[field];
    }
    let micros = i64::try_from(i128::from(sign) * micros).ok()?;
    Some(Literal::DayTimeInterval { micros, start: start as u8, end: end as u8 })
}

/// First sentences of every INVALID_INTERVAL_FORMAT.
fn not_an_interval(input: &str) -> String {
    format!(
        "Error parsing '{input}' to interval. Please ensure that the value provided is in a valid format \
         for defining an interval. You can reference the documentation for the correct format."
    )
}

impl Parser<'_> {
    /// Whether `INTERVAL` here begins a literal and is no name: a value and a unit follow, or a text.
    pub(super) fn is_interval(&self) -> bool {
        if !self.is("INTERVAL") || self.kind() != TokenKind::Word {
            return false;
        }
        let signed = usize::from(matches!(self.word_ahead(1), "-" | "+"));
        let value = self.kind_ahead(1 + signed);
        let is_number =
            matches!(value, TokenKind::Number(NumberKind::Integer | NumberKind::Decimal));
        match (value, signed) {
            (TokenKind::String, 0) => true,
            _ if is_number && signed == 0 => true,
            _ => {
                (is_number || value == TokenKind::String)
                    && unit(self.word_ahead(2 + signed)).is_some()
            }
        }
    }

    pub(super) fn interval(&mut self) -> Result<Expr> {
        let start = self.start();
        self.advance();
        let mut sum = Sum::default();
        let mut n_pairs = 0;
        loop {
            let value_start = self.start();
            let sign_ahead = usize::from(self.is_one_of(&["-", "+"]));
            let kind = self.kind_ahead(sign_ahead);
            let is_value = matches!(
                kind,
                TokenKind::String | TokenKind::Number(NumberKind::Integer | NumberKind::Decimal)
            );
            // After the first pair, a value without a unit belongs to what follows: `… DAY - 1`.
            if !is_value || (n_pairs > 0 && unit(self.word_ahead(sign_ahead + 1)).is_none()) {
                break;
            }
            let sign = if sign_ahead == 1 { self.slice() } else { "" };
            if sign_ahead == 1 {
                self.advance();
            }
            let text = if kind == TokenKind::String {
                unescape(self.slice())
            } else {
                self.slice().to_owned()
            };
            self.advance();
            let Some(found) = unit(self.word()).filter(|_| self.kind() == TokenKind::Word) else {
                if kind == TokenKind::String && n_pairs == 0 && sign.is_empty() {
                    return self.interval_text(&text, start);
                }
                return Err(self.unexpected());
            };
            let from = self.word();
            self.advance();
            if n_pairs == 0 && self.is("TO") && unit(self.word_ahead(1)).is_some() {
                self.advance();
                let to = self.word();
                self.advance();
                return self.interval_fields(&text, sign == "-", from, to, value_start, start);
            }
            let signed = match (sign, text.trim().strip_prefix('-')) {
                ("-", Some(rest)) => rest.to_owned(),
                ("-", None) => format!("-{}", text.trim().trim_start_matches('+')),
                _ => text,
            };
            if sum.add(&signed, found).is_none() {
                return Err(self.interval_value_fault(&signed, from, value_start));
            }
            n_pairs += 1;
        }
        if n_pairs == 0 {
            return Err(self.unexpected());
        }
        let literal = sum.literal().map_err(|fault| self.interval_fault(fault, start))?;
        Ok(self.expr(ExprNode::Literal(literal), start))
    }

    fn interval_text(&mut self, text: &str, start: usize) -> Result<Expr> {
        let literal = from_text(text).map_err(|fault| match fault {
            Fault::Mixed => self.interval_fault(fault, start),
            Fault::Invalid => self.invalid_typed_literal("INTERVAL", text, start),
        })?;
        Ok(self.expr(ExprNode::Literal(literal), start))
    }

    fn interval_fault(&self, fault: Fault, start: usize) -> SparkError {
        let literal = self.text_from(start);
        match fault {
            Fault::Mixed => {
                let message = format!("Cannot mix year-month and day-time fields: {literal}.");
                error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0029", message)
                    .with("literal", literal)
            }
            Fault::Invalid => {
                let message = "Interval is out of range.";
                error::at(
                    &self.origin(start),
                    "INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION",
                    message,
                )
                .with("input", literal)
            }
        }
    }

    /// Why `value unit` is no part of an interval.
    fn interval_value_fault(&self, value: &str, unit: &str, value_start: usize) -> SparkError {
        let is_number = value
            .trim()
            .trim_start_matches(['-', '+'])
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_number && value.chars().all(char::is_alphabetic) {
            let message = format!(
                "Can only use numbers in the interval value part for multiple unit value pairs \
                 interval form, but got invalid value: {value}."
            );
            return error::at(&self.origin(value_start), "_LEGACY_ERROR_TEMP_0026", message)
                .with("value", value);
        }
        let unit = unit.to_lowercase();
        let input = format!(" {value} {}", unit.to_uppercase());
        let (condition, why) = if !is_number {
            ("INVALID_VALUE", format!("Invalid value {value}."))
        } else if value.contains('.') {
            ("INVALID_FRACTION", format!("{unit} cannot have fractional part."))
        } else {
            (
                "ARITHMETIC_EXCEPTION",
                format!("Uncaught arithmetic exception while parsing '{input}'."),
            )
        };
        let message = format!("{} {why}", not_an_interval(&input));
        let kind = firesteel_common::ErrorKind::Parse;
        SparkError::new(kind, format!("INVALID_INTERVAL_FORMAT.{condition}"), message)
            .with("input", input)
    }

    fn interval_fields(
        &mut self,
        text: &str,
        is_negative: bool,
        from: &str,
        to: &str,
        value_start: usize,
        start: usize,
    ) -> Result<Expr> {
        // A sign before the text turns the one inside around.
        let turned = match (is_negative, text.trim().strip_prefix('-')) {
            (true, Some(rest)) => rest.to_owned(),
            (true, None) => format!("-{}", text.trim().trim_start_matches('+')),
            (false, _) => text.to_owned(),
        };
        let literal = from_fields(&turned, from, to);
        if let Some(literal) = literal {
            return Ok(self.expr(ExprNode::Literal(literal), start));
        }
        let fault = self.fields_fault(&turned, from, to, value_start);
        self.fault(fault);
        let nothing = Literal::DayTimeInterval { micros: 0, start: 0, end: 3 };
        Ok(self.expr(ExprNode::Literal(nothing), start))
    }

    /// Why a text does not fit its fields.
    fn fields_fault(&self, text: &str, from: &str, to: &str, value_start: usize) -> SparkError {
        const PAIRS: [(&str, &str); 7] = [
            ("YEAR", "MONTH"),
            ("DAY", "HOUR"),
            ("DAY", "MINUTE"),
            ("DAY", "SECOND"),
            ("HOUR", "MINUTE"),
            ("HOUR", "SECOND"),
            ("MINUTE", "SECOND"),
        ];
        if !PAIRS.contains(&(from, to)) {
            let (from, to) = (from.to_lowercase(), to.to_lowercase());
            let message = format!(
                "{} Cannot support (interval '{text}' {from} to {to}) expression.",
                not_an_interval(text)
            );
            let condition = "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION";
            return error::at(&self.origin(value_start), condition, message)
                .with("input", text)
                .with("from", from)
                .with("to", to);
        }
        if from == "YEAR" {
            let month = text.trim().trim_start_matches(['-', '+']).split_once('-');
            let are_digits =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if month.is_some_and(|(year, month)| are_digits(year) && are_digits(month)) {
                let message =
                    format!("{} Error parsing interval year-month string.", not_an_interval(text));
                let condition = "INVALID_INTERVAL_FORMAT.INTERVAL_PARSING";
                let error = error::at(&self.origin(value_start), condition, message);
                return error.with("input", text).with("interval", "year-month");
            }
        } else {
            let (from_lower, to_lower) = (from.to_lowercase(), to.to_lowercase());
            let all = ["d", "h", "m", "s.n"];
            const FIELDS: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
            let at = |field: &str| FIELDS.iter().position(|known| *known == field).unwrap_or(0);
            let pieces = &all[at(from)..=at(to)];
            let shape = pieces.join(":").replacen("d:", "d ", 1);
            let supported =
                format!("`[+|-]{shape}`, `INTERVAL [+|-]'[+|-]{shape}' {from} TO {to}`");
            let type_name = format!("interval {from_lower} to {to_lower}");
            let message = format!(
                "{} Interval string does not match day-time format of {supported} when cast to {type_name}: \
                 {text}. Set \"spark.sql.legacy.fromDayTimeString.enabled\" to \"true\" to restore the \
                 behavior before Spark 3.0.",
                not_an_interval(text)
            );
            let condition = "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE";
            return error::at(&self.origin(value_start), condition, message)
                .with("intervalStr", "day-time")
                .with("supportedFormat", supported)
                .with("typeName", type_name)
                .with("input", text);
        }
        let condition = "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING";
        let type_name = format!("interval {} to {}", from.to_lowercase(), to.to_lowercase());
        let family = if from == "YEAR" { "year-month" } else { "day-time" };
        let message = format!(
            "{} Interval string does not match {family} format when cast to {type_name}: {text}.",
            not_an_interval(text)
        );
        error::at(&self.origin(value_start), condition, message)
            .with("intervalStr", family)
            .with("typeName", type_name)
            .with("input", text)
    }
}

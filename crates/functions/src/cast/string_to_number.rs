//! Strings to whole numbers and floating-point numbers.

use super::EvalMode;
use super::column::{Context, missing};
use crate::columns::{get, primitives};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use firesteel_common::{ErrorKind, Result, SparkType};

/// Without the white space and control characters that Spark ignores at both ends
/// (`UTF8String.trimAll`).
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ' || c == '\u{7f}')
}

pub(super) fn numbers(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    macro_rules! parse {
        ($arrow:ty, $parse:expr) => {
            primitives::<$arrow>(array.len(), |row| {
                let Some(text) = get!(texts, row) else { return Ok(None) };
                match $parse(text) {
                    Some(value) => Ok(Some(value)),
                    None => context.malformed(ErrorKind::NumberFormat, text, to),
                }
            })
        };
    }
    // Only without ANSI mode is `1.9` the whole number 1.
    let fraction = context.mode == EvalMode::Legacy;
    match to {
        SparkType::Byte => {
            parse!(Int8Type, |text| parse_long(text, fraction).and_then(|v| i8::try_from(v).ok()))
        }
        SparkType::Short => {
            parse!(Int16Type, |text| parse_long(text, fraction).and_then(|v| i16::try_from(v).ok()))
        }
        SparkType::Integer => {
            parse!(Int32Type, |text| parse_long(text, fraction).and_then(|v| i32::try_from(v).ok()))
        }
        SparkType::Long => parse!(Int64Type, |text| parse_long(text, fraction)),
        SparkType::Float => parse!(Float32Type, parse_float),
        SparkType::Double => parse!(Float64Type, parse_double),
        _ => Err(missing(&SparkType::string(), to)),
    }
}

/// `UTF8String.toLong`: sign, digits and, if `fraction`, a decimal point and more digits.
pub(crate) fn parse_long(text: &str, fraction: bool) -> Option<i64> {
    let text = trimmed(text);
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, tail) = match rest.split_once('.') {
        Some((whole, tail)) if fraction => (whole, tail),
        Some(_) => return None,
        None => (rest, ""),
    };
    if rest.is_empty() || !tail.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut value: i64 = 0;
    for byte in whole.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        // Built up negatively, because there is one more negative number.
        value = value.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// Java's `Double.parseDouble` and Spark's words for infinity and not-a-number.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    let text = trimmed(text);
    match special(text) {
        Some(value) => Some(value),
        None => java_number(text)?.parse().ok(),
    }
}

fn parse_float(text: &str) -> Option<f32> {
    let text = trimmed(text);
    match special(text) {
        Some(value) => Some(value as f32),
        None => java_number(text)?.parse().ok(),
    }
}

fn special(text: &str) -> Option<f64> {
    let first = *text.as_bytes().first()?;
    if !matches!(first, b'+' | b'-' | b'i' | b'I' | b'n' | b'N') {
        return None;
    }
    match text.to_ascii_lowercase().as_str() {
        "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

/// A number in Java's syntax without its suffix (`1.5d`, `2f`); words that Rust takes are refused.
fn java_number(text: &str) -> Option<&str> {
    let body = match text.as_bytes().last()? {
        b'd' | b'D' | b'f' | b'F' => &text[..text.len() - 1],
        _ => text,
    };
    let allowed = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    (body.bytes().all(allowed) && body.bytes().any(|b| b.is_ascii_digit())).then_some(body)
}

//! From and to decimal.

use super::EvalMode;
use super::column::{Context, missing};
use super::java_double::double_text;
use super::string_to_number::trimmed;
use crate::columns::{get, primitives, primitives_as};
use crate::faults;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

/// 10^exponent; exponents above 38 saturate.
pub(crate) fn power_of_ten(exponent: u32) -> i128 {
    10i128.checked_pow(exponent).unwrap_or(i128::MAX)
}

/// Whether an unscaled value has at most `precision` digits.
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    unscaled.unsigned_abs() < power_of_ten(u32::from(precision)).unsigned_abs()
}

/// Plain text of a decimal: `-0.05`.
pub(crate) fn decimal_text(unscaled: i128, scale: i8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = unscaled.unsigned_abs().to_string();
    if scale <= 0 {
        let zeros = if unscaled == 0 { 0 } else { usize::from(scale.unsigned_abs()) };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let scale = usize::from(scale.unsigned_abs());
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// The text that Java's `BigDecimal` has: with an exponent where more than six zeros would follow the
/// point (`1E-37`).
pub fn decimal_literal(unscaled: i128, scale: i8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let exponent = digits.len() as i32 - 1 - i32::from(scale);
    if scale >= 0 && exponent >= -6 {
        return decimal_text(unscaled, scale);
    }
    let sign = if unscaled < 0 { "-" } else { "" };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let plus = if exponent > 0 { "+" } else { "" };
    match exponent {
        0 => format!("{sign}{first}{point}{rest}"),
        _ => format!("{sign}{first}{point}{rest}E{plus}{exponent}"),
    }
}

/// Another scale, rounded half up (away from zero). None when 128 bits are too few.
pub(crate) fn rescale(unscaled: i128, from: i8, to: i8) -> Option<i128> {
    let shift = i32::from(to) - i32::from(from);
    if shift >= 0 {
        if unscaled == 0 {
            return Some(0);
        }
        let factor = 10i128.checked_pow(shift.unsigned_abs())?;
        return unscaled.checked_mul(factor);
    }
    let Some(divisor) = 10i128.checked_pow(shift.unsigned_abs()) else { return Some(0) };
    let quotient = unscaled / divisor;
    let rest = unscaled % divisor;
    // `2 * rest` could overflow at 38 digits.
    if rest.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2) {
        Some(quotient + unscaled.signum())
    } else {
        Some(quotient)
    }
}

/// A decimal number in text, before it has a type: the value is `digits × 10^exponent`.
#[derive(Debug)]
pub(crate) struct Parsed {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

/// Java's `new BigDecimal(text)`.
pub(crate) fn parse_decimal(text: &str) -> Option<Parsed> {
    let text = trimmed(text);
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            (mantissa, exponent.parse::<i64>().ok().filter(|e| e.abs() < 1 << 31)?)
        }
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let bytes = whole.bytes().chain(fraction.bytes());
    if !bytes.clone().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = bytes.map(|b| b - b'0').skip_while(|digit| *digit == 0).collect();
    Some(Parsed { negative, digits, exponent: exponent - fraction.len() as i64 })
}

impl Parsed {
    /// Digits before the decimal point.
    fn whole_digits(&self) -> i64 {
        if self.digits.is_empty() { 0 } else { self.digits.len() as i64 + self.exponent }
    }

    /// The unscaled value at `scale`, rounded half up; none when it has more than 38 digits.
    pub(crate) fn unscaled(&self, scale: i8) -> Option<i128> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let shift = self.exponent + i64::from(scale);
        let n_kept = self.digits.len() as i64 + shift.min(0);
        if n_kept < 0 {
            return Some(0);
        }
        if n_kept + shift.max(0) > 39 {
            return None;
        }
        let n_kept = usize::try_from(n_kept).ok()?;
        let kept = self.digits.get(..n_kept.min(self.digits.len()))?;
        let mut value: i128 = 0;
        for digit in kept {
            value = value.checked_mul(10)?.checked_add(i128::from(*digit))?;
        }
        if shift > 0 {
            value = value.checked_mul(10i128.checked_pow(u32::try_from(shift).ok()?)?)?;
        } else if self.digits.get(n_kept).is_some_and(|digit| *digit >= 5) {
            value += 1;
        }
        fits(value, 38).then_some(if self.negative { -value } else { value })
    }

    /// The text as `BigDecimal.toPlainString` prints it, for messages.
    pub(crate) fn text(&self) -> String {
        let scale = (-self.exponent).clamp(0, 38) as i8;
        self.unscaled(scale).map_or_else(String::new, |value| decimal_text(value, scale))
    }
}

pub(super) fn from_string(
    array: &ArrayRef,
    precision: u8,
    scale: i8,
    context: &Context,
) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    let to = SparkType::Decimal { precision, scale };
    primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let Some(parsed) = parse_decimal(text) else {
            return context.malformed(ErrorKind::NumberFormat, text, &to);
        };
        if parsed.whole_digits() > 38 {
            return context.misfit(None, || {
                SparkError::new(
                    ErrorKind::Arithmetic,
                    "NUMERIC_OUT_OF_SUPPORTED_RANGE",
                    format!(
                        "The value {text} cannot be interpreted as a numeric since it has more \
                         than 38 digits."
                    ),
                )
                .with("value", text)
            });
        }
        bounded(parsed.unscaled(scale), precision, scale, context, || parsed.text())
    })
}

/// `value` if it fits `precision`; otherwise an error under ANSI mode, else null.
pub(crate) fn bounded(
    value: Option<i128>,
    precision: u8,
    scale: i8,
    context: &Context,
    shown: impl FnOnce() -> String,
) -> Result<Option<i128>> {
    match value {
        Some(value) if fits(value, precision) => Ok(Some(value)),
        _ => context.misfit(None, || faults::decimal_out_of_range(&shown(), precision, scale)),
    }
}

pub(super) fn column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    use SparkType::{Byte, Decimal, Double, Float, Integer, Long, Short};
    match (from, to) {
        (Decimal { scale: from_scale, .. }, Decimal { precision, scale }) => {
            let values = array.as_primitive::<Decimal128Type>();
            primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                bounded(rescale(value, *from_scale, *scale), *precision, *scale, context, || {
                    decimal_text(value, *from_scale)
                })
            })
        }
        (Byte | Short | Integer | Long, Decimal { precision, scale }) => {
            let wide = arrow::compute::cast(array, &DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                let unscaled = rescale(i128::from(value), 0, *scale);
                bounded(unscaled, *precision, *scale, context, || value.to_string())
            })
        }
        (Float | Double, Decimal { precision, scale }) => {
            let text = |row: usize| match from {
                // Spark looks at the digits of the double that the float is.
                Float => double_text(f64::from(array.as_primitive::<Float32Type>().value(row))),
                _ => double_text(array.as_primitive::<Float64Type>().value(row)),
            };
            primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
                if array.is_null(row) {
                    return Ok(None);
                }
                let text = text(row);
                // NaN and infinities are null, even under ANSI mode.
                let Some(parsed) = parse_decimal(&text) else { return Ok(None) };
                bounded(parsed.unscaled(*scale), *precision, *scale, context, || text.clone())
            })
        }
        (Decimal { scale, .. }, Float | Double) => {
            let values = array.as_primitive::<Decimal128Type>();
            let doubles = primitives::<Float64Type>(array.len(), |row| {
                Ok(get!(values, row).map(|value| to_double(value, *scale)))
            })?;
            Ok(arrow::compute::cast(&doubles, &to.to_arrow())?)
        }
        (Decimal { scale, .. }, _) => to_whole(array, from, to, *scale, context),
        _ => Err(missing(from, to)),
    }
}

/// The nearest double. Exact division serves up to 2^53; beyond, the text is parsed.
pub(crate) fn to_double(unscaled: i128, scale: i8) -> f64 {
    const EXACT: u128 = 1 << 53;
    if unscaled.unsigned_abs() <= EXACT && (0..=22).contains(&scale) {
        return unscaled as f64 / 10f64.powi(i32::from(scale));
    }
    decimal_text(unscaled, scale).parse().unwrap_or(f64::NAN)
}

fn to_whole(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    scale: i8,
    context: &Context,
) -> Result<ArrayRef> {
    let values = array.as_primitive::<Decimal128Type>();
    let divisor = power_of_ten(u32::from(scale.max(0).unsigned_abs()));
    macro_rules! truncate {
        ($arrow:ty, $native:ty) => {
            primitives::<$arrow>(array.len(), |row| {
                let Some(unscaled) = get!(values, row) else { return Ok(None) };
                let whole = unscaled / divisor;
                match <$native>::try_from(whole) {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => context.misfit(Some(whole as $native), || {
                        let text = format!("{}BD", decimal_text(unscaled, scale));
                        faults::cast_overflow(&text, &from.sql(), &to.sql())
                    }),
                }
            })
        };
    }
    match to {
        SparkType::Byte => truncate!(Int8Type, i8),
        SparkType::Short => truncate!(Int16Type, i16),
        SparkType::Integer => truncate!(Int32Type, i32),
        SparkType::Long => truncate!(Int64Type, i64),
        _ => Err(missing(from, to)),
    }
}

impl Context {
    /// A context for arithmetic, which knows no time zone.
    pub(crate) fn arithmetic(mode: EvalMode) -> Self {
        Self { mode, zone: crate::time_zone::Zone::Fixed(0), pretty: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_and_rounding_follow_big_decimal() {
        let at = |text: &str, scale| parse_decimal(text).and_then(|parsed| parsed.unscaled(scale));
        assert_eq!(at("12.345", 2), Some(1235));
        assert_eq!(at("-12.345", 2), Some(-1235));
        assert_eq!(at("1e3", 1), Some(10_000));
        assert_eq!(at("0.0005", 3), Some(1));
        assert_eq!(at("0.0004999", 3), Some(0));
        assert_eq!(at("9e40", 0), None);
        assert!(parse_decimal("1.2.3").is_none());
        assert_eq!(rescale(15, 1, 0), Some(2));
        assert_eq!(rescale(-25, 1, 0), Some(-3));
        assert_eq!(decimal_text(-5, 2), "-0.05");
    }
}

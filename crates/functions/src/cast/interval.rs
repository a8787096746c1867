//! Intervals: to and from text, and to and from numbers of their last field.

use super::EvalMode;
use super::column::{Context, missing};
use super::decimal::{bounded, decimal_text, rescale};
use super::string_to_number::trimmed;
use crate::columns::{get, primitives, primitives_as};
use crate::faults;
use crate::time_zone::MICROS_PER_SECOND;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::IntervalMonthDayNano;
use arrow::datatypes::{
    DataType, Decimal128Type, DurationMicrosecondType, Int64Type, IntervalMonthDayNanoType,
    IntervalYearMonthType,
};
use firesteel_common::{ErrorKind, Result, SparkType};

const YEAR_MONTH: [&str; 2] = ["YEAR", "MONTH"];
const DAY_TIME: [&str; 4] = ["DAY", "HOUR", "MINUTE", "SECOND"];
/// Microseconds of a day, hour, minute and second.
const UNIT_MICROS: [i64; 4] = [86_400_000_000, 3_600_000_000, 60_000_000, MICROS_PER_SECOND];

fn fields(names: &[&str], start: u8, end: u8) -> String {
    let name = |field: u8| names.get(usize::from(field)).copied().unwrap_or_default();
    if start == end { name(start).to_owned() } else { format!("{} TO {}", name(start), name(end)) }
}

/// `INTERVAL '1-2' YEAR TO MONTH`.
pub(crate) fn year_month_text(months: i32, start: u8, end: u8) -> String {
    let sign = if months < 0 { "-" } else { "" };
    let months = months.unsigned_abs();
    let value = match (start, end) {
        (0, 0) => format!("{}", months / 12),
        (1, 1) => format!("{months}"),
        _ => format!("{}-{}", months / 12, months % 12),
    };
    format!("INTERVAL '{sign}{value}' {}", fields(&YEAR_MONTH, start, end))
}

/// `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
pub(crate) fn day_time_text(micros: i64, start: u8, end: u8) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let total = micros.unsigned_abs();
    let unit =
        |field: u8| UNIT_MICROS.get(usize::from(field)).map_or(1, |unit| unit.unsigned_abs());
    let mut rest = total;
    let mut value = String::new();
    for field in start..=end {
        let amount = rest / unit(field);
        rest %= unit(field);
        let text = if field == start { amount.to_string() } else { format!("{amount:02}") };
        value.push_str(match (field == start, field) {
            (true, _) => "",
            (false, 1) => " ",
            (false, _) => ":",
        });
        value.push_str(&text);
    }
    // A leading field of one digit is padded unless it is the day.
    if start == end || start == 0 {
        // As it is.
    } else if value.find(':') == Some(1) {
        value.insert(0, '0');
    }
    if end == 3 && start == 3 && total / MICROS_PER_SECOND.unsigned_abs() < 10 {
        value.insert(0, '0');
    }
    if end == 3 && rest != 0 {
        let digits = format!("{rest:06}");
        value.push('.');
        value.push_str(digits.trim_end_matches('0'));
    }
    if start == end && matches!(start, 1 | 2) && value.len() < 2 {
        value.insert(0, '0');
    }
    format!("INTERVAL '{sign}{value}' {}", fields(&DAY_TIME, start, end))
}

/// `1 years 2 months 3 days 4 hours 5.5 seconds`.
pub(crate) fn calendar_text(value: IntervalMonthDayNano) -> String {
    let mut parts = Vec::new();
    let mut add = |amount: i64, unit: &str| {
        if amount != 0 {
            parts.push(format!("{amount} {unit}"));
        }
    };
    add(i64::from(value.months / 12), "years");
    add(i64::from(value.months % 12), "months");
    add(i64::from(value.days), "days");
    let micros = value.nanoseconds / 1000;
    add(micros / UNIT_MICROS[1], "hours");
    add(micros % UNIT_MICROS[1] / UNIT_MICROS[2], "minutes");
    let rest = micros % UNIT_MICROS[2];
    if rest != 0 {
        let sign = if rest < 0 { "-" } else { "" };
        let rest = rest.unsigned_abs();
        let whole = rest / 1_000_000;
        let fraction = format!("{:06}", rest % 1_000_000);
        let fraction = fraction.trim_end_matches('0');
        let dot = if fraction.is_empty() { "" } else { "." };
        parts.push(format!("{sign}{whole}{dot}{fraction} seconds"));
    }
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

pub(super) fn from_string(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    let malformed =
        |text: &str| -> Result<Option<i64>> { context.malformed(ErrorKind::DateTime, text, to) };
    match to {
        SparkType::YearMonthInterval { start, end } => {
            primitives::<IntervalYearMonthType>(array.len(), |row| {
                let Some(text) = get!(texts, row) else { return Ok(None) };
                match parse_year_month(text, *start, *end) {
                    Some(months) => Ok(Some(months)),
                    None => Ok(malformed(text)?.map(|_| 0)),
                }
            })
        }
        SparkType::DayTimeInterval { start, end } => {
            primitives::<DurationMicrosecondType>(array.len(), |row| {
                let Some(text) = get!(texts, row) else { return Ok(None) };
                match parse_day_time(text, *start, *end) {
                    Some(micros) => Ok(Some(micros)),
                    None => malformed(text),
                }
            })
        }
        _ => primitives::<IntervalMonthDayNanoType>(array.len(), |row| {
            let Some(text) = get!(texts, row) else { return Ok(None) };
            match parse_calendar(text) {
                Some(value) => Ok(Some(value)),
                None => context.malformed(ErrorKind::DateTime, text, to),
            }
        }),
    }
}

/// The value between the quotes of `INTERVAL '…' FIELDS`, or the bare text, and its sign.
fn body<'a>(text: &'a str, fields: &str) -> Option<(bool, &'a str)> {
    let text = trimmed(text);
    let upper = text.to_ascii_uppercase();
    let (outer, inner) = if upper.starts_with("INTERVAL") {
        let rest = text.get("INTERVAL".len()..)?.trim();
        let (outer, rest) = match rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix('+').unwrap_or(rest)),
        };
        let (value, tail) = rest.trim().strip_prefix('\'')?.split_once('\'')?;
        let tail: Vec<_> = tail.split_whitespace().collect();
        if !tail.join(" ").eq_ignore_ascii_case(fields) {
            return None;
        }
        (outer, value.trim())
    } else {
        (false, text)
    };
    let (negative, inner) = match inner.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, inner.strip_prefix('+').unwrap_or(inner)),
    };
    Some((outer != negative, inner))
}

pub(crate) fn parse_year_month(text: &str, start: u8, end: u8) -> Option<i32> {
    let (negative, inner) = body(text, &fields(&YEAR_MONTH, start, end))?;
    let number = |text: &str| -> Option<i64> {
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let months = match (start, end) {
        (0, 0) => number(inner)?.checked_mul(12)?,
        (1, 1) => number(inner)?,
        _ => {
            let (years, months) = inner.split_once('-')?;
            let months = number(months).filter(|months| *months < 12)?;
            number(years)?.checked_mul(12)?.checked_add(months)?
        }
    };
    i32::try_from(if negative { -months } else { months }).ok()
}

pub(crate) fn parse_day_time(text: &str, start: u8, end: u8) -> Option<i64> {
    let (negative, inner) = body(text, &fields(&DAY_TIME, start, end))?;
    let mut rest = inner;
    let mut micros: i64 = 0;
    for field in start..=end {
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let amount: i64 = rest.get(..n_digits)?.parse().ok()?;
        let limit = [i64::MAX, 24, 60, 60].get(usize::from(field)).copied()?;
        if field != start && amount >= limit {
            return None;
        }
        let unit = UNIT_MICROS.get(usize::from(field)).copied()?;
        micros = micros.checked_add(amount.checked_mul(unit)?)?;
        rest = rest.get(n_digits..)?;
        if field != end {
            rest = rest.strip_prefix(if field == 0 { [' ', 'T'] } else { [':', ':'] })?;
        }
    }
    if end == 3
        && let Some(fraction) = rest.strip_prefix('.')
    {
        let valid = fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
        let digits = format!("{:0<6}", fraction.get(..6).unwrap_or(fraction));
        micros = micros.checked_add(if valid { digits.parse().ok()? } else { return None })?;
        rest = "";
    }
    rest.is_empty().then_some(if negative { -micros } else { micros })
}

/// `[interval] 1 year 2 months -3 days 4.5 seconds`.
pub(crate) fn parse_calendar(text: &str) -> Option<IntervalMonthDayNano> {
    let lower = trimmed(text).to_ascii_lowercase();
    let words = lower.strip_prefix("interval").map_or(lower.as_str(), str::trim_start);
    let words: Vec<_> = words.split_whitespace().collect();
    if words.is_empty() || words.len() % 2 != 0 {
        return None;
    }
    let (mut months, mut days, mut micros) = (0i32, 0i32, 0i64);
    for pair in words.chunks_exact(2) {
        let (amount, unit) = (pair.first()?, pair.get(1)?);
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        if unit == "second" {
            let seconds = super::decimal::parse_decimal(amount)?.unscaled(6)?;
            micros = micros.checked_add(i64::try_from(seconds).ok()?)?;
            continue;
        }
        let amount: i64 = amount.strip_prefix('+').unwrap_or(amount).parse().ok()?;
        let narrow = |value: i64| i32::try_from(value).ok();
        match unit {
            "year" => months = months.checked_add(narrow(amount.checked_mul(12)?)?)?,
            "month" => months = months.checked_add(narrow(amount)?)?,
            "week" => days = days.checked_add(narrow(amount.checked_mul(7)?)?)?,
            "day" => days = days.checked_add(narrow(amount)?)?,
            "hour" => micros = micros.checked_add(amount.checked_mul(UNIT_MICROS[1])?)?,
            "minute" => micros = micros.checked_add(amount.checked_mul(UNIT_MICROS[2])?)?,
            "millisecond" => micros = micros.checked_add(amount.checked_mul(1000)?)?,
            "microsecond" => micros = micros.checked_add(amount)?,
            _ => return None,
        }
    }
    Some(IntervalMonthDayNano::new(months, days, micros.checked_mul(1000)?))
}

/// Between intervals of the same family, and between intervals and numbers.
pub(super) fn column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    use SparkType::{DayTimeInterval, Decimal, YearMonthInterval};
    let unit = |field: &u8| UNIT_MICROS.get(usize::from(*field)).copied().unwrap_or(1);
    match (from, to) {
        (YearMonthInterval { .. }, YearMonthInterval { end, .. }) => {
            let values = array.as_primitive::<IntervalYearMonthType>();
            let step = if *end == 0 { 12 } else { 1 };
            primitives::<IntervalYearMonthType>(array.len(), |row| {
                Ok(get!(values, row).map(|months| months / step * step))
            })
        }
        (DayTimeInterval { .. }, DayTimeInterval { end, .. }) => {
            let values = array.as_primitive::<DurationMicrosecondType>();
            let step = if *end == 3 { 1 } else { unit(end) };
            primitives::<DurationMicrosecondType>(array.len(), |row| {
                Ok(get!(values, row).map(|micros| micros / step * step))
            })
        }
        (from, YearMonthInterval { end, .. }) if from.is_integral() => {
            let wide = arrow::compute::cast(array, &DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            let step = if *end == 0 { 12 } else { 1 };
            primitives::<IntervalYearMonthType>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                let months = value.checked_mul(step).and_then(|months| i32::try_from(months).ok());
                fitting(months, context, || (value.to_string(), from, to))
            })
        }
        (Decimal { scale, .. }, YearMonthInterval { end, .. }) => {
            let values = array.as_primitive::<Decimal128Type>();
            let step = if *end == 0 { 12 } else { 1 };
            primitives::<IntervalYearMonthType>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                let months =
                    whole(value, *scale, step).and_then(|months| i32::try_from(months).ok());
                fitting(months, context, || (decimal_text(value, *scale), from, to))
            })
        }
        (Decimal { scale, .. }, DayTimeInterval { end, .. }) => {
            let values = array.as_primitive::<Decimal128Type>();
            primitives::<DurationMicrosecondType>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                let micros =
                    whole(value, *scale, unit(end)).and_then(|micros| i64::try_from(micros).ok());
                fitting(micros, context, || (decimal_text(value, *scale), from, to))
            })
        }
        (from, DayTimeInterval { end, .. }) if from.is_integral() => {
            let wide = arrow::compute::cast(array, &DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            primitives::<DurationMicrosecondType>(array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                fitting(value.checked_mul(unit(end)), context, || (value.to_string(), from, to))
            })
        }
        (YearMonthInterval { end, .. }, to) if to.is_integral() => {
            let values = array.as_primitive::<IntervalYearMonthType>();
            let step = if *end == 0 { 12 } else { 1 };
            let longs = primitives::<Int64Type>(array.len(), |row| {
                Ok(get!(values, row).map(|months| i64::from(months / step)))
            })?;
            super::cast_column(&longs, &SparkType::Long, to, &strict(context))
        }
        (DayTimeInterval { end, .. }, to) if to.is_integral() => {
            let values = array.as_primitive::<DurationMicrosecondType>();
            let longs = primitives::<Int64Type>(array.len(), |row| {
                Ok(get!(values, row).map(|micros| micros / unit(end)))
            })?;
            super::cast_column(&longs, &SparkType::Long, to, &strict(context))
        }
        (YearMonthInterval { .. } | DayTimeInterval { end: 0..=2, .. }, Decimal { .. }) => {
            let longs = column(array, from, &SparkType::Long, context)?;
            super::cast_column(&longs, &SparkType::Long, to, &strict(context))
        }
        (DayTimeInterval { end: 3, .. }, Decimal { precision, scale }) => {
            let values = array.as_primitive::<DurationMicrosecondType>();
            primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
                let Some(micros) = get!(values, row) else { return Ok(None) };
                let unscaled = rescale(i128::from(micros), 6, *scale);
                bounded(unscaled, *precision, *scale, &strict(context), || micros.to_string())
            })
        }
        _ => Err(missing(from, to)),
    }
}

/// What does not fit is an error in both modes, and null under `try_cast`.
fn strict(context: &Context) -> Context {
    let mode = if context.mode == EvalMode::Try { EvalMode::Try } else { EvalMode::Ansi };
    Context { mode, ..*context }
}

/// The value that fits. One that does not is an error in both modes, and null under `try_cast`.
fn fitting<'t, T>(
    value: Option<T>,
    context: &Context,
    shown: impl FnOnce() -> (String, &'t SparkType, &'t SparkType),
) -> Result<Option<T>> {
    if value.is_some() || context.mode == EvalMode::Try {
        return Ok(value);
    }
    let (value, from, to) = shown();
    Err(faults::cast_overflow(&value, &from.sql(), &to.sql()))
}

/// A decimal times a whole number, rounded half up to a whole number.
fn whole(unscaled: i128, scale: i8, factor: i64) -> Option<i128> {
    rescale(unscaled.checked_mul(i128::from(factor))?, scale, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn texts() {
        assert_eq!(year_month_text(14, 0, 1), "INTERVAL '1-2' YEAR TO MONTH");
        assert_eq!(day_time_text(93_784_500_000, 0, 3), "INTERVAL '1 02:03:04.5' DAY TO SECOND");
        assert_eq!(day_time_text(-3_600_000_000, 1, 3), "INTERVAL '-01:00:00' HOUR TO SECOND");
        assert_eq!(day_time_text(5_000_000, 3, 3), "INTERVAL '05' SECOND");
        assert_eq!(parse_day_time("1 02:03:04.5", 0, 3), Some(93_784_500_000));
        assert_eq!(parse_year_month("INTERVAL '-1-2' YEAR TO MONTH", 0, 1), Some(-14));
    }
}

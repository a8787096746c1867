//! Strings to dates, timestamps and times, as leniently as Spark reads them
//! (`SparkDateTimeUtils.stringToDate`, `parseTimestampString`).

use super::column::Context;
use super::datetime_text::days_from_civil;
use super::string_to_number::trimmed;
use crate::columns::{get, primitives, primitives_as};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, Time64NanosecondType, TimestampMicrosecondType};
use firesteel_common::{ErrorKind, Result, SparkType};

pub(super) fn dates(array: &ArrayRef, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    primitives::<Date32Type>(array.len(), |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        match parse_date(text) {
            Some(days) => Ok(Some(days)),
            None => context.malformed(ErrorKind::DateTime, text, &SparkType::Date),
        }
    })
}

pub(super) fn timestamps(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    let with_zone = *to == SparkType::Timestamp;
    let today = now_micros();
    primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let parsed =
            if with_zone { parse_timestamp(text, context.zone, today) } else { parse_local(text) };
        match parsed {
            Some(micros) => Ok(Some(micros)),
            None => context.malformed(ErrorKind::DateTime, text, to),
        }
    })
}

pub(super) fn times(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let texts = array.as_string::<i32>();
    primitives::<Time64NanosecondType>(array.len(), |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let parsed = parse_parts(trimmed(text)).filter(|parts| !parts.has_date && parts.has_time);
        match parsed.and_then(|parts| parts.micros_of_day()) {
            Some(micros) => Ok(Some(micros * 1000)),
            None => context.malformed(ErrorKind::DateTime, text, to),
        }
    })
}

fn now_micros() -> i64 {
    chrono::Utc::now().timestamp_micros()
}

/// Days since the epoch: `[+-]yyyy[-m[m][-d[d]]]`, then perhaps a blank or `T` and anything.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let text = trimmed(text);
    let (negative, mut rest) = sign(text);
    let mut numbers = [0i64, 1, 1];
    for (position, slot) in numbers.iter_mut().enumerate() {
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let allowed = if position == 0 { 4..=7 } else { 1..=2 };
        if !allowed.contains(&n_digits) {
            return None;
        }
        *slot = rest.get(..n_digits)?.parse().ok()?;
        rest = rest.get(n_digits..)?;
        match rest.as_bytes().first() {
            None => break,
            Some(b'-') if position < 2 => rest = rest.get(1..)?,
            Some(b' ' | b'T') if position == 2 => break,
            Some(_) => return None,
        }
    }
    let [year, month, day] = numbers;
    let year = if negative { -year } else { year };
    let days = days_from_civil(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    i32::try_from(days).ok()
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// An instant; a text without a zone is a wall clock of `zone`, one without a date is of today.
pub(crate) fn parse_timestamp(text: &str, zone: Zone, now_micros: i64) -> Option<i64> {
    let parts = parse_parts(trimmed(text))?;
    let zone = match parts.zone {
        Some(name) => Zone::find(name)?,
        None => zone,
    };
    let local_midnight = if parts.has_date {
        parts.days()?.checked_mul(MICROS_PER_DAY)?
    } else {
        zone.to_local(now_micros).div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY
    };
    let local = local_midnight.checked_add(parts.micros_of_day()?)?;
    Some(zone.to_utc(local))
}

/// A wall clock; a zone in the text is read over.
fn parse_local(text: &str) -> Option<i64> {
    let parts = parse_parts(trimmed(text))?;
    if !parts.has_date {
        return None;
    }
    if let Some(zone) = parts.zone {
        Zone::find(zone)?;
    }
    parts.days()?.checked_mul(MICROS_PER_DAY)?.checked_add(parts.micros_of_day()?)
}

#[derive(Debug)]
struct Parts<'a> {
    negative: bool,
    /// Year, month, day, hour, minute, second, microsecond.
    numbers: [i64; 7],
    has_date: bool,
    has_time: bool,
    zone: Option<&'a str>,
}

impl Parts<'_> {
    fn days(&self) -> Option<i64> {
        let [year, month, day, ..] = self.numbers;
        let year = if self.negative { -year } else { year };
        days_from_civil(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
    }

    fn micros_of_day(&self) -> Option<i64> {
        let [_, _, _, hour, minute, second, micros] = self.numbers;
        (hour < 24 && minute < 60 && second < 60)
            .then_some(((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + micros)
    }
}

fn parse_parts(text: &str) -> Option<Parts<'_>> {
    let mut parts = Parts {
        negative: false,
        numbers: [1, 1, 1, 0, 0, 0, 0],
        has_date: true,
        has_time: false,
        zone: None,
    };
    let (negative, mut rest) = sign(text);
    parts.negative = negative;
    let signed = rest.len() != text.len();
    // A time alone: `T12:30:00` or `12:30:00`.
    let mut position = 0;
    if let Some(time) = rest.strip_prefix('T') {
        (rest, position, parts.has_date) = (time, 3, false);
    } else {
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if n_digits <= 2 && rest.as_bytes().get(n_digits) == Some(&b':') && !signed {
            (position, parts.has_date) = (3, false);
        }
    }
    loop {
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = rest.get(..n_digits)?;
        let valid = match position {
            0 => (4..=6).contains(&n_digits),
            6 => true,
            _ => (1..=2).contains(&n_digits),
        };
        if !valid {
            return None;
        }
        if position >= 3 {
            parts.has_time = true;
        }
        parts.numbers[position] = if position == 6 {
            // Digits beyond microseconds are cut off.
            let kept = digits.get(..6).unwrap_or(digits);
            format!("{kept:0<6}").parse().ok()?
        } else {
            digits.parse().ok()?
        };
        rest = rest.get(n_digits..)?;
        let Some(next) = rest.as_bytes().first() else { break };
        match (position, next) {
            (0 | 1, b'-') | (2, b' ' | b'T') | (3 | 4, b':') | (5, b'.') => {
                position += 1;
                rest = rest.get(1..)?;
            }
            (5 | 6, _) => {
                parts.zone = Some(rest.trim());
                break;
            }
            _ => return None,
        }
    }
    // `12` alone is no time.
    (parts.has_date || position >= 4).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0 (session time zone UTC).
    #[test]
    fn lenient_texts() {
        assert_eq!(parse_date(" 2020-1-2 junk"), Some(18_263));
        assert_eq!(parse_date("2020"), Some(18_262));
        assert_eq!(parse_date("2020-13-01"), None);
        assert_eq!(parse_date("20-01-01"), None);
        let utc = Zone::Fixed(0);
        let at = |text: &str| parse_timestamp(text, utc, 0);
        assert_eq!(at("2020-01-02 03:04:05.123456789"), Some(1_577_934_245_123_456));
        assert_eq!(at("2020-01-02T03:04:05+01:00"), Some(1_577_930_645_000_000));
        assert_eq!(at("2020-01-02 03:04"), Some(1_577_934_240_000_000));
        assert_eq!(at("2020-01-02 25:00:00"), None);
        assert_eq!(at("12:30:00"), Some(45_000_000_000));
    }
}

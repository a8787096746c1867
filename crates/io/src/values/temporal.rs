//! Dates and timestamps as Spark reads them from strings when no pattern is given
//! (`SparkDateTimeUtils.stringToDate`, `stringToTimestamp`), and as it prints them.

use arrow::array::timezone::Tz;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use firesteel_common::conf::long_zone_name;
use firesteel_common::{ErrorKind, Result, SparkError};

/// A session time zone.
pub type Zone = Tz;

/// Day number of 1970-01-01 in chrono's count from the common era.
const EPOCH_DAY: i32 = 719_163;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// # Errors
/// `INVALID_TIMEZONE` when the name is neither an IANA zone nor an offset.
pub fn zone(name: &str) -> Result<Zone> {
    parse_zone(name).ok_or_else(|| {
        SparkError::new(
            ErrorKind::DateTime,
            "INVALID_TIMEZONE",
            format!("The timezone: {name} is invalid."),
        )
        .with("timeZone", name)
    })
}

/// Forms that Java knows and chrono does not: `Z`, `UTC+2`, `+2`, `+02:30:00`.
fn parse_zone(name: &str) -> Option<Zone> {
    let name = long_zone_name(name).unwrap_or(name);
    let name = name.trim();
    if name.eq_ignore_ascii_case("z") {
        return "UTC".parse().ok();
    }
    let offset = ["UTC", "GMT", "UT"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .filter(|rest| rest.starts_with(['+', '-']))
        .unwrap_or(name);
    let Some(digits) = offset.strip_prefix(['+', '-']) else { return name.parse().ok() };
    let parts: Vec<&str> = if digits.contains(':') {
        digits.split(':').collect()
    } else if digits.len() == 4 {
        vec![&digits[..2], digits.get(2..)?]
    } else {
        vec![digits]
    };
    if parts.iter().any(|part| part.is_empty() || part.len() > 2) {
        return None;
    }
    let number =
        |position: usize| parts.get(position).map_or(Some(0), |part| part.parse::<u32>().ok());
    let (hours, minutes) = (number(0)?, number(1)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    format!("{}{hours:02}:{minutes:02}", &offset[..1]).parse().ok()
}

/// Days since 1970-01-01 of `yyyy`, `yyyy-[m]m` or `yyyy-[m]m-[d]d`, anything after a space or `T`.
pub fn parse_date(text: &str) -> Option<i32> {
    let text = trim(text);
    let (negative, rest) = signed(text);
    let mut segments = [1i32; 3];
    let bytes = rest.as_bytes();
    let mut position = 0;
    for (index, segment) in segments.iter_mut().enumerate() {
        let start = position;
        while position < bytes.len() && bytes[position].is_ascii_digit() {
            position += 1;
        }
        let n_digits = position - start;
        let valid =
            if index == 0 { (4..=7).contains(&n_digits) } else { (1..=2).contains(&n_digits) };
        if !valid {
            return None;
        }
        *segment = rest[start..position].parse().ok()?;
        match bytes.get(position) {
            None => break,
            Some(b'-') if index < 2 => position += 1,
            Some(b' ' | b'T') if index == 2 => break,
            Some(_) => return None,
        }
    }
    let year = if negative { -segments[0] } else { segments[0] };
    days(year, segments[1] as u32, segments[2] as u32)
}

/// Days of exactly `yyyy-MM-dd`.
pub fn strict_date(text: &str) -> Option<i32> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(position, b)| match position {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if shape { parse_date(text) } else { None }
}

/// Microseconds of exactly `yyyy-MM-dd HH:mm:ss` with an optional fraction, as if in UTC.
pub fn strict_timestamp(text: &str) -> Option<i64> {
    let head = text.get(..19)?;
    strict_date(&head[..10])?;
    let b = head.as_bytes();
    let shaped = b[10] == b' ' && b[13] == b':' && b[16] == b':';
    let tail = &text[19..];
    let fraction = tail.is_empty()
        || (tail.starts_with('.')
            && tail.len() > 1
            && tail[1..].bytes().all(|b| b.is_ascii_digit()));
    if shaped && fraction { parse_timestamp_ntz(text) } else { None }
}

/// Microseconds since the epoch of a string that may name its own zone.
pub fn parse_timestamp(text: &str, session: &Zone) -> Option<i64> {
    let parts = split_timestamp(text)?;
    let zone = match parts.zone {
        Some(name) => parse_zone(name)?,
        None => *session,
    };
    let date = match parts.date {
        Some(date) => date,
        // A bare time is of today.
        None => Utc::now().with_timezone(&zone).num_days_from_ce() - EPOCH_DAY,
    };
    to_instant(i64::from(date) * MICROS_PER_DAY + parts.micros, &zone)
}

/// Microseconds of a local date and time; none when the string names a zone.
pub fn parse_timestamp_ntz(text: &str) -> Option<i64> {
    let parts = split_timestamp(text)?;
    match (parts.zone, parts.date) {
        (None, Some(date)) => Some(i64::from(date) * MICROS_PER_DAY + parts.micros),
        _ => None,
    }
}

/// The instant of a local time; in a gap the time after it, in an overlap the earlier one.
pub fn to_instant(local_micros: i64, zone: &Zone) -> Option<i64> {
    let naive = naive(local_micros)?;
    let offset = match zone.offset_from_local_datetime(&naive) {
        chrono::LocalResult::Single(offset) => offset,
        chrono::LocalResult::Ambiguous(earlier, _) => earlier,
        chrono::LocalResult::None => {
            // As java.time: the offset before the gap.
            zone.offset_from_utc_datetime(&(naive - chrono::Duration::hours(24)))
        }
    };
    local_micros.checked_sub(i64::from(offset.fix().local_minus_utc()) * 1_000_000)
}

/// Local microseconds and offset seconds of an instant.
pub fn to_local(instant_micros: i64, zone: &Zone) -> (i64, i32) {
    let offset = naive(instant_micros)
        .map_or(0, |naive| zone.offset_from_utc_datetime(&naive).fix().local_minus_utc());
    (instant_micros + i64::from(offset) * 1_000_000, offset)
}

/// Date and time of local microseconds.
pub fn naive(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|utc| utc.naive_utc())
}

/// Date of a day number.
pub fn date_of(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH_DAY)?)
}

/// Day number of a date.
pub fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH_DAY
}

/// `yyyy-MM-dd`.
pub fn show_date(days: i32) -> String {
    match date_of(days) {
        Some(date) if (0..=9999).contains(&date.year()) => date.format("%Y-%m-%d").to_string(),
        Some(date) => format!("{:+05}-{:02}-{:02}", date.year(), date.month(), date.day()),
        None => days.to_string(),
    }
}

/// `yyyy-MM-dd HH:mm:ss`, with a fraction without trailing zeros, as `CAST(… AS STRING)` gives it.
pub fn show_local(local_micros: i64) -> String {
    let day = local_micros.div_euclid(MICROS_PER_DAY);
    let rest = local_micros.rem_euclid(MICROS_PER_DAY);
    let seconds = rest / 1_000_000;
    let mut out = format!(
        "{} {:02}:{:02}:{:02}",
        show_date(i32::try_from(day).unwrap_or(i32::MAX)),
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let fraction = rest % 1_000_000;
    if fraction != 0 {
        out.push_str(format!(".{fraction:06}").trim_end_matches('0'));
    }
    out
}

struct Parts<'a> {
    date: Option<i32>,
    micros: i64,
    zone: Option<&'a str>,
}

/// `date[( |T)time[zone]]`, or a time alone.
fn split_timestamp(text: &str) -> Option<Parts<'_>> {
    let text = trim(text);
    let rest = text.strip_prefix('T');
    let colon = text.find(':');
    let bare_time = rest.is_some() || colon.is_some_and(|at| at <= 2);
    if bare_time {
        let (micros, zone) = split_time(rest.unwrap_or(text))?;
        return Some(Parts { date: None, micros, zone });
    }
    match text.find([' ', 'T']) {
        None => Some(Parts { date: Some(parse_date(text)?), micros: 0, zone: None }),
        Some(at) => {
            let date = parse_date(&text[..at])?;
            // A time follows a whole date only.
            if text[..at].trim_start_matches(['+', '-']).matches('-').count() != 2 {
                return None;
            }
            let time = &text[at + 1..];
            let (micros, zone) = if time.is_empty() { (0, None) } else { split_time(time)? };
            Some(Parts { date: Some(date), micros, zone })
        }
    }
}

/// `[h]h[:[m]m[:[s]s[.fraction]]][zone]` in microseconds.
fn split_time(text: &str) -> Option<(i64, Option<&str>)> {
    let bytes = text.as_bytes();
    let mut position = 0;
    let mut segments = [0i64; 3];
    for (index, segment) in segments.iter_mut().enumerate() {
        let start = position;
        while position < bytes.len() && bytes[position].is_ascii_digit() {
            position += 1;
        }
        if !(1..=2).contains(&(position - start)) {
            return None;
        }
        *segment = text[start..position].parse().ok()?;
        if index < 2 && bytes.get(position) == Some(&b':') {
            position += 1;
        } else {
            break;
        }
    }
    let mut micros = 0;
    if bytes.get(position) == Some(&b'.') {
        let start = position + 1;
        position = start;
        while position < bytes.len() && bytes[position].is_ascii_digit() {
            position += 1;
        }
        // Digits beyond microseconds are cut off.
        let digits = &text[start..position.min(start + 6)];
        micros = format!("{digits:0<6}").parse().ok()?;
    }
    let [hours, minutes, seconds] = segments;
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let zone = text[position..].trim();
    let total = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros;
    Some((total, (!zone.is_empty()).then_some(zone)))
}

fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    NaiveDate::from_ymd_opt(year, month, day).map(day_number)
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(parse_date("1970-01-02"), Some(1));
        assert_eq!(parse_date("1970-1-2 rest"), Some(1));
        assert_eq!(parse_date("1970"), Some(0));
        for text in ["", "70-01-01", "1970-13-01", "1970-01-01x", "02.01.1970"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(show_date(0), "1970-01-01");
    }

    #[test]
    fn timestamps() {
        let utc = zone("UTC").expect("known zone");
        let berlin = zone("Europe/Berlin").expect("known zone");
        assert_eq!(parse_timestamp("1970-01-01 01:00:00.5", &utc), Some(3_600_500_000));
        assert_eq!(parse_timestamp("1970-01-01T01:00:00", &berlin), Some(0));
        assert_eq!(parse_timestamp("1970-01-01 02:00:00+02:00", &berlin), Some(0));
        assert_eq!(parse_timestamp("1970-01-01", &utc), Some(0));
        assert_eq!(parse_timestamp_ntz("1970-01-01 00:00:00Z"), None);
        assert_eq!(show_local(3_600_500_000), "1970-01-01 01:00:00.5");
    }
}

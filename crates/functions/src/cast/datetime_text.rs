//! Dates and timestamps as text, for any year (`DateFormatter`, `FractionTimestampFormatter`).

use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND};
use std::fmt::Write;

/// Year, month and day of a day count since 1970-01-01 (proleptic Gregorian).
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Eras of 400 years that begin on 0000-03-01.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day)
}

/// Days since 1970-01-01, if there is such a day.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

pub(crate) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `2024-02-29`; years beyond 9999 carry a plus sign.
pub(crate) fn date_text(days: i64) -> String {
    let mut out = String::with_capacity(10);
    write_date(days, &mut out);
    out
}

fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil_from_days(days);
    // Writing to a String cannot fail.
    let _ = if year > 9999 {
        write!(out, "+{year}-{month:02}-{day:02}")
    } else if year < 0 {
        write!(out, "-{:04}-{month:02}-{day:02}", -year)
    } else {
        write!(out, "{year:04}-{month:02}-{day:02}")
    };
}

/// `2024-02-29 12:30:00.5`: a wall clock, without trailing zeros of the fraction.
pub(crate) fn timestamp_text(local_micros: i64) -> String {
    let mut out = String::with_capacity(26);
    write_date(local_micros.div_euclid(MICROS_PER_DAY), &mut out);
    out.push(' ');
    write_time(local_micros.rem_euclid(MICROS_PER_DAY), &mut out);
    out
}

/// `12:30:00.5` of microseconds since midnight.
pub(crate) fn time_text(micros: i64) -> String {
    let mut out = String::with_capacity(15);
    write_time(micros, &mut out);
    out
}

fn write_time(micros: i64, out: &mut String) {
    let seconds = micros / MICROS_PER_SECOND;
    let fraction = micros % MICROS_PER_SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        let digits = format!("{fraction:06}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-719_528, "0000-01-01"),
            (19_782, "2024-02-29"),
            (2_932_897, "+10000-01-01"),
            (-719_529, "-0001-12-31"),
        ] {
            assert_eq!(date_text(days), text);
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), Some(days));
        }
        assert_eq!(days_from_civil(2023, 2, 29), None);
    }
}

//! Datetime patterns as Java's `SimpleDateFormat` reads them, under `spark.sql.legacy.timeParserPolicy=LEGACY`.
//!
//! Fields have milliseconds only, weeks begin on Sunday and the first is the one with January 1 (the calendar of the
//! United States), text after what the pattern says is ignored. Days and months must exist, as in Spark 2. The Julian
//! calendar before 1582 is not followed.

use super::calendar::{Civil, MONTHS, WEEKDAYS, weekday};
use super::parse::{offset as utc_offset, zone as named_zone};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use std::fmt::Write;

const MICROS_PER_MILLI: i64 = 1_000;
/// Two digits of a year mean one from 80 years ago on.
const YEARS_BACK: i64 = 80;

/// A pattern, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SimplePattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

impl SimplePattern {
    /// None where Java refuses the pattern.
    pub(crate) fn parse(pattern: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = pattern.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '\'' if chars.next_if_eq(&'\'').is_some() => literal.push('\''),
                '\'' => loop {
                    match chars.next()? {
                        '\'' if chars.next_if_eq(&'\'').is_some() => literal.push('\''),
                        '\'' => break,
                        other => literal.push(other),
                    }
                },
                letter if letter.is_ascii_alphabetic() => {
                    if !"GyYMLwWDdFEuaHkKhmsSzZX".contains(letter) {
                        return None;
                    }
                    let mut n = 1;
                    while chars.next_if_eq(&letter).is_some() {
                        n += 1;
                    }
                    if letter == 'X' && n > 3 {
                        return None;
                    }
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Field(letter, n));
                }
                other => literal.push(other),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Some(Self(parts))
    }

    /// Appends the wall clock `local` (microseconds) of a zone that is `offset` seconds from UTC; `zone_name(full)` is
    /// what the zone is called then.
    pub(crate) fn write(
        &self,
        local: i64,
        offset: i32,
        zone_name: &dyn Fn(bool) -> String,
        out: &mut String,
    ) {
        let days = local.div_euclid(MICROS_PER_DAY);
        let (civil, millis) =
            (Civil::from_days(days), local.rem_euclid(MICROS_PER_DAY) / MICROS_PER_MILLI);
        let hour = millis / 3_600_000;
        let or = |value: i64, zero: i64| if value == 0 { zero } else { value };
        let year_of_era = if civil.year > 0 { civil.year } else { 1 - civil.year };
        for part in &self.0 {
            let (letter, n) = match part {
                Part::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Field(letter, n) => (*letter, *n),
            };
            let number = match letter {
                'G' => {
                    out.push_str(if civil.year > 0 { "AD" } else { "BC" });
                    continue;
                }
                'y' | 'Y' => {
                    let year = if letter == 'y' { year_of_era } else { week_year(days).0 };
                    if n == 2 { year.rem_euclid(100) } else { year }
                }
                'M' | 'L' if n >= 3 => {
                    let name = MONTHS[civil.month as usize - 1];
                    out.push_str(if n == 3 { &name[..3] } else { name });
                    continue;
                }
                'M' | 'L' => i64::from(civil.month),
                'w' => week_year(days).1,
                'W' => week_of_month(civil, days),
                'D' => civil.day_of_year(),
                'd' => i64::from(civil.day),
                'F' => i64::from(civil.day - 1) / 7 + 1,
                'E' => {
                    let name = WEEKDAYS[weekday(days) as usize];
                    out.push_str(if n <= 3 { &name[..3] } else { name });
                    continue;
                }
                'u' => weekday(days) + 1,
                'a' => {
                    out.push_str(if hour < 12 { "AM" } else { "PM" });
                    continue;
                }
                'H' => hour,
                'k' => or(hour, 24),
                'K' => hour % 12,
                'h' => or(hour % 12, 12),
                'm' => millis / 60_000 % 60,
                's' => millis / 1_000 % 60,
                'S' => millis % 1_000,
                'z' => {
                    out.push_str(&zone_name(n >= 4));
                    continue;
                }
                _ => {
                    write_offset(letter, n, offset, out);
                    continue;
                }
            };
            // Writing to a `String` cannot fail.
            let _ = write!(out, "{number:0n$}");
        }
    }

    /// The microseconds of the wall clock that the text begins with, and the zone that it names. `this_year` decides
    /// the century of two digits.
    pub(crate) fn read(&self, text: &str, this_year: i64) -> Option<(i64, Option<Zone>)> {
        let mut found = Found::default();
        let mut rest = text;
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                Part::Field(letter, n) => {
                    let abuts = matches!(self.0.get(index + 1), Some(Part::Field(next, m)) if is_number(*next, *m));
                    let width = abuts.then_some(*n);
                    rest = found.take(
                        *letter,
                        *n,
                        width,
                        rest.trim_start_matches([' ', '\t']),
                        this_year,
                    )?;
                }
            }
        }
        Some((found.local()?, found.zone))
    }
}

fn is_number(letter: char, n: usize) -> bool {
    !matches!(letter, 'G' | 'E' | 'a' | 'z' | 'Z' | 'X') && !(matches!(letter, 'M' | 'L') && n >= 3)
}

fn write_offset(letter: char, n: usize, seconds: i32, out: &mut String) {
    if letter == 'X' && seconds == 0 {
        out.push('Z');
        return;
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.unsigned_abs() / 3600, seconds.unsigned_abs() / 60 % 60);
    // Writing to a `String` cannot fail.
    let _ = match (letter, n) {
        ('X', 1) => write!(out, "{sign}{hours:02}"),
        ('X', 3) => write!(out, "{sign}{hours:02}:{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}{minutes:02}"),
    };
}

/// Sunday is 0.
fn from_sunday(days: i64) -> i64 {
    (weekday(days) + 1) % 7
}

/// The Sunday on which the first week of a year begins.
fn first_sunday(year: i64) -> i64 {
    let first = Civil { year, month: 1, day: 1 }.to_days();
    first - from_sunday(first)
}

/// Year and number of the week.
fn week_year(days: i64) -> (i64, i64) {
    let year = Civil::from_days(days).year;
    match days >= first_sunday(year + 1) {
        true => (year + 1, 1),
        false => (year, (days - first_sunday(year)) / 7 + 1),
    }
}

fn week_of_month(civil: Civil, days: i64) -> i64 {
    let first = days - i64::from(civil.day - 1);
    (days - (first - from_sunday(first))) / 7 + 1
}

/// What a text says.
#[derive(Debug, Default)]
struct Found {
    is_before_christ: bool,
    year: Option<i64>,
    week_year: Option<i64>,
    month: Option<i64>,
    week: Option<i64>,
    week_of_month: Option<i64>,
    day_of_year: Option<i64>,
    day: Option<i64>,
    /// The first such weekday of the month is 1.
    nth_weekday: Option<i64>,
    /// Monday is 1.
    weekday: Option<i64>,
    is_afternoon: Option<bool>,
    hour: Option<i64>,
    hour_of_half: Option<i64>,
    minute: i64,
    second: i64,
    milli: i64,
    zone: Option<Zone>,
}

impl Found {
    /// Takes a field from the beginning of the text; what is left.
    fn take<'a>(
        &mut self,
        letter: char,
        n: usize,
        width: Option<usize>,
        text: &'a str,
        this_year: i64,
    ) -> Option<&'a str> {
        if !is_number(letter, n) {
            return self.take_word(letter, text);
        }
        // No sign: years before Christ have their era.
        let available = text.bytes().take_while(u8::is_ascii_digit).count();
        let taken = width.map_or(available, |width| width.min(available));
        let value: i64 = text.get(..taken)?.parse().ok()?;
        let in_range = |low: i64, high: i64| (low..=high).contains(&value).then_some(value);
        match letter {
            'y' | 'Y' => {
                let year = match n <= 2 && taken == 2 {
                    true => {
                        let first = this_year - YEARS_BACK;
                        first + (value - first).rem_euclid(100)
                    }
                    false => value,
                };
                let slot = if letter == 'y' { &mut self.year } else { &mut self.week_year };
                *slot = Some(year);
            }
            'M' | 'L' => self.month = Some(in_range(1, 12)?),
            'w' => self.week = Some(in_range(1, 53)?),
            'W' => self.week_of_month = Some(in_range(0, 6)?),
            'D' => self.day_of_year = Some(in_range(1, 366)?),
            'd' => self.day = Some(in_range(1, 31)?),
            'F' => self.nth_weekday = Some(in_range(-1, 6)?),
            'u' => self.weekday = Some(in_range(1, 7)?),
            'H' => self.hour = Some(in_range(0, 23)?),
            'k' => self.hour = Some(in_range(1, 24)? % 24),
            'K' => self.hour_of_half = Some(in_range(0, 11)?),
            'h' => self.hour_of_half = Some(in_range(1, 12)? % 12),
            'm' => self.minute = in_range(0, 59)?,
            's' => self.second = in_range(0, 59)?,
            'S' => self.milli = in_range(0, 999)?,
            _ => return None,
        }
        text.get(taken..)
    }

    fn take_word<'a>(&mut self, letter: char, text: &'a str) -> Option<&'a str> {
        let begins = |word: &str| {
            text.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        // In full or its first three letters, whatever the pattern says.
        let among = |words: &[&str]| {
            let place = words.iter().position(|word| begins(&word[..3]))?;
            let length = if begins(words[place]) { words[place].len() } else { 3 };
            Some((place as i64 + 1, length))
        };
        let length = match letter {
            'G' => {
                self.is_before_christ = begins("BC");
                if !self.is_before_christ && !begins("AD") {
                    return None;
                }
                2
            }
            'M' | 'L' => {
                let (month, length) = among(&MONTHS)?;
                self.month = Some(month);
                length
            }
            'E' => {
                let (day, length) = among(&WEEKDAYS)?;
                self.weekday = Some(day);
                length
            }
            'a' => {
                self.is_afternoon = Some(begins("PM"));
                if !begins("PM") && !begins("AM") {
                    return None;
                }
                2
            }
            _ => {
                let prefix = if begins("GMT") { 3 } else { 0 };
                let (zone, length) = match utc_offset(&text[prefix..]) {
                    Some((zone, length)) => (zone, length + prefix),
                    None if letter == 'X' && text.starts_with('Z') => (Zone::Fixed(0), 1),
                    None if letter == 'X' => return None,
                    None => named_zone(text)?,
                };
                self.zone = Some(zone);
                length
            }
        };
        text.get(length..)
    }

    fn local(&self) -> Option<i64> {
        let half = if self.is_afternoon == Some(true) { 12 } else { 0 };
        let hour = self.hour.unwrap_or_else(|| self.hour_of_half.unwrap_or(0) + half);
        let seconds = (hour * 60 + self.minute) * 60 + self.second;
        let of_day = seconds * MICROS_PER_SECOND + self.milli * MICROS_PER_MILLI;
        self.days()?.checked_mul(MICROS_PER_DAY)?.checked_add(of_day)
    }

    fn days(&self) -> Option<i64> {
        let year = match (self.year, self.is_before_christ) {
            (Some(year), true) => 1 - year,
            (Some(year), false) => year,
            (None, _) => self.week_year.unwrap_or(1970),
        };
        if !(-290_000..=290_000).contains(&year) {
            return None;
        }
        let first_of = |month: i64| Civil::new(year, month, 1).map(Civil::to_days);
        let month = self.month.unwrap_or(1);
        let in_week = |sunday: i64| sunday + self.weekday.map_or(0, |day| day % 7);
        let days = if let Some(day) = self.day {
            Civil::new(year, month, day)?.to_days()
        } else if let Some(day) = self.day_of_year {
            let found = first_of(1)? + day - 1;
            (Civil::from_days(found).year == year).then_some(found)?
        } else if let Some(week) = self.week {
            in_week(first_sunday(self.week_year.unwrap_or(year)) + (week - 1) * 7)
        } else if let Some(week) = self.week_of_month {
            let first = first_of(month)?;
            in_week(first - from_sunday(first) + (week - 1) * 7)
        } else if self.nth_weekday.is_some() || self.weekday.is_some() {
            let (first, day) = (first_of(month)?, self.weekday.map_or(0, |day| day % 7));
            let n = self.nth_weekday.unwrap_or(1);
            first + (day - from_sunday(first)).rem_euclid(7) + (n - 1) * 7
        } else if self.week_year.is_some() && self.year.is_none() {
            first_sunday(year)
        } else {
            first_of(month)?
        };
        let agrees = self.weekday.is_none_or(|day| weekday(days) + 1 == day);
        agrees.then_some(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Option<i64> {
        SimplePattern::parse(pattern)?.read(text, 2026).map(|(local, _)| local / MICROS_PER_SECOND)
    }

    #[test]
    fn texts() {
        let day = |days: i64| Some(days * 86_400);
        assert_eq!(read("yyyy-MM-dd", "2024-2-9 x"), day(19_762));
        assert_eq!(read("yy-MM-dd", "24-1-1"), day(19_723));
        assert_eq!(read("yyyyMMdd", "20240229"), day(19_782));
        assert_eq!(read("dd MMM yyyy", "29 February 2024"), day(19_782));
        assert_eq!(read("u yyyy", "5 2024"), day(19_727));
        assert_eq!(read("EEE", "Thu"), day(0));
        assert_eq!(read("EEE", "Mon"), day(4));
        assert_eq!(read("yyyy-MM W", "2024-02 3"), day(19_764));
        assert_eq!(read("F EEEE yyyy-MM", "3 Monday 2024-05"), day(19_863));
        assert_eq!(read("yyyy-MM-dd", "2024-02-30"), None);
        assert_eq!(read("yyyy-MM-dd HH:mm", "2024-1-1 25:61"), None);
    }

    #[test]
    fn written() {
        let mut out = String::new();
        let pattern = SimplePattern::parse("YYYY-ww u W F aaa DDD SSSSSS X 'o''clock'").unwrap();
        pattern.write(1_709_214_630_070_809, -28_800, &|_| String::new(), &mut out);
        assert_eq!(out, "2024-09 4 5 5 PM 060 000070 -08 o'clock");
        assert_eq!(SimplePattern::parse("e"), None);
        assert_eq!(SimplePattern::parse("'x"), None);
    }
}

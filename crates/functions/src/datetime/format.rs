//! Wall clocks written by a pattern (`date_format`, `from_unixtime`).

use super::calendar::{Civil, MONTHS, WEEKDAYS, weekday};
use super::pattern::{Field, Item, Minutes, OffsetStyle};
use super::simple_date_format::SimplePattern;
use super::zone_names;
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use chrono::{DateTime, TimeDelta, TimeZone};
use chrono_tz::OffsetComponents;
use std::fmt::Write;

/// A moment with everything that a pattern can ask for.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    instant: i64,
    civil: Civil,
    days: i64,
    of_day: i64,
    offset_seconds: i32,
    zone: Zone,
    zone_name: &'a str,
}

impl<'a> Moment<'a> {
    pub(crate) fn new(instant: i64, zone: Zone, zone_name: &'a str) -> Self {
        let local = zone.to_local(instant);
        let days = local.div_euclid(MICROS_PER_DAY);
        Self {
            instant,
            civil: Civil::from_days(days),
            days,
            of_day: local.rem_euclid(MICROS_PER_DAY),
            offset_seconds: zone.offset_at(instant),
            zone,
            zone_name,
        }
    }

    fn value(&self, field: Field) -> i64 {
        let hour = self.of_day / (3_600 * MICROS_PER_SECOND);
        let or = |value: i64, zero: i64| if value == 0 { zero } else { value };
        match field {
            Field::Era => i64::from(self.civil.year > 0),
            Field::Year => self.civil.year,
            Field::YearOfEra if self.civil.year <= 0 => 1 - self.civil.year,
            Field::YearOfEra => self.civil.year,
            Field::DayOfYear => self.civil.day_of_year(),
            Field::Month => i64::from(self.civil.month),
            Field::Day => i64::from(self.civil.day),
            Field::Quarter => i64::from(self.civil.quarter()),
            Field::DayOfWeek => weekday(self.days) + 1,
            Field::AlignedDayOfWeek => i64::from(self.civil.day - 1) % 7 + 1,
            Field::AmPm => hour / 12,
            Field::ClockHourOfAmPm => or(hour % 12, 12),
            Field::HourOfAmPm => hour % 12,
            Field::ClockHour => or(hour, 24),
            Field::Hour => hour,
            Field::Minute => self.of_day / (60 * MICROS_PER_SECOND) % 60,
            Field::Second => self.of_day / MICROS_PER_SECOND % 60,
        }
    }
}

/// Appends the moment as an older pattern says.
pub(crate) fn write_simple(pattern: &SimplePattern, moment: &Moment<'_>, out: &mut String) {
    let local = moment.days * MICROS_PER_DAY + moment.of_day;
    pattern.write(local, moment.offset_seconds, &|full| zone_name(moment, full), out);
}

/// Appends the moment as the items say. Writing to a `String` cannot fail.
pub(crate) fn write_moment(items: &[Item], moment: &Moment<'_>, out: &mut String) {
    for item in items {
        let _ = match item {
            Item::Literal(text) => {
                out.push_str(text);
                Ok(())
            }
            Item::Number { field, min, .. } => {
                let value = moment.value(*field);
                let digits = value.unsigned_abs();
                let is_year = matches!(field, Field::Year | Field::YearOfEra);
                if value < 0 {
                    out.push('-');
                } else if is_year && *min >= 4 && digits >= 10u64.pow(*min as u32) {
                    out.push('+');
                }
                write!(out, "{digits:0min$}")
            }
            Item::TwoDigitYear(field) => write!(out, "{:02}", moment.value(*field).rem_euclid(100)),
            Item::Text { field, full } => {
                out.push_str(&word(*field, *full, moment));
                Ok(())
            }
            Item::Fraction(n) => {
                let nanos = moment.of_day % MICROS_PER_SECOND * 1_000;
                let digits = format!("{nanos:09}");
                out.push_str(&digits[..*n]);
                Ok(())
            }
            Item::Offset(style) => write_offset(*style, moment.offset_seconds, out),
            Item::LocalizedOffset { full } => write_localized(*full, moment.offset_seconds, out),
            Item::ZoneId => {
                out.push_str(moment.zone_name);
                Ok(())
            }
            Item::ZoneName { full } => {
                out.push_str(&zone_name(moment, *full));
                Ok(())
            }
            Item::Optional(inner) => {
                write_moment(inner, moment, out);
                Ok(())
            }
        };
    }
}

fn word(field: Field, full: bool, moment: &Moment<'_>) -> String {
    let value = moment.value(field);
    match (field, full) {
        (Field::Era, false) => if value > 0 { "AD" } else { "BC" }.to_owned(),
        (Field::Era, true) => if value > 0 { "Anno Domini" } else { "Before Christ" }.to_owned(),
        (Field::Month, true) => MONTHS[value as usize - 1].to_owned(),
        (Field::Month, false) => MONTHS[value as usize - 1][..3].to_owned(),
        (Field::DayOfWeek, true) => WEEKDAYS[value as usize - 1].to_owned(),
        (Field::DayOfWeek, false) => WEEKDAYS[value as usize - 1][..3].to_owned(),
        (Field::Quarter, false) => format!("Q{value}"),
        (Field::Quarter, true) => {
            let suffix = ["st", "nd", "rd", "th"][value as usize - 1];
            format!("{value}{suffix} quarter")
        }
        (Field::AmPm, _) => if value == 0 { "AM" } else { "PM" }.to_owned(),
        _ => value.to_string(),
    }
}

fn write_offset(style: OffsetStyle, seconds: i32, out: &mut String) -> std::fmt::Result {
    if let (0, Some(zero)) = (seconds, style.zero) {
        out.push_str(zero);
        return Ok(());
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let total = seconds.unsigned_abs();
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    write!(out, "{sign}{hours:02}")?;
    let colon = if style.colon { ":" } else { "" };
    if style.minutes == Minutes::Always || minutes != 0 {
        write!(out, "{colon}{minutes:02}")?;
    }
    if style.seconds && rest != 0 {
        write!(out, "{colon}{rest:02}")?;
    }
    Ok(())
}

fn write_localized(full: bool, seconds: i32, out: &mut String) -> std::fmt::Result {
    out.push_str("GMT");
    if seconds == 0 {
        return Ok(());
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let total = seconds.unsigned_abs();
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    if full {
        write!(out, "{sign}{hours:02}:{minutes:02}")?;
    } else {
        write!(out, "{sign}{hours}")?;
        if minutes != 0 {
            write!(out, ":{minutes:02}")?;
        }
    }
    if rest != 0 {
        write!(out, ":{rest:02}")?;
    }
    Ok(())
}

/// The zone's name in English, of summer where it is summer.
fn zone_name(moment: &Moment<'_>, full: bool) -> String {
    let (id, summer) = match moment.zone {
        Zone::Named(zone) => {
            let time = DateTime::from_timestamp_micros(moment.instant);
            let offset = time.map(|time| zone.offset_from_utc_datetime(&time.naive_utc()));
            let is_summer = offset.is_some_and(|offset| offset.dst_offset() > TimeDelta::zero());
            (zone.name(), is_summer)
        }
        Zone::Fixed(_) => (moment.zone_name, false),
    };
    match zone_names::find(id) {
        Some(names) => names.shown(summer, full).to_owned(),
        None => moment.zone_name.to_owned(),
    }
}

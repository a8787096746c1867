//! Texts read by a pattern (`to_timestamp`, `to_date`, `unix_timestamp`).
//!
//! As Spark's formatter: words in any case, month and day default to 1, the year to 1970, the time to
//! midnight; a field that is given twice must agree; a day must exist in its month.

use super::calendar::{Civil, MONTHS, WEEKDAYS, weekday};
use super::pattern::{Field, Item};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};

/// What a text says.
#[derive(Debug, Clone, Default)]
struct Parsed {
    era: Option<i64>,
    year: Option<i64>,
    year_of_era: Option<i64>,
    day_of_year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    quarter: Option<i64>,
    day_of_week: Option<i64>,
    am_pm: Option<i64>,
    clock_hour_of_am_pm: Option<i64>,
    hour_of_am_pm: Option<i64>,
    clock_hour: Option<i64>,
    hour: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    nanos: Option<i64>,
    zone: Option<Zone>,
}

/// How a text departs from the pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Departure {
    /// At this position, counted from 0.
    At(usize),
    /// The pattern ended at this position, the text did not.
    TooLong(usize),
    /// What it says does not exist.
    Value(String),
}

impl Departure {
    /// As Java says it.
    pub(crate) fn message(&self, text: &str) -> String {
        match self {
            Departure::At(place) => format!("Text '{text}' could not be parsed at index {place}"),
            Departure::TooLong(place) => {
                format!("Text '{text}' could not be parsed, unparsed text found at index {place}")
            }
            Departure::Value(what) => format!("Text '{text}' could not be parsed: {what}"),
        }
    }
}

impl From<usize> for Departure {
    fn from(place: usize) -> Self {
        Departure::At(place)
    }
}

/// The microseconds of the wall clock that the text shows, and the zone that it names.
pub(crate) fn parse_local(items: &[Item], text: &str) -> Result<(i64, Option<Zone>), Departure> {
    let mut parsed = Parsed::default();
    let end = read(items, text, 0, &mut parsed)?;
    if end != text.len() {
        return Err(Departure::TooLong(end));
    }
    let clock = parsed.resolve()?;
    Ok((clock, parsed.zone))
}

fn read(items: &[Item], text: &str, start: usize, parsed: &mut Parsed) -> Result<usize, usize> {
    let mut place = start;
    for (index, item) in items.iter().enumerate() {
        let rest = text.get(place..).unwrap_or("");
        place += match item {
            Item::Literal(literal) => {
                let found = rest.get(..literal.len());
                if !found.is_some_and(|found| found.eq_ignore_ascii_case(literal)) {
                    return Err(place);
                }
                literal.len()
            }
            Item::Number { field, min, max } => {
                let reserved = if min == max { 0 } else { digits_reserved(&items[index + 1..]) };
                let (value, length) = number(*field, *min, *max, reserved, rest).ok_or(place)?;
                parsed.set(*field, value).ok_or(place)?;
                length
            }
            Item::TwoDigitYear(field) => {
                let digits =
                    rest.get(..2).filter(|found| found.bytes().all(|b| b.is_ascii_digit()));
                let value: i64 = digits.and_then(|found| found.parse().ok()).ok_or(place)?;
                parsed.set(*field, 2000 + value).ok_or(place)?;
                2
            }
            Item::Text { field, full } => {
                let (value, length) = word(*field, *full, rest).ok_or(place)?;
                parsed.set(*field, value).ok_or(place)?;
                length
            }
            Item::Fraction(n) => {
                let length = rest.bytes().take(*n).take_while(u8::is_ascii_digit).count();
                if length == 0 {
                    return Err(place);
                }
                let digits: i64 = rest[..length].parse().map_err(|_| place)?;
                parsed.nanos = Some(digits * 10i64.pow(9 - length as u32));
                length
            }
            Item::Offset(style) => {
                let (zone, length) = match style.zero {
                    Some(zero) if !zero.is_empty() && starts_with(rest, zero) => {
                        (Zone::Fixed(0), zero.len())
                    }
                    _ => offset(rest).ok_or(place)?,
                };
                parsed.zone = Some(zone);
                length
            }
            Item::LocalizedOffset { .. } => {
                if !starts_with(rest, "GMT") {
                    return Err(place);
                }
                let (zone, length) = offset(&rest[3..]).unwrap_or((Zone::Fixed(0), 0));
                parsed.zone = Some(zone);
                length + 3
            }
            Item::ZoneId | Item::ZoneName { .. } => {
                let (zone, length) = zone(rest).ok_or(place)?;
                parsed.zone = Some(zone);
                length
            }
            Item::Optional(inner) => {
                let mut attempt = parsed.clone();
                match read(inner, text, place, &mut attempt) {
                    Ok(end) => {
                        *parsed = attempt;
                        end - place
                    }
                    Err(_) => 0,
                }
            }
        };
    }
    Ok(place)
}

/// Digits that the fixed-width numbers right after this one need: `yyyyMMdd`.
fn digits_reserved(items: &[Item]) -> usize {
    items
        .iter()
        .map_while(|item| match item {
            Item::Number { min, max, .. } if min == max => Some(*min),
            Item::TwoDigitYear(_) => Some(2),
            _ => None,
        })
        .sum()
}

fn number(
    field: Field,
    min: usize,
    max: usize,
    reserved: usize,
    text: &str,
) -> Option<(i64, usize)> {
    let is_year = matches!(field, Field::Year | Field::YearOfEra);
    let sign = match text.as_bytes().first() {
        Some(b'-') if is_year || min == 1 && max > 1 => -1,
        Some(b'+') if is_year && min >= 4 => 1,
        _ => 0,
    };
    let signed = usize::from(sign != 0);
    let digits = text.get(signed..)?;
    let available = digits.bytes().take_while(u8::is_ascii_digit).count();
    let taken = available.min(max).min(available.saturating_sub(reserved).max(min));
    if taken < min || taken == 0 {
        return None;
    }
    // More digits than the pattern has letters need a sign: 12020-01-01 is no year of `yyyy`.
    if is_year && min >= 4 && taken > min && sign == 0 {
        return None;
    }
    let value: i64 = digits.get(..taken)?.parse().ok()?;
    Some((if sign < 0 { -value } else { value }, taken + signed))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|found| found.eq_ignore_ascii_case(prefix))
}

/// The word at the beginning of the text: the longest that fits.
fn word(field: Field, full: bool, text: &str) -> Option<(i64, usize)> {
    let among = |words: &[&str], first: i64, short: bool| {
        let length = |word: &str| if short { 3 } else { word.len() };
        let found = words.iter().position(|word| starts_with(text, &word[..length(word)]))?;
        Some((first + found as i64, length(words[found])))
    };
    match field {
        Field::Month => among(&MONTHS, 1, !full),
        Field::DayOfWeek => among(&WEEKDAYS, 1, !full),
        Field::AmPm => match text.get(..2)?.to_uppercase().as_str() {
            "AM" => Some((0, 2)),
            "PM" => Some((1, 2)),
            _ => None,
        },
        Field::Era if full => among(&["Before Christ", "Anno Domini"], 0, false),
        Field::Era => match text.get(..2)?.to_uppercase().as_str() {
            "BC" => Some((0, 2)),
            "AD" => Some((1, 2)),
            _ => None,
        },
        Field::Quarter if full => {
            among(&["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"], 1, false)
        }
        Field::Quarter => among(&["Q1", "Q2", "Q3", "Q4"], 1, false),
        _ => None,
    }
}

/// `+HH`, `+HHmm`, `+HH:mm`, `+HHmmss`, `+HH:mm:ss`.
pub(super) fn offset(text: &str) -> Option<(Zone, usize)> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |place: usize| -> Option<i32> {
        let digits = text.get(place..place + 2)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let mut place = 1;
    let mut seconds = match two(place) {
        Some(hours) => {
            place += 2;
            hours * 3600
        }
        None => {
            let digit = text.get(1..2)?.parse::<i32>().ok()?;
            place += 1;
            digit * 3600
        }
    };
    for unit in [60, 1] {
        let colon = usize::from(text.as_bytes().get(place) == Some(&b':'));
        match two(place + colon) {
            Some(value) if value < 60 => {
                seconds += value * unit;
                place += colon + 2;
            }
            _ => break,
        }
    }
    (seconds <= 18 * 3600).then_some((Zone::Fixed(sign * seconds), place))
}

/// A zone's name or offset: the longest run of characters that is one.
pub(super) fn zone(text: &str) -> Option<(Zone, usize)> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+-:".contains(c);
    let run = text.find(|c: char| !allowed(c)).unwrap_or(text.len());
    (1..=run).rev().find_map(|length| {
        let name = text.get(..length)?;
        let zone = Zone::find(name).or_else(|| summer(name))?;
        Some((zone, length))
    })
}

/// Names of zones in summer, which are no identifiers.
fn summer(name: &str) -> Option<Zone> {
    let id = match name.to_uppercase().as_str() {
        "PDT" => "America/Los_Angeles",
        "MDT" => "America/Denver",
        "CDT" => "America/Chicago",
        "EDT" => "America/New_York",
        "CEST" => "Europe/Paris",
        _ => return None,
    };
    Zone::find(id)
}

impl Parsed {
    /// None if the field had another value before.
    fn set(&mut self, field: Field, value: i64) -> Option<()> {
        let slot = match field {
            Field::Era => &mut self.era,
            Field::Year => &mut self.year,
            Field::YearOfEra => &mut self.year_of_era,
            Field::DayOfYear => &mut self.day_of_year,
            Field::Month => &mut self.month,
            Field::Day => &mut self.day,
            Field::Quarter => &mut self.quarter,
            Field::DayOfWeek => &mut self.day_of_week,
            Field::AlignedDayOfWeek => return Some(()),
            Field::AmPm => &mut self.am_pm,
            Field::ClockHourOfAmPm => &mut self.clock_hour_of_am_pm,
            Field::HourOfAmPm => &mut self.hour_of_am_pm,
            Field::ClockHour => &mut self.clock_hour,
            Field::Hour => &mut self.hour,
            Field::Minute => &mut self.minute,
            Field::Second => &mut self.second,
        };
        match slot {
            Some(before) if *before != value => None,
            _ => {
                *slot = Some(value);
                Some(())
            }
        }
    }

    fn resolve(&self) -> Result<i64, Departure> {
        let range = |field: &str, value: Option<i64>, low: i64, high: i64| match value {
            Some(value) if !(low..=high).contains(&value) => Err(Departure::Value(format!(
                "Invalid value for {field} (valid values {low} - {high}): {value}"
            ))),
            _ => Ok(value.unwrap_or(0)),
        };
        range("MonthOfYear", self.month, 1, 12)?;
        if self.day.is_some_and(|day| !(1..=31).contains(&day)) {
            let day = self.day.unwrap_or(0);
            return Err(Departure::Value(format!(
                "Invalid value for DayOfMonth (valid values 1 - 28/31): {day}"
            )));
        }
        range("HourOfDay", self.hour, 0, 23)?;
        let minute = range("MinuteOfHour", self.minute, 0, 59)?;
        let second = range("SecondOfMinute", self.second, 0, 59)?;
        let days = self.days().ok_or_else(|| self.no_such_day())?;
        if self.day_of_week.is_some_and(|day| day != weekday(days) + 1) {
            return Err(Departure::At(0));
        }
        let hour = self.hour_of_day().ok_or(Departure::At(0))?;
        let of_day = (hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND
            + self.nanos.unwrap_or(0) / 1000;
        days.checked_mul(MICROS_PER_DAY)
            .and_then(|midnight| midnight.checked_add(of_day))
            .ok_or(Departure::At(0))
    }

    fn no_such_day(&self) -> Departure {
        let month = self.month.and_then(|month| MONTHS.get(month as usize - 1));
        match (month, self.day) {
            (Some(month), Some(day)) if *month == "February" && day == 29 => {
                let year = self.year.unwrap_or(1970);
                Departure::Value(format!(
                    "Invalid date 'February 29' as '{year}' is not a leap year"
                ))
            }
            (Some(month), Some(day)) => {
                Departure::Value(format!("Invalid date '{} {day}'", month.to_uppercase()))
            }
            _ => Departure::At(0),
        }
    }

    fn days(&self) -> Option<i64> {
        let year = match (self.year, self.year_of_era) {
            (Some(year), _) => year,
            (None, Some(year)) if self.era == Some(0) => 1 - year,
            (None, Some(year)) => year,
            (None, None) => 1970,
        };
        if !(-300_000..=300_000).contains(&year) {
            return None;
        }
        if let (Some(day), None) = (self.day_of_year, self.month) {
            let first = Civil { year, month: 1, day: 1 };
            let last = if super::calendar::is_leap(year) { 366 } else { 365 };
            return (1..=last).contains(&day).then(|| first.to_days() + day - 1);
        }
        let civil = Civil::new(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?;
        Some(civil.to_days())
    }

    fn hour_of_day(&self) -> Option<i64> {
        if let Some(hour) = self.hour {
            return Some(hour);
        }
        if let Some(hour) = self.clock_hour {
            return (1..=24).contains(&hour).then_some(hour % 24);
        }
        let hour = match (self.clock_hour_of_am_pm, self.hour_of_am_pm) {
            (Some(hour), _) => (1..=12).contains(&hour).then_some(hour % 12)?,
            (None, Some(hour)) => (0..12).contains(&hour).then_some(hour)?,
            (None, None) => return Some(self.am_pm.unwrap_or(0) * 12),
        };
        Some(hour + self.am_pm.unwrap_or(0) * 12)
    }
}

//! Time zones as Spark takes them (`DateTimeUtils.getZoneId`): IANA names, `Z`, `UTC+2`, `+02:00`.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use firesteel_common::conf::long_zone_name;
use firesteel_common::{ErrorKind, Result, SparkError};
use serde::{Deserialize, Serialize};

pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
/// Largest distance of a zone from UTC.
const OFFSET_MAX_SECONDS: i32 = 18 * 3600;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// What the clock on the wall shows at `instant` (both in microseconds) in the zone called `name`;
/// none if there is no such zone.
pub fn wall_clock_micros(instant: i64, name: &str) -> Option<i64> {
    Zone::find(name).map(|zone| zone.to_local(instant))
}

/// The instant (in microseconds) of 1970-01-01 00:00 on the clock of the zone called `name`.
///
/// # Errors
/// `INVALID_TIMEZONE`.
pub fn midnight_of_1970(name: &str) -> Result<i64> {
    Ok(Zone::parse(name)?.to_utc(0))
}

/// A zone whose rules are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "ZoneForm", try_from = "ZoneForm")]
pub(crate) enum Zone {
    /// Seconds east of UTC.
    Fixed(i32),
    Named(Tz),
}

/// A zone as it travels.
#[derive(Serialize, Deserialize)]
enum ZoneForm {
    Fixed(i32),
    Named(String),
}

impl From<Zone> for ZoneForm {
    fn from(zone: Zone) -> Self {
        match zone {
            Zone::Fixed(seconds) => Self::Fixed(seconds),
            Zone::Named(zone) => Self::Named(zone.name().to_owned()),
        }
    }
}

impl TryFrom<ZoneForm> for Zone {
    type Error = SparkError;

    fn try_from(form: ZoneForm) -> Result<Self> {
        match form {
            ZoneForm::Fixed(seconds) if seconds.abs() <= OFFSET_MAX_SECONDS => {
                Ok(Zone::Fixed(seconds))
            }
            ZoneForm::Fixed(seconds) => Zone::parse(&format!("{seconds} seconds")),
            ZoneForm::Named(name) => Zone::parse(&name),
        }
    }
}

impl Zone {
    /// # Errors
    /// `INVALID_TIMEZONE`.
    pub(crate) fn parse(name: &str) -> Result<Zone> {
        Zone::find(name).ok_or_else(|| {
            SparkError::new(
                ErrorKind::DateTime,
                "INVALID_TIMEZONE",
                format!(
                    "The timezone: {name} is invalid. The timezone must be either a region-based \
                     zone ID or a zone offset. Region IDs must have the form 'area/city', such as \
                     'America/Los_Angeles'. Zone offsets must be in the format '(+|-)HH', \
                     '(+|-)HH:mm' or '(+|-)HH:mm:ss', e.g '-08' , '+01:00' or '-13:33:33', and must \
                     be in the range from -18:00 to +18:00. 'Z' and 'UTC' are accepted as synonyms \
                     for '+00:00'."
                ),
            )
            .with("timeZone", name)
        })
    }

    /// The zone of that name, if there is one.
    pub(crate) fn find(name: &str) -> Option<Zone> {
        let name = name.trim();
        match name {
            "Z" | "z" | "UTC" | "UT" | "GMT" => return Some(Zone::Fixed(0)),
            _ => {}
        }
        let offset = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix));
        if let Some(seconds) = parse_offset(offset.unwrap_or(name)) {
            return Some(Zone::Fixed(seconds));
        }
        if let Ok(zone) = name.parse::<Tz>() {
            return Some(Zone::Named(zone));
        }
        long_zone_name(name)?.parse::<Tz>().ok().map(Zone::Named)
    }

    /// Seconds east of UTC at an instant.
    pub(crate) fn offset_at(self, utc_micros: i64) -> i32 {
        match self {
            Zone::Fixed(seconds) => seconds,
            Zone::Named(Tz::UTC) => 0,
            Zone::Named(zone) => match naive(within_table(utc_micros)) {
                Some(time) => zone.offset_from_utc_datetime(&time).fix().local_minus_utc(),
                None => 0,
            },
        }
    }

    /// The wall clock at an instant, as microseconds since 1970-01-01 00:00 of that clock.
    pub(crate) fn to_local(self, utc_micros: i64) -> i64 {
        utc_micros.wrapping_add(i64::from(self.offset_at(utc_micros)) * MICROS_PER_SECOND)
    }

    /// The instant of a wall clock. As in Java: of two, the earlier; in a gap, as much later as the
    /// gap is long.
    pub(crate) fn to_utc(self, local_micros: i64) -> i64 {
        let seconds = match self {
            Zone::Fixed(seconds) => seconds,
            Zone::Named(Tz::UTC) => 0,
            Zone::Named(zone) => match naive(within_table(local_micros)) {
                None => 0,
                Some(time) => match zone.offset_from_local_datetime(&time) {
                    chrono::MappedLocalTime::Single(offset) => offset.fix().local_minus_utc(),
                    chrono::MappedLocalTime::Ambiguous(first, second) => {
                        first.fix().local_minus_utc().max(second.fix().local_minus_utc())
                    }
                    // The offset before the gap moves the clock past it.
                    chrono::MappedLocalTime::None => {
                        self.offset_at(local_micros.wrapping_sub(MICROS_PER_DAY))
                    }
                },
            },
        };
        local_micros.wrapping_sub(i64::from(seconds) * MICROS_PER_SECOND)
    }
}

/// Where the tables of zones end. Java goes on with the last rules for ever.
const TABLE_END_YEAR: i32 = 2100;
const MICROS_TO_TABLE_END: i64 = 4_102_444_800 * MICROS_PER_SECOND;

/// A time of the table's last years, on the same day of a year of the same calendar, for one beyond the table.
fn within_table(micros: i64) -> i64 {
    if micros < MICROS_TO_TABLE_END {
        return micros;
    }
    let Some(time) = naive(micros) else { return micros };
    let first = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1);
    let same = |year: &i32| match (first(*year), first(time.year())) {
        (Some(a), Some(b)) => a.weekday() == b.weekday() && a.leap_year() == b.leap_year(),
        _ => false,
    };
    let found = (TABLE_END_YEAR - 28..TABLE_END_YEAR).rev().find(same);
    match (found.and_then(first), first(time.year())) {
        (Some(to), Some(from)) => micros - (from - to).num_microseconds().unwrap_or(0),
        _ => micros,
    }
}

fn naive(micros: i64) -> Option<NaiveDateTime> {
    chrono::DateTime::from_timestamp_micros(micros).map(|time| time.naive_utc())
}

/// `+2`, `-08:00`, `+7:5`, `+01:02:03`, `+0130`.
fn parse_offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits = |part: &str| -> Option<i32> {
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse().ok() } else { None }
    };
    let parts: Vec<&str> = if rest.contains(':') {
        rest.split(':').collect()
    } else if rest.len() <= 2 {
        vec![rest]
    } else {
        vec![
            rest.get(0..2)?,
            rest.get(2..4)?,
            rest.get(4..).filter(|s| !s.is_empty()).unwrap_or("0"),
        ]
    };
    let [hours, minutes, seconds] = match parts.as_slice() {
        [h] => [digits(h)?, 0, 0],
        [h, m] => [digits(h)?, digits(m)?, 0],
        [h, m, s] => [digits(h)?, digits(m)?, digits(s)?],
        _ => return None,
    };
    let total = hours * 3600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 18 * 3600).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_and_overlap_follow_java() {
        let zone = Zone::find("America/Los_Angeles").expect("a zone");
        // 2024-03-10 02:30 does not exist: 03:30 PDT = 10:30 UTC.
        let gap = 1_710_037_800 * MICROS_PER_SECOND;
        assert_eq!(zone.to_utc(gap), 1_710_066_600 * MICROS_PER_SECOND);
        // 2024-11-03 01:30 happens twice: the first is PDT = 08:30 UTC.
        let overlap = 1_730_597_400 * MICROS_PER_SECOND;
        assert_eq!(zone.to_utc(overlap), 1_730_622_600 * MICROS_PER_SECOND);
        assert_eq!(Zone::find("UTC+2"), Some(Zone::Fixed(7200)));
        assert_eq!(Zone::find("+19:00"), None);
    }
}

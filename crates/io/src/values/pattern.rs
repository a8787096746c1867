//! Spark's datetime patterns (a subset of `java.time.format.DateTimeFormatter`) for the options
//! `dateFormat` and `timestampFormat`: fields of the calendar and the clock, fractions, zones,
//! quoted text and optional sections.

use super::temporal::{self, Zone};
use chrono::{Datelike, NaiveDate};
use firesteel_common::{ErrorKind, Result, SparkError};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
enum Item {
    Literal(String),
    Field(char, usize),
    Optional(Vec<Item>),
}

#[derive(Default, Clone)]
struct Fields {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: Option<i64>,
    hour_of_half: Option<i64>,
    pm: Option<bool>,
    minute: Option<i64>,
    second: Option<i64>,
    micros: Option<i64>,
    zone: Option<String>,
}

impl Pattern {
    /// # Errors
    /// `INVALID_DATETIME_PATTERN` for letters that Spark or we do not know.
    pub fn new(text: &str) -> Result<Self> {
        let chars: Vec<char> = text.chars().collect();
        let mut position = 0;
        let items = compile(&chars, &mut position, false).ok_or_else(|| invalid(text))?;
        Ok(Self { items })
    }

    /// Days since the epoch; a missing month or day is the first.
    pub fn parse_date(&self, text: &str) -> Option<i32> {
        self.parse(text)?.days()
    }

    /// Microseconds of a local date and time.
    pub fn parse_local(&self, text: &str) -> Option<i64> {
        let fields = self.parse(text)?;
        fields.local()
    }

    /// Microseconds since the epoch; the text's own zone wins over the session's.
    pub fn parse_timestamp(&self, text: &str, session: &Zone) -> Option<i64> {
        let fields = self.parse(text)?;
        let local = fields.local()?;
        match &fields.zone {
            Some(name) => temporal::to_instant(local, &temporal::zone(name).ok()?),
            None => temporal::to_instant(local, session),
        }
    }

    /// The text of a local time at an offset of `offset_seconds`.
    pub fn format(&self, local_micros: i64, offset_seconds: i32, zone_name: &str) -> String {
        let mut out = String::new();
        format_items(&self.items, local_micros, offset_seconds, zone_name, &mut out);
        out
    }

    fn parse(&self, text: &str) -> Option<Fields> {
        let mut fields = Fields::default();
        let rest = parse_items(&self.items, text, &mut fields)?;
        rest.is_empty().then_some(fields)
    }
}

impl Fields {
    fn days(&self) -> Option<i32> {
        let year = self.year.unwrap_or(1970);
        let date = match self.day_of_year {
            Some(day) => NaiveDate::from_yo_opt(year, day)?,
            None => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        Some(temporal::day_number(date))
    }

    fn local(&self) -> Option<i64> {
        let hour = match (self.hour, self.hour_of_half) {
            (Some(hour), _) => hour,
            (None, Some(hour)) => hour % 12 + if self.pm.unwrap_or(false) { 12 } else { 0 },
            (None, None) => 0,
        };
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = (hour * 60 + minute) * 60 + second;
        let days = i64::from(self.days()?);
        Some((days * 86_400 + seconds) * 1_000_000 + self.micros.unwrap_or(0))
    }
}

fn invalid(text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER",
        format!("Unrecognized datetime pattern: '{text}'."),
    )
    .with("pattern", format!("'{text}'"))
}

fn compile(chars: &[char], position: &mut usize, nested: bool) -> Option<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    let literal = |items: &mut Vec<Item>, c: char| match items.last_mut() {
        Some(Item::Literal(text)) => text.push(c),
        _ => items.push(Item::Literal(c.to_string())),
    };
    while *position < chars.len() {
        let c = chars[*position];
        *position += 1;
        match c {
            '\'' => {
                if chars.get(*position) == Some(&'\'') {
                    *position += 1;
                    literal(&mut items, '\'');
                    continue;
                }
                loop {
                    let quoted = *chars.get(*position)?;
                    *position += 1;
                    if quoted == '\'' {
                        if chars.get(*position) != Some(&'\'') {
                            break;
                        }
                        *position += 1;
                    }
                    literal(&mut items, quoted);
                }
            }
            '[' => items.push(Item::Optional(compile(chars, position, true)?)),
            ']' => return nested.then_some(items),
            'a'..='z' | 'A'..='Z' => {
                let mut count = 1;
                while chars.get(*position) == Some(&c) {
                    *position += 1;
                    count += 1;
                }
                if !"GyuMLdDEHhKkmsSaVXxzZO".contains(c) {
                    return None;
                }
                items.push(Item::Field(c, count));
            }
            '{' | '}' | '#' => return None,
            other => literal(&mut items, other),
        }
    }
    (!nested).then_some(items)
}

fn parse_items<'a>(items: &[Item], mut text: &'a str, fields: &mut Fields) -> Option<&'a str> {
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Literal(literal) => text = text.strip_prefix(literal.as_str())?,
            Item::Optional(inner) => {
                let mut attempt = fields.clone();
                if let Some(rest) = parse_items(inner, text, &mut attempt) {
                    *fields = attempt;
                    text = rest;
                }
            }
            Item::Field(letter, count) => {
                // A field directly before another numeric field takes exactly its width.
                let adjacent = matches!(items.get(index + 1), Some(Item::Field(next, n))
                    if !"aEVzZXxOG".contains(*next) && (*next != 'M' || *n < 3));
                text = parse_field(*letter, *count, adjacent, text, fields)?;
            }
        }
    }
    Some(text)
}

fn parse_field<'a>(
    letter: char,
    count: usize,
    adjacent: bool,
    text: &'a str,
    fields: &mut Fields,
) -> Option<&'a str> {
    let number = |min: usize, max: usize| take_number(text, min, max);
    let small = |max: usize| {
        let min = if count >= 2 { count } else { 1 };
        take_number(text, min, if count >= 2 || adjacent { count.max(min) } else { max })
    };
    let rest = match letter {
        'G' => text.strip_prefix("AD").or_else(|| text.strip_prefix("Anno Domini"))?,
        'y' | 'u' if count == 2 => {
            let (value, rest) = number(2, 2)?;
            fields.year = Some(2000 + i32::try_from(value).ok()?);
            rest
        }
        'y' | 'u' => {
            let (negative, digits) = match text.strip_prefix('-') {
                Some(digits) => (true, digits),
                None => (false, text.strip_prefix('+').unwrap_or(text)),
            };
            let max = if adjacent { count } else { 9.max(count) };
            let (value, rest) = take_number(digits, count, max)?;
            let year = i32::try_from(value).ok()?;
            fields.year = Some(if negative { -year } else { year });
            rest
        }
        'M' | 'L' if count >= 3 => {
            let (position, rest) = take_name(&MONTHS, count, text)?;
            fields.month = Some(position as u32 + 1);
            rest
        }
        'M' | 'L' => {
            let (value, rest) = small(2)?;
            fields.month = Some(value as u32);
            rest
        }
        'd' => {
            let (value, rest) = small(2)?;
            fields.day = Some(value as u32);
            rest
        }
        'D' => {
            let (value, rest) = number(count, 3)?;
            fields.day_of_year = Some(value as u32);
            rest
        }
        'E' => take_name(&DAYS, count, text)?.1,
        'H' | 'k' => {
            let (value, rest) = small(2)?;
            fields.hour = Some(if letter == 'k' && value == 24 { 0 } else { value });
            rest
        }
        'h' | 'K' => {
            let (value, rest) = small(2)?;
            if value > 12 {
                return None;
            }
            fields.hour_of_half = Some(value);
            rest
        }
        'm' => {
            let (value, rest) = small(2)?;
            fields.minute = Some(value);
            rest
        }
        's' => {
            let (value, rest) = small(2)?;
            fields.second = Some(value);
            rest
        }
        'S' => {
            let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let width = n_digits.min(count);
            if width == 0 || (adjacent && width < count) {
                return None;
            }
            let digits = &text[..width.min(6)];
            fields.micros = Some(format!("{digits:0<6}").parse().ok()?);
            &text[width..]
        }
        'a' => {
            let head = text.get(..2)?;
            fields.pm = Some(if head.eq_ignore_ascii_case("PM") {
                true
            } else if head.eq_ignore_ascii_case("AM") {
                false
            } else {
                return None;
            });
            &text[2..]
        }
        _ => {
            let length = text
                .find(|c: char| !(c.is_ascii_alphanumeric() || "+-:/_".contains(c)))
                .unwrap_or(text.len());
            let name = &text[..length];
            // X, x and Z are offsets only.
            let offset = name == "Z" || name.starts_with(['+', '-']);
            if name.is_empty() || ("XxZ".contains(letter) && !offset) {
                return None;
            }
            fields.zone = Some(name.to_owned());
            &text[length..]
        }
    };
    Some(rest)
}

fn take_number(text: &str, min: usize, max: usize) -> Option<(i64, &str)> {
    let n_digits = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if n_digits < min {
        return None;
    }
    Some((text[..n_digits].parse().ok()?, &text[n_digits..]))
}

fn take_name<'a>(names: &[&str], count: usize, text: &'a str) -> Option<(usize, &'a str)> {
    names.iter().enumerate().find_map(|(position, name)| {
        let shown = if count >= 4 { name } else { &name[..3] };
        text.strip_prefix(shown).map(|rest| (position, rest))
    })
}

fn format_items(items: &[Item], local: i64, offset: i32, zone: &str, out: &mut String) {
    for item in items {
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Optional(inner) => format_items(inner, local, offset, zone, out),
            Item::Field(letter, count) => format_field(*letter, *count, local, offset, zone, out),
        }
    }
}

fn format_field(letter: char, count: usize, local: i64, offset: i32, zone: &str, out: &mut String) {
    let day = i32::try_from(local.div_euclid(86_400_000_000)).unwrap_or(0);
    let micros = local.rem_euclid(86_400_000_000);
    let seconds = micros / 1_000_000;
    let date = temporal::date_of(day).unwrap_or_default();
    let hour = seconds / 3600;
    let padded = |value: i64| format!("{value:0count$}");
    let name = |name: &str| if count >= 4 { name.to_owned() } else { name[..3].to_owned() };
    let text = match letter {
        'G' => "AD".to_owned(),
        'y' | 'u' if count == 2 => format!("{:02}", date.year().rem_euclid(100)),
        'y' | 'u' => padded(i64::from(date.year())),
        'M' | 'L' if count >= 3 => name(MONTHS[date.month0() as usize]),
        'M' | 'L' => padded(i64::from(date.month())),
        'd' => padded(i64::from(date.day())),
        'D' => padded(i64::from(date.ordinal())),
        'E' => name(DAYS[date.weekday().num_days_from_monday() as usize]),
        'H' => padded(hour),
        'k' => padded(if hour == 0 { 24 } else { hour }),
        'h' => padded(if hour % 12 == 0 { 12 } else { hour % 12 }),
        'K' => padded(hour % 12),
        'm' => padded(seconds / 60 % 60),
        's' => padded(seconds % 60),
        'S' => format!("{:06}000", micros % 1_000_000)[..count.min(9)].to_owned(),
        'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'V' | 'z' => zone.to_owned(),
        'O' => format!("GMT{}", show_offset(offset, true)),
        'X' if offset == 0 => "Z".to_owned(),
        'X' | 'x' => match count {
            1 if offset % 3600 == 0 => show_offset(offset, false)[..3].to_owned(),
            1 | 2 | 4 => show_offset(offset, false),
            _ => show_offset(offset, true),
        },
        // Z, ZZ, ZZZ.
        _ => show_offset(offset, false),
    };
    out.push_str(&text);
}

/// `+02:00` or `+0200`.
pub fn show_offset(seconds: i32, colon: bool) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    let colon = if colon { ":" } else { "" };
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let date = |pattern: &str, text: &str| {
            Pattern::new(pattern).expect("valid pattern").parse_date(text).map(temporal::show_date)
        };
        assert_eq!(date("dd.MM.yyyy", "02.01.2020").as_deref(), Some("2020-01-02"));
        assert_eq!(date("yyyyMMdd", "20200102").as_deref(), Some("2020-01-02"));
        assert_eq!(date("MMM d, yyyy", "Jan 5, 2020").as_deref(), Some("2020-01-05"));
        assert_eq!(date("dd.MM.yyyy", "2020-01-02"), None);
        assert_eq!(date("dd.MM.yyyy", "2.1.2020"), None);
        let utc = temporal::zone("UTC").expect("known zone");
        let pattern = Pattern::new("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]").expect("valid pattern");
        assert_eq!(pattern.parse_timestamp("1970-01-01T02:00:00.500+02:00", &utc), Some(500_000));
        assert_eq!(pattern.parse_timestamp("1970-01-01T00:00:01", &utc), Some(1_000_000));
        assert!(Pattern::new("yyyy-bb").is_err());
    }

    #[test]
    fn formats() {
        let pattern = Pattern::new("EEE dd/MM/yy hh:mm a XXX").expect("valid pattern");
        assert_eq!(pattern.format(46_800_000_000, 7200, "x"), "Thu 01/01/70 01:00 PM +02:00");
    }
}

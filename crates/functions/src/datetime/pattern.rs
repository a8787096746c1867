//! Datetime patterns as `java.time.format.DateTimeFormatter` reads them, within what Spark allows.
//!
//! A pattern becomes a list of items that `format.rs` writes and `parse.rs` reads.

use super::simple_date_format::SimplePattern;
use firesteel_common::{ErrorKind, Result, SparkError};

/// A part of a date-time that is written as digits or as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Era,
    Year,
    /// Year counted within its era: what `y` means beside `G`.
    YearOfEra,
    DayOfYear,
    Month,
    Day,
    Quarter,
    /// Monday is 1.
    DayOfWeek,
    /// 1 to 7 within the month, counted from its first day.
    AlignedDayOfWeek,
    AmPm,
    /// 1 to 12.
    ClockHourOfAmPm,
    /// 0 to 11.
    HourOfAmPm,
    /// 1 to 24.
    ClockHour,
    Hour,
    Minute,
    Second,
}

/// How an offset from UTC is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffsetStyle {
    pub colon: bool,
    pub minutes: Minutes,
    pub seconds: bool,
    /// What zero is written as, where not in digits.
    pub zero: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Minutes {
    IfNotZero,
    Always,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Literal(String),
    /// Digits, from `min` to `max`; a sign shows when a year exceeds `min` digits and `min` is 4 or more.
    Number {
        field: Field,
        min: usize,
        max: usize,
    },
    /// The last two digits of a year, from 2000 to 2099.
    TwoDigitYear(Field),
    /// A word: `Mon` or, in full, `Monday`.
    Text {
        field: Field,
        full: bool,
    },
    /// So many digits of the second's fraction.
    Fraction(usize),
    Offset(OffsetStyle),
    /// `GMT+8`, in full `GMT+08:00`.
    LocalizedOffset {
        full: bool,
    },
    /// `America/Los_Angeles`.
    ZoneId,
    /// `PST`, in full `Pacific Standard Time`.
    ZoneName {
        full: bool,
    },
    Optional(Vec<Item>),
}

/// What a pattern is for: some letters can be written only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// The items of a pattern.
///
/// # Errors
/// `INVALID_DATETIME_PATTERN`, `INCONSISTENT_BEHAVIOR_CROSS_VERSION`.
pub(crate) fn parse_pattern(pattern: &str, purpose: Purpose) -> Result<Vec<Item>> {
    let unquoted = outside_quotes(pattern);
    let has_era = unquoted.contains('G');
    let mut reader = Reader { pattern, chars: pattern.chars().collect(), place: 0, has_era };
    let items = check_letters(&unquoted, purpose).and_then(|()| reader.section(false));
    items.map_err(|error| match SimplePattern::parse(pattern) {
        Some(_) => known_before(pattern),
        None => error,
    })
}

/// What `java.time` has and Spark refuses.
fn check_letters(unquoted: &str, purpose: Purpose) -> Result<()> {
    for letter in unquoted.chars() {
        match letter {
            'Y' | 'W' | 'w' | 'u' | 'e' | 'c' => return Err(week_based(letter)),
            'A' | 'B' | 'n' | 'N' | 'p' => return Err(illegal_character(letter, unquoted)),
            'E' | 'F' | 'q' | 'Q' if purpose == Purpose::Read => {
                return Err(illegal_character(letter, unquoted));
            }
            _ => {}
        }
    }
    let narrow = ["GGGGG", "MMMMM", "LLLLL", "EEEEE", "QQQQQ", "qqqqq"];
    match narrow.into_iter().find(|style| unquoted.contains(style)) {
        Some(style) => Err(too_long(style)),
        None => Ok(()),
    }
}

fn outside_quotes(pattern: &str) -> String {
    pattern.split('\'').step_by(2).collect()
}

struct Reader<'a> {
    pattern: &'a str,
    chars: Vec<char>,
    place: usize,
    has_era: bool,
}

impl Reader<'_> {
    fn section(&mut self, inner: bool) -> Result<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        while let Some(&char) = self.chars.get(self.place) {
            match char {
                '\'' => {
                    let text = self.quoted()?;
                    push_literal(&mut items, &text);
                }
                '[' => {
                    self.place += 1;
                    items.push(Item::Optional(self.section(true)?));
                }
                ']' if inner => {
                    self.place += 1;
                    return Ok(items);
                }
                ']' | '{' | '}' | '#' => return Err(invalid_pattern(self.pattern)),
                char if char.is_ascii_alphabetic() => {
                    let n = self.chars[self.place..].iter().take_while(|c| **c == char).count();
                    self.place += n;
                    items.push(self.letter(char, n)?);
                }
                char => {
                    self.place += 1;
                    push_literal(&mut items, &char.to_string());
                }
            }
        }
        // An optional section that is not closed ends with the pattern, as in Java.
        Ok(items)
    }

    /// The text between quotes; two quotes are one.
    fn quoted(&mut self) -> Result<String> {
        self.place += 1;
        let mut text = String::new();
        loop {
            match (self.chars.get(self.place), self.chars.get(self.place + 1)) {
                (Some('\''), Some('\'')) => {
                    text.push('\'');
                    self.place += 2;
                }
                (Some('\''), _) => {
                    self.place += 1;
                    return Ok(if text.is_empty() { "'".to_owned() } else { text });
                }
                (Some(char), _) => {
                    text.push(*char);
                    self.place += 1;
                }
                (None, _) => return Err(invalid_pattern(self.pattern)),
            }
        }
    }

    fn letter(&self, letter: char, n: usize) -> Result<Item> {
        let number = |field, min, max| Ok(Item::Number { field, min, max });
        // One letter: as many digits as there are; two: exactly two.
        let one_or_two = |field| match n {
            1 => number(field, 1, 19),
            2 => number(field, 2, 2),
            _ => Err(self.invalid_length()),
        };
        let text = |field| match n {
            1..=3 => Ok(Item::Text { field, full: false }),
            4 => Ok(Item::Text { field, full: true }),
            _ => Err(self.invalid_length()),
        };
        match letter {
            'G' => text(Field::Era),
            'y' => {
                let field = if self.has_era { Field::YearOfEra } else { Field::Year };
                match n {
                    1 => number(field, 1, 19),
                    2 => Ok(Item::TwoDigitYear(field)),
                    3..=6 => number(field, n, 19),
                    _ => Err(self.invalid_length()),
                }
            }
            'D' if n <= 3 => number(Field::DayOfYear, n, if n == 1 { 19 } else { 3 }),
            'M' | 'L' if n <= 2 => one_or_two(Field::Month),
            'M' | 'L' if n <= 4 => Ok(Item::Text { field: Field::Month, full: n == 4 }),
            'd' => one_or_two(Field::Day),
            'Q' | 'q' if n <= 2 => number(Field::Quarter, n, n),
            'Q' | 'q' if n <= 4 => Ok(Item::Text { field: Field::Quarter, full: n == 4 }),
            'E' => text(Field::DayOfWeek),
            'F' if n == 1 => number(Field::AlignedDayOfWeek, 1, 1),
            'a' if n == 1 => Ok(Item::Text { field: Field::AmPm, full: false }),
            'h' => one_or_two(Field::ClockHourOfAmPm),
            'K' => one_or_two(Field::HourOfAmPm),
            'k' => one_or_two(Field::ClockHour),
            'H' => one_or_two(Field::Hour),
            'm' => one_or_two(Field::Minute),
            's' => one_or_two(Field::Second),
            'S' if n <= 9 => Ok(Item::Fraction(n)),
            'V' if n == 2 => Ok(Item::ZoneId),
            'z' if n <= 4 => Ok(Item::ZoneName { full: n == 4 }),
            'O' if n == 1 || n == 4 => Ok(Item::LocalizedOffset { full: n == 4 }),
            'X' if n <= 5 => Ok(Item::Offset(iso_offset(n, "Z"))),
            'x' if n <= 5 => Ok(Item::Offset(OffsetStyle { zero: None, ..iso_offset(n, "") })),
            'Z' if n <= 3 => Ok(Item::Offset(OffsetStyle {
                colon: false,
                minutes: Minutes::Always,
                seconds: false,
                zero: None,
            })),
            'Z' if n == 4 => Ok(Item::LocalizedOffset { full: true }),
            'Z' if n == 5 => Ok(Item::Offset(iso_offset(5, "Z"))),
            _ => Err(self.invalid_length()),
        }
    }

    fn invalid_length(&self) -> SparkError {
        invalid_pattern(self.pattern)
    }
}

fn iso_offset(n: usize, zero: &'static str) -> OffsetStyle {
    OffsetStyle {
        colon: n == 3 || n == 5,
        minutes: if n == 1 { Minutes::IfNotZero } else { Minutes::Always },
        seconds: n >= 4,
        zero: Some(zero),
    }
}

fn push_literal(items: &mut Vec<Item>, text: &str) {
    match items.last_mut() {
        Some(Item::Literal(so_far)) => so_far.push_str(text),
        _ => items.push(Item::Literal(text.to_owned())),
    }
}

/// What the old formatter knew, and the new one does not.
fn known_before(pattern: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Upgrade,
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
        format!(
            "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to \
             recognize '{pattern}' pattern in the DateTimeFormatter.\n1) You can set \
             \"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior before \
             Spark 3.0.\n2) You can form a valid datetime pattern with the guide from '{GUIDE}'."
        ),
    )
    .with("pattern", format!("'{pattern}'"))
    .with("config", "\"spark.sql.legacy.timeParserPolicy\"")
    .with("docroot", "https://spark.apache.org/docs/latest")
}

fn week_based(letter: char) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN",
        format!(
            "You may get a different result due to the upgrading to Spark >= 3.0:\nAll week-based \
             patterns are unsupported since Spark 3.0, detected week-based character: {letter}.\n\
             Please use the SQL function EXTRACT instead."
        ),
    )
    .with("c", letter.to_string())
}

fn illegal_character(letter: char, pattern: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER",
        format!(
            "Unrecognized datetime pattern: {pattern}. Illegal pattern character found in datetime \
             pattern: {letter}. Please provide legal character."
        ),
    )
    .with("c", letter.to_string())
    .with("pattern", pattern.to_owned())
}

fn too_long(style: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INVALID_DATETIME_PATTERN.LENGTH",
        format!(
            "Unrecognized datetime pattern: {style}. Too many letters in datetime pattern: {style}. \
             Please reduce pattern length."
        ),
    )
    .with("pattern", style.to_owned())
}

const GUIDE: &str = "https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html";

pub(super) fn invalid_pattern(pattern: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Runtime,
        "INVALID_DATETIME_PATTERN.WITH_SUGGESTION",
        format!(
            "Unrecognized datetime pattern: '{pattern}'. You can form a valid datetime pattern \
             with the guide from '{GUIDE}'."
        ),
    )
    .with("pattern", format!("'{pattern}'"))
    .with("docroot", "https://spark.apache.org/docs/latest")
}

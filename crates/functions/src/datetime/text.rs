//! Between texts and datetimes by pattern: `date_format`, `from_unixtime`, `to_timestamp`, `to_date`,
//! `unix_timestamp` and their kin.

use super::format::{Moment, write_moment, write_simple};
use super::parse::parse_local;
use super::pattern::{Item, Purpose, invalid_pattern, parse_pattern};
use super::simple_date_format::SimplePattern;
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast, retyped};
use crate::implicit::{implicit, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use crate::wire::Name;
use arrow::array::ArrayRef;
use arrow::datatypes::{Date32Type, Int64Type, TimestampMicrosecondType};
use chrono::Datelike;
use datafusion_expr::{Expr, lit};
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType, TimeParser};
use serde::{Deserialize, Serialize};

const DEFAULT_PATTERN: &str = "yyyy-MM-dd HH:mm:ss";

/// A pattern as `spark.sql.legacy.timeParserPolicy` wants it read.
#[derive(Debug)]
enum Pattern {
    Current(Vec<Item>),
    Simple(SimplePattern),
}

impl Pattern {
    fn parse(pattern: &str, purpose: Purpose, parser: TimeParser) -> Result<Self> {
        if parser != TimeParser::Legacy {
            return Ok(Self::Current(parse_pattern(pattern, purpose)?));
        }
        SimplePattern::parse(pattern).map(Self::Simple).ok_or_else(|| invalid_pattern(pattern))
    }
}

/// The last pattern, read: most columns have one only.
#[derive(Debug)]
struct Patterns {
    purpose: Purpose,
    parser: TimeParser,
    last: Option<(String, Pattern)>,
}

impl Patterns {
    fn new(purpose: Purpose, parser: TimeParser) -> Self {
        Self { purpose, parser, last: None }
    }

    fn get(&mut self, pattern: &str) -> Result<&Pattern> {
        let last = match self.last.take() {
            Some((known, read)) if known == pattern => (known, read),
            _ => (pattern.to_owned(), Pattern::parse(pattern, self.purpose, self.parser)?),
        };
        Ok(&self.last.insert(last).1)
    }
}

/// `date_format(timestamp, pattern)`.
pub(crate) fn date_format(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let settings = call.settings;
    let args = call.implicit(&[SparkType::Timestamp, SparkType::string()])?;
    Ok(format_kernel("date_format", settings, 1, args))
}

/// `from_unixtime(seconds [, pattern])`.
pub(crate) fn from_unixtime(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let settings = call.settings;
    let mut args = call.implicit(&[SparkType::Long, SparkType::string()])?;
    if args.len() == 1 {
        args.push(lit(DEFAULT_PATTERN));
    }
    Ok(format_kernel("from_unixtime", settings, MICROS_PER_SECOND, args))
}

fn format_kernel(
    name: &'static str,
    settings: &SessionSettings,
    unit: i64,
    args: Vec<Expr>,
) -> Expr {
    let params = (settings.time_zone.clone(), unit, settings.time_parser);
    let kernel = FORMAT.named(name, params, &SparkType::string());
    kernel.nullable(Nullable::Propagate).call(args)
}

pub(super) static FORMAT: Kind<(String, i64, TimeParser)> =
    Kind::new("date_format", |params, input| {
        let (zone_name, unit, parser) = params;
        let zone = Zone::parse(zone_name)?;
        let formats = input.string(1)?;
        let instant: Box<dyn Fn(usize) -> Option<i64>> = if *unit == 1 {
            let instants = input.primitive::<TimestampMicrosecondType>(0)?;
            Box::new(move |row| at(instants, row))
        } else {
            let numbers = input.primitive::<Int64Type>(0)?;
            Box::new(move |row| at(numbers, row).map(|number| number.wrapping_mul(*unit)))
        };
        let mut patterns = Patterns::new(Purpose::Write, *parser);
        let mut text = String::new();
        let mut builder = arrow::array::StringBuilder::new();
        for row in 0..input.n_rows {
            let (Some(instant), Some(pattern)) = (instant(row), at(formats, row)) else {
                builder.append_null();
                continue;
            };
            text.clear();
            let moment = Moment::new(instant, zone, zone_name);
            match patterns.get(pattern)? {
                Pattern::Current(items) => write_moment(items, &moment, &mut text),
                Pattern::Simple(pattern) => write_simple(pattern, &moment, &mut text),
            }
            builder.append_value(&text);
        }
        Ok(std::sync::Arc::new(builder.finish()) as ArrayRef)
    });

/// What a text that does not fit the pattern becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Misfit {
    Null,
    /// An error that names the function to use instead.
    Error(Name),
}

/// What the parsed moment becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Target {
    Timestamp,
    TimestampNtz,
    Date,
    Seconds,
}

impl Target {
    fn spark_type(self) -> SparkType {
        match self {
            Target::Timestamp => SparkType::Timestamp,
            Target::TimestampNtz => SparkType::TimestampNtz,
            Target::Date => SparkType::Date,
            Target::Seconds => SparkType::Long,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Reading {
    target: Target,
    misfit: Misfit,
    zone_name: String,
    parser: TimeParser,
}

/// `to_timestamp(x [, pattern])` and its variants.
pub(crate) fn to_timestamp(call: Call<'_>) -> Result<Expr> {
    let target = match call.name {
        "to_timestamp_ltz" => Target::Timestamp,
        "to_timestamp_ntz" => Target::TimestampNtz,
        _ if call.settings.timestamp_ntz => Target::TimestampNtz,
        _ => Target::Timestamp,
    };
    convert(call, target)
}

/// `to_date(x [, pattern])`.
pub(crate) fn to_date(call: Call<'_>) -> Result<Expr> {
    convert(call, Target::Date)
}

fn convert(call: Call<'_>, target: Target) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    let attempt = name.starts_with("try_");
    let mode = if attempt { EvalMode::Try } else { EvalMode::of(settings) };
    let mut args = call.args.into_iter();
    let source =
        args.next().ok_or_else(|| SparkError::internal("to_timestamp without argument"))?;
    let found = source.spark_type()?;
    // Whatever is no point in time is read as text.
    let source = match target == Target::Date && (found.is_numeric() || found == SparkType::Boolean)
    {
        true => {
            let (text, nullable) = (SparkType::string(), source.field.is_nullable());
            retyped(cast(source, &text, mode, settings)?, &text, nullable)
        }
        false => source,
    };
    let by_pattern = source.spark_type()?.is_string();
    match args.next() {
        Some(pattern) if by_pattern => {
            let misfit = match (attempt, settings.ansi, target) {
                (false, true, Target::Date) => Misfit::Error(Name("try_to_date")),
                (false, true, _) => Misfit::Error(Name("try_to_timestamp")),
                _ => Misfit::Null,
            };
            let pattern = implicit(&name, 1, pattern, &SparkType::string(), settings)?;
            Ok(parse_kernel(source.expr, pattern, target, misfit, settings))
        }
        _ => cast(source, &target.spark_type(), mode, settings),
    }
}

/// `unix_timestamp([x [, pattern]])`, `to_unix_timestamp(x [, pattern])`: seconds since the epoch.
pub(crate) fn unix_timestamp(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    call.check_arity(usize::from(name == "to_unix_timestamp"), 2)?;
    let now = call.query_start_micros.div_euclid(MICROS_PER_SECOND);
    let mut args = call.args.into_iter();
    let Some(source) = args.next() else { return Ok(lit(now)) };
    let spark_type = source.spark_type()?;
    if spark_type.is_string() || spark_type == SparkType::Null {
        let text = implicit(&name, 0, source, &SparkType::string(), settings)?;
        let pattern = match args.next() {
            Some(pattern) => implicit(&name, 1, pattern, &SparkType::string(), settings)?,
            None => lit(DEFAULT_PATTERN),
        };
        let misfit =
            if settings.ansi { Misfit::Error(Name("try_to_timestamp")) } else { Misfit::Null };
        return Ok(parse_kernel(text, pattern, Target::Seconds, misfit, settings));
    }
    seconds_of(&name, source, settings)
}

fn seconds_of(name: &str, source: Arg, settings: &SessionSettings) -> Result<Expr> {
    if !matches!(
        source.spark_type()?,
        SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz
    ) {
        return Err(unexpected_type(
            name,
            0,
            &source,
            "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")",
        ));
    }
    let expr = implicit(name, 0, source, &SparkType::Timestamp, settings)?;
    let kernel = UNIX_TIMESTAMP.kernel((), &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

pub(super) static UNIX_TIMESTAMP: Kind<()> = Kind::new("unix_timestamp", |(), input| {
    let instants = input.primitive::<TimestampMicrosecondType>(0)?;
    input.primitives::<Int64Type>(|row| {
        // Towards zero, unlike `unix_seconds`: so does Spark.
        Ok(at(instants, row).map(|micros| micros / MICROS_PER_SECOND))
    })
});

fn parse_kernel(
    text: Expr,
    pattern: Expr,
    target: Target,
    misfit: Misfit,
    settings: &SessionSettings,
) -> Expr {
    let (zone_name, parser) = (settings.time_zone.clone(), settings.time_parser);
    let reading = Reading { target, misfit, zone_name, parser };
    let nullable = match misfit {
        Misfit::Null => Nullable::Always,
        Misfit::Error(_) => Nullable::Propagate,
    };
    PARSE.kernel(reading, &target.spark_type()).nullable(nullable).call(vec![text, pattern])
}

pub(super) static PARSE: Kind<Reading> = Kind::new("parse_datetime", evaluate);

fn evaluate(reading: &Reading, input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, formats) = (input.string(0)?, input.string(1)?);
    let session = Zone::parse(&reading.zone_name)?;
    let mut patterns = Patterns::new(Purpose::Read, reading.parser);
    let this_year = i64::from(chrono::Utc::now().year());
    let mut moment = |row: usize| -> Result<Option<(i64, Option<Zone>)>> {
        let (Some(text), Some(pattern)) = (at(texts, row), at(formats, row)) else {
            return Ok(None);
        };
        let found = match patterns.get(pattern)? {
            Pattern::Current(items) => {
                parse_local(items, text).map_err(|departure| departure.message(text))
            }
            Pattern::Simple(pattern) => {
                pattern.read(text, this_year).ok_or_else(|| format!("Unparseable date: \"{text}\""))
            }
        };
        match (found, reading.misfit) {
            (Ok(found), _) => Ok(Some(found)),
            (Err(_), _)
                if reading.parser == TimeParser::Exception
                    && SimplePattern::parse(pattern)
                        .is_some_and(|pattern| pattern.read(text, this_year).is_some()) =>
            {
                Err(read_before(text))
            }
            (Err(_), Misfit::Null) => Ok(None),
            (Err(message), Misfit::Error(Name(instead))) => Err(cannot_parse(message, instead)),
        }
    };
    let instant = |(local, zone): (i64, Option<Zone>)| zone.unwrap_or(session).to_utc(local);
    match reading.target {
        Target::Timestamp => {
            input.primitives::<TimestampMicrosecondType>(|row| Ok(moment(row)?.map(instant)))
        }
        Target::TimestampNtz => input
            .primitives::<TimestampMicrosecondType>(|row| Ok(moment(row)?.map(|(local, _)| local))),
        Target::Seconds => input.primitives::<Int64Type>(|row| {
            Ok(moment(row)?.map(|found| instant(found).div_euclid(MICROS_PER_SECOND)))
        }),
        Target::Date => input.primitives::<Date32Type>(|row| {
            Ok(moment(row)?
                .map(|found| session.to_local(instant(found)).div_euclid(MICROS_PER_DAY) as i32))
        }),
    }
}

/// Spark 2 would have read the text.
fn read_before(text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Upgrade,
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER",
        format!(
            "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to parse \
             '{text}' in the new parser. You can set \"spark.sql.legacy.timeParserPolicy\" to \
             \"LEGACY\" to restore the behavior before Spark 3.0, or set to \"CORRECTED\" and treat \
             it as an invalid datetime string."
        ),
    )
    .with("datetime", format!("'{text}'"))
    .with("config", "\"spark.sql.legacy.timeParserPolicy\"")
}

fn cannot_parse(message: String, instead: &str) -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "CANNOT_PARSE_TIMESTAMP",
        format!(
            "{message}. Use `{instead}` to tolerate invalid input string and return NULL instead."
        ),
    )
    .with("message", message)
    .with("func", format!("`{instead}`"))
}

/// A column of dates or timestamps as texts of a pattern (JSON and CSV output).
pub(crate) fn format_instants(
    column: &ArrayRef,
    zone_name: &str,
    pattern: &str,
) -> Result<ArrayRef> {
    let zone = Zone::parse(zone_name)?;
    let items = parse_pattern(pattern, Purpose::Write)?;
    let instants = super::wall_clock::local_micros(column, Zone::Fixed(0))?;
    let texts = instants.iter().map(|instant| {
        instant.map(|instant| {
            let mut text = String::new();
            write_moment(&items, &Moment::new(instant, zone, zone_name), &mut text);
            text
        })
    });
    Ok(std::sync::Arc::new(texts.collect::<arrow::array::StringArray>()))
}

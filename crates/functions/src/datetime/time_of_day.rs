//! Functions of the type `time`: differences, truncation, and numbers since midnight.

use super::parse::parse_local;
use super::pattern::{Item, Purpose, parse_pattern};
use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::implicit::implicit;
use crate::scalar_kernel::{Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND};
use arrow::datatypes::{Decimal128Type, Int64Type, Time64NanosecondType};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

const NANOS_PER_MICRO: i64 = 1_000;
const TIME: SparkType = SparkType::Time { precision: 6 };
/// A number of seconds with all the digits that a `time` has.
const SECONDS: SparkType = SparkType::Decimal { precision: 14, scale: 6 };

/// Nanoseconds of a unit that is shorter than a day.
fn unit_nanos(function: &str, name: &str) -> Result<i64> {
    let micros = match name.to_uppercase().as_str() {
        "HOUR" => 3_600 * MICROS_PER_SECOND,
        "MINUTE" => 60 * MICROS_PER_SECOND,
        "SECOND" => MICROS_PER_SECOND,
        "MILLISECOND" => 1_000,
        "MICROSECOND" => 1,
        _ => {
            return Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "INVALID_PARAMETER_VALUE.TIME_UNIT",
                format!(
                    "The value of parameter(s) `unit` in `{function}` is invalid: expects one of \
                     the units 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND', 'MICROSECOND', but got \
                     '{name}'."
                ),
            )
            .with("functionName", format!("`{function}`"))
            .with("parameter", "`unit`")
            .with("invalidValue", name));
        }
    };
    Ok(micros * NANOS_PER_MICRO)
}

/// `time_diff(unit, start, end)`: whole units, towards zero.
pub(crate) fn time_diff(call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 3)?;
    let args = call.implicit(&[SparkType::string(), TIME, TIME])?;
    let kernel = DIFF.kernel((), &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static DIFF: Kind<()> = Kind::new("time_diff", |(), input| {
    let units = input.string(0)?;
    let starts = input.primitive::<Time64NanosecondType>(1)?;
    let ends = input.primitive::<Time64NanosecondType>(2)?;
    input.primitives::<Int64Type>(|row| {
        let (Some(unit), Some(start), Some(end)) = (at(units, row), at(starts, row), at(ends, row))
        else {
            return Ok(None);
        };
        Ok(Some((end - start) / unit_nanos("time_diff", unit)?))
    })
});

/// `time_trunc(unit, time)`.
pub(crate) fn time_trunc(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [unit, time] = call.exactly()?;
    let result = match time.spark_type()? {
        found @ SparkType::Time { .. } => found,
        _ => TIME,
    };
    let args = vec![
        implicit("time_trunc", 0, unit, &SparkType::string(), settings)?,
        implicit("time_trunc", 1, time, &result, settings)?,
    ];
    let kernel = TRUNC.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static TRUNC: Kind<()> = Kind::new("time_trunc", |(), input| {
    let (units, times) = (input.string(0)?, input.primitive::<Time64NanosecondType>(1)?);
    input.primitives::<Time64NanosecondType>(|row| {
        let (Some(unit), Some(time)) = (at(units, row), at(times, row)) else {
            return Ok(None);
        };
        Ok(Some(time - time % unit_nanos("time_trunc", unit)?))
    })
});

/// `to_time(text, pattern)` and `try_to_time(text, pattern)`, which answers with null.
pub(crate) fn to_time_by_pattern(call: Call<'_>) -> Result<Expr> {
    let attempt = call.name.starts_with("try_");
    let args = call.implicit(&[SparkType::string(), SparkType::string()])?;
    let kernel = BY_PATTERN.kernel(attempt, &TIME);
    Ok(kernel.call(args))
}

pub(super) static BY_PATTERN: Kind<bool> = Kind::new("to_time_by_pattern", |attempt, input| {
    let (texts, patterns) = (input.string(0)?, input.string(1)?);
    // Nearly always one pattern for all rows.
    let mut known: Option<(String, Vec<Item>)> = None;
    input.primitives::<Time64NanosecondType>(|row| {
        let (Some(text), Some(pattern)) = (at(texts, row), at(patterns, row)) else {
            return Ok(None);
        };
        if known.as_ref().is_none_or(|(last, _)| last != pattern) {
            known = Some((pattern.to_owned(), parse_pattern(pattern, Purpose::Read)?));
        }
        let items = known.as_ref().map_or(&[][..], |(_, items)| items);
        match parse_local(items, text) {
            Ok((local, _)) => Ok(Some(local.rem_euclid(MICROS_PER_DAY) * NANOS_PER_MICRO)),
            Err(_) if *attempt => Ok(None),
            Err(_) => Err(cannot_parse(text, pattern)),
        }
    })
});

fn cannot_parse(text: &str, pattern: &str) -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "CANNOT_PARSE_TIME",
        format!(
            "The input string '{text}' cannot be parsed to a TIME value because it does not match to \
             the datetime format '{pattern}'."
        ),
    )
    .with("input", format!("'{text}'"))
    .with("format", format!("'{pattern}'"))
}

/// `time_to_seconds(time)`, with the fraction.
pub(crate) fn time_to_seconds(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[TIME])?;
    let kernel = TO_SECONDS.kernel((), &SECONDS);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static TO_SECONDS: Kind<()> = Kind::new("time_to_seconds", |(), input| {
    let times = input.primitive::<Time64NanosecondType>(0)?;
    input.primitives::<Decimal128Type>(|row| {
        Ok(at(times, row).map(|nanos| i128::from(nanos / NANOS_PER_MICRO)))
    })
});

/// `time_to_millis(time)` and `time_to_micros(time)`.
pub(crate) fn time_to_whole(call: Call<'_>, micros_per_unit: i64) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[TIME])?;
    let kernel = TO_WHOLE.kernel(micros_per_unit, &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static TO_WHOLE: Kind<i64> = Kind::new("time_to_whole", |unit, input| {
    let times = input.primitive::<Time64NanosecondType>(0)?;
    input.primitives::<Int64Type>(|row| {
        Ok(at(times, row).map(|nanos| nanos / NANOS_PER_MICRO / unit))
    })
});

/// `time_from_seconds(number)`; parts of a second count.
pub(crate) fn time_from_seconds(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [seconds] = call.exactly()?;
    let wide = SparkType::Decimal { precision: 38, scale: 6 };
    let args = vec![cast(seconds, &wide, EvalMode::of(settings), settings)?];
    let kernel = FROM_SECONDS.kernel((), &TIME);
    Ok(kernel.call(args))
}

pub(super) static FROM_SECONDS: Kind<()> = Kind::new("time_from_seconds", |(), input| {
    let seconds = input.primitive::<Decimal128Type>(0)?;
    input.primitives::<Time64NanosecondType>(|row| {
        at(seconds, row).map(|micros| of_micros("time_from_seconds", micros)).transpose()
    })
});

/// `time_from_millis(number)` and `time_from_micros(number)`.
pub(crate) fn time_from_whole(call: Call<'_>, micros_per_unit: i64) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::Long])?;
    let kernel = FROM_WHOLE.kernel(micros_per_unit, &TIME);
    Ok(kernel.call(args))
}

pub(super) static FROM_WHOLE: Kind<i64> = Kind::new("time_from_whole", |unit, input| {
    let numbers = input.primitive::<Int64Type>(0)?;
    let function = if *unit == 1 { "time_from_micros" } else { "time_from_millis" };
    input.primitives::<Time64NanosecondType>(|row| {
        at(numbers, row)
            .map(|number| of_micros(function, i128::from(number) * i128::from(*unit)))
            .transpose()
    })
});

fn of_micros(function: &str, micros: i128) -> Result<i64> {
    match i64::try_from(micros) {
        Ok(micros) if (0..MICROS_PER_DAY).contains(&micros) => Ok(micros * NANOS_PER_MICRO),
        _ => {
            let message = format!("Invalid value for {function}: {micros} microseconds");
            Err(SparkError::new(
                ErrorKind::DateTime,
                "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
                format!("{message}."),
            )
            .with("rangeMessage", message))
        }
    }
}

//! Functions that move dates or measure between them: `date_add`, `datediff`, `add_months`,
//! `months_between`, `last_day`, `next_day`, `timestampadd`, `timestampdiff`.

use super::calendar::{Civil, to_date, weekday, weekday_of_name};
use super::wall_clock::{local_micros, wall_clock};
use crate::call::{Arg, Call};
use crate::implicit::{implicit, literal_boolean, literal_text, not_foldable, unexpected_type};
use crate::scalar_kernel::{Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use arrow::array::ArrayRef;
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

/// What a number of days may be, as Spark words it.
pub(crate) const DAYS: &str = "(\"INT\" or \"SMALLINT\" or \"TINYINT\")";

pub(crate) fn is_days(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Integer | SparkType::Short | SparkType::Byte)
}

/// `date_add(date, n)`, `date_sub(date, n)`; with three arguments `dateadd(unit, n, timestamp)`.
pub(crate) fn date_add(call: Call<'_>, sign: i32) -> Result<Expr> {
    if call.args.len() == 3 && sign > 0 {
        return timestamp_add(call);
    }
    call.check_arity(2, 2)?;
    let days = call.args[1].spark_type()?;
    if days.is_numeric() && !is_days(&days) {
        return Err(unexpected_type(call.name, 1, &call.args[1], DAYS));
    }
    if days.is_string() && !call.settings.ansi && call.args[1].literal().is_none() {
        return Err(unexpected_type(call.name, 1, &call.args[1], DAYS));
    }
    let args = call.implicit(&[SparkType::Date, SparkType::Integer])?;
    let kernel = DATE_ADD.kernel(sign, &SparkType::Date);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static DATE_ADD: Kind<i32> = Kind::new("date_add", |sign, input| {
    let (dates, days) = (input.primitive::<Date32Type>(0)?, input.primitive::<Int32Type>(1)?);
    input.primitives::<Date32Type>(|row| {
        let (Some(date), Some(days)) = (at(dates, row), at(days, row)) else {
            return Ok(None);
        };
        Ok(Some(date.wrapping_add(days.wrapping_mul(*sign))))
    })
});

/// `datediff(end, start)`; with three arguments `datediff(unit, start, end)`.
pub(crate) fn date_diff(call: Call<'_>) -> Result<Expr> {
    if call.args.len() == 3 {
        return timestamp_diff(call);
    }
    call.check_arity(2, 2)?;
    let args = call.implicit(&[SparkType::Date, SparkType::Date])?;
    let kernel = DATE_DIFF.kernel((), &SparkType::Integer);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static DATE_DIFF: Kind<()> = Kind::new("datediff", |(), input| {
    let (end, start) = (input.primitive::<Date32Type>(0)?, input.primitive::<Date32Type>(1)?);
    input.primitives::<Int32Type>(|row| match (at(end, row), at(start, row)) {
        (Some(end), Some(start)) => Ok(Some(end.wrapping_sub(start))),
        _ => Ok(None),
    })
});

pub(crate) fn add_months(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let args = call.implicit(&[SparkType::Date, SparkType::Integer])?;
    let kernel = ADD_MONTHS.kernel((), &SparkType::Date);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static ADD_MONTHS: Kind<()> = Kind::new("add_months", |(), input| {
    let (dates, months) = (input.primitive::<Date32Type>(0)?, input.primitive::<Int32Type>(1)?);
    input.primitives::<Date32Type>(|row| match (at(dates, row), at(months, row)) {
        (Some(date), Some(months)) => {
            let moved = Civil::from_days(i64::from(date)).plus_months(i64::from(months));
            to_date(moved.to_days()).map(Some)
        }
        _ => Ok(None),
    })
});

pub(crate) fn last_day(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::Date])?;
    let kernel = LAST_DAY.kernel((), &SparkType::Date);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static LAST_DAY: Kind<()> = Kind::new("last_day", |(), input| {
    let dates = input.primitive::<Date32Type>(0)?;
    input.primitives::<Date32Type>(|row| match at(dates, row) {
        Some(date) => {
            let civil = Civil { day: 31, ..Civil::from_days(i64::from(date)) };
            to_date(civil.plus_months(0).to_days()).map(Some)
        }
        None => Ok(None),
    })
});

/// `next_day(date, 'Mon')`: the first such day after the date.
pub(crate) fn next_day(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let ansi = call.settings.ansi;
    let args = call.implicit(&[SparkType::Date, SparkType::string()])?;
    let kernel = NEXT_DAY.kernel(ansi, &SparkType::Date);
    Ok(kernel.call(args))
}

pub(super) static NEXT_DAY: Kind<bool> = Kind::new("next_day", |ansi, input| {
    let (dates, names) = (input.primitive::<Date32Type>(0)?, input.string(1)?);
    input.primitives::<Date32Type>(|row| {
        let (Some(date), Some(name)) = (at(dates, row), at(names, row)) else {
            return Ok(None);
        };
        match weekday_of_name(name) {
            Some(day) => {
                let ahead = (day - weekday(i64::from(date)) - 1).rem_euclid(7) + 1;
                to_date(i64::from(date) + ahead).map(Some)
            }
            None if *ansi => Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "ILLEGAL_DAY_OF_WEEK",
                format!("Illegal input for day of week: {name}."),
            )
            .with("string", name)),
            None => Ok(None),
        }
    })
});

/// `months_between(later, earlier [, roundOff])`.
pub(crate) fn months_between(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let (name, settings) = ("months_between", call.settings);
    let zone = Zone::parse(&settings.time_zone)?;
    let round = match call.args.get(2) {
        None => true,
        Some(arg) => literal_boolean(arg).ok_or_else(|| not_foldable(name, "roundOff"))?,
    };
    let mut args = call.implicit(&[SparkType::Timestamp, SparkType::Timestamp])?;
    args.truncate(2);
    let kernel = MONTHS_BETWEEN.named(name, (zone, round), &SparkType::Double);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static MONTHS_BETWEEN: Kind<(Zone, bool)> =
    Kind::new("months_between", |(zone, round), input| {
        let later = input.primitive::<TimestampMicrosecondType>(0)?;
        let earlier = input.primitive::<TimestampMicrosecondType>(1)?;
        // A day and the time that has passed since it began: less than the clock shows where the
        // clock was set forward.
        let split = |instant: i64| {
            let days = zone.to_local(instant).div_euclid(MICROS_PER_DAY);
            let passed = instant - zone.to_utc(days * MICROS_PER_DAY);
            (Civil::from_days(days), passed.div_euclid(MICROS_PER_SECOND))
        };
        input.primitives::<Float64Type>(|row| match (at(later, row), at(earlier, row)) {
            (Some(later), Some(earlier)) => Ok(Some(months(split(later), split(earlier), *round))),
            _ => Ok(None),
        })
    });

/// Whole months when both are on the same day of the month or on its last day; otherwise the rest
/// counts as part of a month of 31 days.
fn months((a, a_seconds): (Civil, i64), (b, b_seconds): (Civil, i64), round: bool) -> f64 {
    let whole = (a.year - b.year) * 12 + i64::from(a.month) - i64::from(b.month);
    if a.day == b.day || (a.is_last_of_month() && b.is_last_of_month()) {
        return whole as f64;
    }
    let rest = (i64::from(a.day) - i64::from(b.day)) * 86_400 + a_seconds - b_seconds;
    let exact = whole as f64 + rest as f64 / (31 * 86_400) as f64;
    if round { (exact * 1e8).round() / 1e8 } else { exact }
}

/// Units of `timestampadd`, `timestampdiff` and `date_trunc`'s larger kin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Unit {
    /// So many microseconds of the time line.
    Micros(i64),
    /// So many days of the calendar.
    Days(i64),
    Months(i64),
}

fn unit(function: &str, arg: &Arg) -> Result<Unit> {
    let name = match (literal_text(arg), &arg.expr) {
        (Some(text), _) => text,
        (None, Expr::Column(column)) => column.name.clone(),
        _ => return Err(not_foldable(function, "unit")),
    };
    Ok(match name.to_uppercase().as_str() {
        "MICROSECOND" => Unit::Micros(1),
        "MILLISECOND" => Unit::Micros(1_000),
        "SECOND" => Unit::Micros(MICROS_PER_SECOND),
        "MINUTE" => Unit::Micros(60 * MICROS_PER_SECOND),
        "HOUR" => Unit::Micros(3_600 * MICROS_PER_SECOND),
        "DAY" | "DAYOFYEAR" => Unit::Days(1),
        "WEEK" => Unit::Days(7),
        "MONTH" => Unit::Months(1),
        "QUARTER" => Unit::Months(3),
        "YEAR" => Unit::Months(12),
        _ => {
            return Err(SparkError::analysis(
                "INVALID_PARAMETER_VALUE.DATETIME_UNIT",
                format!(
                    "The value of parameter(s) `unit` in `{function}` is invalid: expects one of \
                     the units without quotes YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFYEAR, HOUR, \
                     MINUTE, SECOND, MILLISECOND, MICROSECOND, but got the string literal '{name}'."
                ),
            )
            .with("functionName", format!("`{function}`"))
            .with("parameter", "`unit`")
            .with("invalidValue", format!("'{name}'")));
        }
    })
}

/// `timestampadd(unit, quantity, timestamp)`.
pub(crate) fn timestamp_add(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [unit_arg, quantity, source] = call.exactly()?;
    let unit = unit(&name, &unit_arg)?;
    let quantity = implicit(&name, 1, quantity, &SparkType::Long, settings)?;
    let (source, zone, result) = timestamp(&name, source, settings)?;
    let kernel = TIMESTAMP_ADD.kernel((unit, zone), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![quantity, source]))
}

pub(super) static TIMESTAMP_ADD: Kind<(Unit, Zone)> =
    Kind::new("timestampadd", |(unit, zone), input| {
        let quantities = input.primitive::<Int64Type>(0)?;
        let instants = input.primitive::<TimestampMicrosecondType>(1)?;
        input.primitives::<TimestampMicrosecondType>(|row| {
            let (Some(quantity), Some(instant)) = (at(quantities, row), at(instants, row)) else {
                return Ok(None);
            };
            let moved = match unit {
                Unit::Micros(size) => {
                    quantity.checked_mul(*size).and_then(|by| instant.checked_add(by))
                }
                Unit::Days(size) => {
                    quantity.checked_mul(*size).and_then(|days| plus_days(instant, days, *zone))
                }
                Unit::Months(size) => quantity
                    .checked_mul(*size)
                    .and_then(|months| plus_months(instant, months, *zone)),
            };
            moved.map(Some).ok_or_else(datetime_overflow)
        })
    });

fn timestamp(
    name: &str,
    source: Arg,
    settings: &firesteel_common::SessionSettings,
) -> Result<(Expr, Zone, SparkType)> {
    let source = match source.spark_type()? {
        SparkType::Date => {
            let expr = implicit(name, 2, source, &SparkType::Timestamp, settings)?;
            return Ok((expr, Zone::parse(&settings.time_zone)?, SparkType::Timestamp));
        }
        _ => source,
    };
    wall_clock(name, 2, source, &SparkType::Timestamp, settings)
}

/// `timestampdiff(unit, start, end)`: whole units between the two wall clocks.
pub(crate) fn timestamp_diff(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [unit_arg, start, end] = call.exactly()?;
    let unit = unit(&name, &unit_arg)?;
    let (start, start_zone, _) = wall_clock(&name, 1, start, &SparkType::Timestamp, settings)?;
    let (end, end_zone, _) = wall_clock(&name, 2, end, &SparkType::Timestamp, settings)?;
    let params = (unit, start_zone, end_zone);
    let kernel = TIMESTAMP_DIFF.kernel(params, &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![start, end]))
}

pub(super) static TIMESTAMP_DIFF: Kind<(Unit, Zone, Zone)> =
    Kind::new("timestampdiff", |params, input| {
        let (unit, start_zone, end_zone) = params;
        let starts = local_micros(&input.args[0], *start_zone)?;
        let ends = local_micros(&input.args[1], *end_zone)?;
        input.primitives::<Int64Type>(|row| match (at(&starts, row), at(&ends, row)) {
            (Some(start), Some(end)) => Ok(Some(match unit {
                Unit::Micros(size) => (end - start) / size,
                Unit::Days(size) => (end - start) / MICROS_PER_DAY / size,
                Unit::Months(size) => whole_months(start, end) / size,
            })),
            _ => Ok(None),
        })
    });

fn whole_months(start: i64, end: i64) -> i64 {
    let position = |micros: i64| {
        let civil = Civil::from_days(micros.div_euclid(MICROS_PER_DAY));
        (civil.year * 12 + i64::from(civil.month), civil.day)
    };
    // As `java.time` does it: a day that is not complete is taken from the end first, and only days
    // of the month are compared then.
    let in_day = |micros: i64| micros.rem_euclid(MICROS_PER_DAY);
    let end = match (end >= start, in_day(end).cmp(&in_day(start))) {
        (true, std::cmp::Ordering::Less) => end - MICROS_PER_DAY,
        (false, std::cmp::Ordering::Greater) => end + MICROS_PER_DAY,
        _ => end,
    };
    let ((start_month, start_rest), (end_month, end_rest)) = (position(start), position(end));
    let months = end_month - start_month;
    // A month that is not complete does not count, in either direction.
    if months > 0 && end_rest < start_rest {
        months - 1
    } else if months < 0 && end_rest > start_rest {
        months + 1
    } else {
        months
    }
}

/// So many days later on the wall clock of `zone`.
pub(crate) fn plus_days(instant: i64, days: i64, zone: Zone) -> Option<i64> {
    if days == 0 {
        return Some(instant);
    }
    let local = zone.to_local(instant).checked_add(days.checked_mul(MICROS_PER_DAY)?)?;
    Some(zone.to_utc(local))
}

/// So many months later on the wall clock of `zone`.
pub(crate) fn plus_months(instant: i64, months: i64, zone: Zone) -> Option<i64> {
    if months == 0 {
        return Some(instant);
    }
    let local = zone.to_local(instant);
    let civil = Civil::from_days(local.div_euclid(MICROS_PER_DAY));
    // Years that a timestamp can hold are far from the limits of 64 bits.
    if months.abs() > 12 * 600_000 {
        return None;
    }
    let days = civil.plus_months(months).to_days();
    let moved = days.checked_mul(MICROS_PER_DAY)?.checked_add(local.rem_euclid(MICROS_PER_DAY))?;
    Some(zone.to_utc(moved))
}

pub(crate) fn datetime_overflow() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "DATETIME_OVERFLOW",
        "Datetime operation overflow: the result is outside of what a timestamp can hold.",
    )
}

/// `unix_date(d)`.
pub(crate) fn unix_date(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::Date])?;
    let kernel = UNIX_DATE.kernel((), &SparkType::Integer);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static UNIX_DATE: Kind<()> = Kind::new("unix_date", |(), input| {
    let dates = input.primitive::<Date32Type>(0)?;
    Ok(std::sync::Arc::new(dates.unary::<_, Int32Type>(|days| days)) as ArrayRef)
});

/// `date_from_unix_date(n)`.
pub(crate) fn date_from_unix_date(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let args = call.implicit(&[SparkType::Integer])?;
    let kernel = DATE_FROM_UNIX_DATE.kernel((), &SparkType::Date);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static DATE_FROM_UNIX_DATE: Kind<()> = Kind::new("date_from_unix_date", |(), input| {
    let days = input.primitive::<Int32Type>(0)?;
    Ok(std::sync::Arc::new(days.unary::<_, Date32Type>(|days| days)) as ArrayRef)
});

//! Arithmetic with dates, timestamps and intervals.

use super::arithmetic::{Op, wrong_types};
use super::decimal_arithmetic::round_to;
use crate::call::Arg;
use crate::cast::datetime_text::{civil_from_days, days_from_civil, days_in_month};
use crate::cast::{EvalMode, cast, retyped};
use crate::coercion::common_type;
use crate::columns::{get, primitives, primitives_as};
use crate::datetime::DAYS;
use crate::faults;
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind, Nullable};
use crate::time_zone::{MICROS_PER_DAY, Zone};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float64Type, Int64Type,
    IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType};
use serde::{Deserialize, Serialize};

fn is_time(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz)
}

fn is_clock(data_type: &SparkType) -> bool {
    matches!(data_type, SparkType::Time { .. })
}

fn is_interval(data_type: &SparkType) -> bool {
    matches!(
        data_type,
        SparkType::YearMonthInterval { .. }
            | SparkType::DayTimeInterval { .. }
            | SparkType::CalendarInterval
    )
}

/// Whether one side is a point in time or an interval.
pub(super) fn applies(left: &SparkType, right: &SparkType) -> bool {
    [left, right]
        .into_iter()
        .any(|data_type| is_time(data_type) || is_interval(data_type) || is_clock(data_type))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    op: Op,
    mode: EvalMode,
    zone: Zone,
    left: SparkType,
    right: SparkType,
}

pub(super) fn build(
    left: Arg,
    right: Arg,
    op: Op,
    mode: EvalMode,
    settings: &SessionSettings,
) -> Result<Expr> {
    use SparkType::{
        CalendarInterval, Date, DayTimeInterval, Decimal, Double, Integer, Long, Timestamp,
        TimestampNtz, YearMonthInterval,
    };
    let types = (left.spark_type()?, right.spark_type()?);
    let bring = |arg: Arg, target: &SparkType| -> Result<Arg> {
        let nullable = arg.field.is_nullable();
        Ok(retyped(cast(arg, target, EvalMode::of(settings), settings)?, target, nullable))
    };
    // The interval stands right of the point in time, the number right of the interval.
    let (left, right, types) = match (&types, op) {
        ((a, b), Op::Add) if !is_time(a) && is_time(b) => (right, left, (b.clone(), a.clone())),
        ((a, b), Op::Add) if is_interval(a) && is_clock(b) => (right, left, (b.clone(), a.clone())),
        ((a, b), Op::Add) if is_interval(a) && b.is_string() => {
            (right, left, (b.clone(), a.clone()))
        }
        ((a, b), Op::Multiply) if !is_interval(a) && is_interval(b) => {
            (right, left, (b.clone(), a.clone()))
        }
        _ => (left, right, types),
    };
    let call =
        |left: Arg, right: Arg, result: SparkType, kind: &'static Kind<Params>| -> Result<Expr> {
            let nullable = left.field.is_nullable() || right.field.is_nullable();
            let params = Params {
                op,
                mode,
                zone: Zone::parse(&settings.time_zone)?,
                left: left.spark_type()?,
                right: right.spark_type()?,
            };
            let nullable =
                if nullable || mode == EvalMode::Try { Nullable::Always } else { Nullable::Never };
            let kernel = kind.named(op.symbol(), params, &result).nullable(nullable);
            Ok(kernel.call(vec![left.expr, right.expr]))
        };
    match (&types, op) {
        ((SparkType::Null, other), _) | ((other, SparkType::Null), _)
            if is_interval(other)
                || ((is_time(other) || is_clock(other)) && op == Op::Subtract) =>
        {
            let other = other.clone();
            let (left, right) = (bring(left, &other)?, bring(right, &other)?);
            build(left, right, op, mode, settings)
        }
        ((Date, other), Op::Add | Op::Subtract)
            if matches!(other, Integer | SparkType::Short | SparkType::Byte | SparkType::Null) =>
        {
            let right = bring(right, &Integer)?;
            call(left, right, Date, &DATE_AND_DAYS)
        }
        ((Date, other), Op::Add) if other.is_string() || other.is_numeric() || is_clock(other) => {
            Err(unexpected_type("date_add", 1, &right, DAYS))
        }
        ((Date, other), Op::Subtract) if other.is_numeric() => {
            Err(unexpected_type("date_sub", 1, &right, DAYS))
        }
        ((Date, DayTimeInterval { start: 0, end: 0 }), Op::Add | Op::Subtract) => {
            call(left, right, Date, &DATE_AND_INTERVAL)
        }
        ((Date, DayTimeInterval { .. }), Op::Add | Op::Subtract) => {
            let left = bring(left, &Timestamp)?;
            call(left, right, Timestamp, &TIME_AND_INTERVAL)
        }
        ((Date, YearMonthInterval { .. } | CalendarInterval), Op::Add | Op::Subtract) => {
            call(left, right, Date, &DATE_AND_INTERVAL)
        }
        (
            (
                Timestamp | TimestampNtz,
                YearMonthInterval { .. } | DayTimeInterval { .. } | CalendarInterval,
            ),
            Op::Add | Op::Subtract,
        ) => {
            let result = types.0.clone();
            call(left, right, result, &TIME_AND_INTERVAL)
        }
        ((SparkType::Time { .. }, DayTimeInterval { .. }), Op::Add | Op::Subtract) => {
            let result = types.0.clone();
            call(left, right, result, &CLOCK_AND_INTERVAL)
        }
        ((SparkType::Time { .. }, SparkType::Time { .. }), Op::Subtract) => {
            call(left, right, DayTimeInterval { start: 1, end: 3 }, &CLOCKS_APART)
        }
        (
            (YearMonthInterval { .. }, YearMonthInterval { .. })
            | (DayTimeInterval { .. }, DayTimeInterval { .. }),
            Op::IntegralDivide,
        ) => call(left, right, Long, &QUOTIENT),
        ((Date, Date), Op::Subtract) => {
            call(left, right, DayTimeInterval { start: 0, end: 0 }, &DATES_APART)
        }
        ((a, b), Op::Subtract)
            if (is_time(a) && (is_time(b) || b.is_string())) || (a.is_string() && is_time(b)) =>
        {
            let target = match common_type(a, b, settings) {
                Some(Date) => Date,
                Some(TimestampNtz) => TimestampNtz,
                _ if (*a == Date && b.is_string()) || (*b == Date && a.is_string()) => Date,
                _ => Timestamp,
            };
            let (left, right) = (bring(left, &target)?, bring(right, &target)?);
            if target == Date {
                return call(left, right, DayTimeInterval { start: 0, end: 0 }, &DATES_APART);
            }
            call(left, right, SparkType::day_time_interval(), &TIMES_APART)
        }
        ((a, b), Op::Add | Op::Subtract) if is_interval(a) && is_interval(b) => {
            let Some(target) = common_type(a, b, settings) else {
                return Err(wrong_types(&left, &right, &types, op));
            };
            let (left, right) = (bring(left, &target)?, bring(right, &target)?);
            let kind = match target {
                YearMonthInterval { .. } => &SUM_MONTHS,
                DayTimeInterval { .. } => &SUM_MICROS,
                _ => &SUM_CALENDAR,
            };
            call(left, right, target, kind)
        }
        // A string beside an interval is read as a timestamp; the answer is a string again.
        ((a, b), Op::Add | Op::Subtract) if a.is_string() && is_interval(b) => {
            let left = bring(left, &Timestamp)?;
            let moved = call(left, right, Timestamp, &TIME_AND_INTERVAL)?;
            let mode = EvalMode::of(settings);
            cast(retyped(moved, &Timestamp, true), &SparkType::string(), mode, settings)
        }
        ((YearMonthInterval { .. } | DayTimeInterval { .. }, b), Op::Multiply | Op::Divide)
            if b.is_numeric() || b.is_string() =>
        {
            let result = match types.0 {
                YearMonthInterval { .. } => SparkType::year_month_interval(),
                _ => SparkType::day_time_interval(),
            };
            let target = match b {
                Decimal { .. } => b.clone(),
                _ if b.is_integral() => Long,
                _ => Double,
            };
            let right = bring(right, &target)?;
            call(left, right, result, &SCALED)
        }
        ((CalendarInterval, b), Op::Multiply | Op::Divide) if b.is_numeric() || b.is_string() => {
            let right = bring(right, &Double)?;
            call(left, right, CalendarInterval, &SCALED_CALENDAR)
        }
        _ => Err(wrong_types(&left, &right, &types, op)),
    }
}

pub(super) static SCALED_CALENDAR: Kind<Params> =
    Kind::new("temporal.scaled_calendar", scaled_calendar);
pub(super) static DATE_AND_DAYS: Kind<Params> = Kind::new("temporal.date_and_days", date_and_days);
pub(super) static DATE_AND_INTERVAL: Kind<Params> =
    Kind::new("temporal.date_and_interval", date_and_interval);
pub(super) static TIME_AND_INTERVAL: Kind<Params> =
    Kind::new("temporal.time_and_interval", time_and_interval);
pub(super) static CLOCK_AND_INTERVAL: Kind<Params> =
    Kind::new("temporal.clock_and_interval", clock_and_interval);
pub(super) static DATES_APART: Kind<Params> = Kind::new("temporal.dates_apart", dates_apart);
pub(super) static TIMES_APART: Kind<Params> = Kind::new("temporal.times_apart", times_apart);
pub(super) static CLOCKS_APART: Kind<Params> = Kind::new("temporal.clocks_apart", clocks_apart);
pub(super) static QUOTIENT: Kind<Params> = Kind::new("temporal.quotient", quotient);
pub(super) static SCALED: Kind<Params> = Kind::new("temporal.scaled", scaled);
pub(super) static SUM_MONTHS: Kind<Params> = Kind::new("temporal.sum_months", sum_months);
pub(super) static SUM_MICROS: Kind<Params> = Kind::new("temporal.sum_micros", sum_micros);
pub(super) static SUM_CALENDAR: Kind<Params> = Kind::new("temporal.sum_calendar", sum_calendar);

fn overflow() -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "DATETIME_OVERFLOW",
        "Datetime operation overflow: the result is out of range.",
    )
    .with("operation", "the result is out of range")
}

/// What Java's exact arithmetic throws, which Spark passes on.
fn java_overflow(message: &str) -> SparkError {
    SparkError::new(ErrorKind::Arithmetic, "", message)
}

fn interval_overflow(tolerant: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION",
        format!(
            "Integer overflow while operating with intervals. Use `{tolerant}` to tolerate \
             overflow and return NULL instead."
        ),
    )
    .with("functionName", format!("`{tolerant}`"))
}

/// The answer, or what an overflow means in this mode.
fn settled<T>(
    value: Option<T>,
    mode: EvalMode,
    error: impl FnOnce() -> SparkError,
) -> Result<Option<T>> {
    match value {
        Some(value) => Ok(Some(value)),
        None if mode == EvalMode::Try => Ok(None),
        None => Err(error()),
    }
}

/// The same day of another month, or that month's last day.
fn plus_months(days: i64, months: i64) -> Option<i64> {
    let (year, month, day) = civil_from_days(days);
    let total = year * 12 + i64::from(month) - 1 + months;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
    days_from_civil(year, month, day.min(days_in_month(year, month)))
}

/// Months, days and microseconds of row `row` of an interval column.
fn interval_at(
    input: &Input<'_>,
    position: usize,
    data_type: &SparkType,
    row: usize,
) -> Result<Option<(i64, i64, i64)>> {
    Ok(match data_type {
        SparkType::YearMonthInterval { .. } => {
            let months = input.numbers::<IntervalYearMonthType>(position)?;
            get!(months, row).map(|months| (i64::from(months), 0, 0))
        }
        SparkType::DayTimeInterval { .. } => {
            let micros = input.numbers::<DurationMicrosecondType>(position)?;
            get!(micros, row).map(|micros| (0, micros / MICROS_PER_DAY, micros % MICROS_PER_DAY))
        }
        _ => {
            let values = input.numbers::<IntervalMonthDayNanoType>(position)?;
            get!(values, row).map(|value| {
                (i64::from(value.months), i64::from(value.days), value.nanoseconds / 1000)
            })
        }
    })
}

fn date_and_days(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (dates, days) = (input.numbers::<Date32Type>(0)?, input.ints(1)?);
    let sign = if params.op == Op::Subtract { -1 } else { 1 };
    primitives::<Date32Type>(input.n_rows, |row| {
        let (Some(date), Some(days)) = (get!(dates, row), get!(days, row)) else { return Ok(None) };
        // Unchecked in Spark too.
        Ok(Some(date.wrapping_add(days.wrapping_mul(sign))))
    })
}

fn date_and_interval(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let dates = input.numbers::<Date32Type>(0)?;
    let sign = if params.op == Op::Subtract { -1 } else { 1 };
    primitives::<Date32Type>(input.n_rows, |row| {
        let interval = interval_at(input, 1, &params.right, row)?;
        let (Some(date), Some((months, days, _))) = (get!(dates, row), interval) else {
            return Ok(None);
        };
        let moved = plus_months(i64::from(date), sign * months).map(|date| date + sign * days);
        settled(moved.and_then(|date| i32::try_from(date).ok()), params.mode, || {
            faults::arithmetic_overflow("integer overflow", "")
        })
    })
}

/// Months and days move the wall clock of the session's zone, the rest moves the instant.
fn time_and_interval(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let times = input.numbers::<TimestampMicrosecondType>(0)?;
    let sign = if params.op == Op::Subtract { -1 } else { 1 };
    let zone = if params.left == SparkType::TimestampNtz { Zone::Fixed(0) } else { params.zone };
    primitives_as::<TimestampMicrosecondType>(input.result, input.n_rows, |row| {
        let interval = interval_at(input, 1, &params.right, row)?;
        let (Some(time), Some((months, days, micros))) = (get!(times, row), interval) else {
            return Ok(None);
        };
        let moved = if months == 0 && days == 0 {
            Some(time)
        } else {
            let local = zone.to_local(time);
            plus_months(local.div_euclid(MICROS_PER_DAY), sign * months)
                .and_then(|date| date.checked_add(sign * days)?.checked_mul(MICROS_PER_DAY))
                .and_then(|midnight| midnight.checked_add(local.rem_euclid(MICROS_PER_DAY)))
                .map(|local| (local, zone.to_utc(local)))
                .filter(|(local, utc)| {
                    // Beyond the last instant the zone's offset wraps round.
                    local.checked_sub(*utc).is_some_and(|by| by.abs() <= 2 * MICROS_PER_DAY)
                })
                .map(|(_, utc)| utc)
        };
        let moved = moved.and_then(|time| time.checked_add(sign * micros));
        settled(moved, params.mode, || java_overflow("long overflow"))
    })
}

/// A time of day does not go round midnight.
fn clock_and_interval(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let clocks = input.numbers::<Time64NanosecondType>(0)?;
    let sign = if params.op == Op::Subtract { -1 } else { 1 };
    primitives_as::<Time64NanosecondType>(input.result, input.n_rows, |row| {
        let interval = interval_at(input, 1, &params.right, row)?;
        let (Some(clock), Some((_, days, micros))) = (get!(clocks, row), interval) else {
            return Ok(None);
        };
        let moved = days
            .checked_mul(MICROS_PER_DAY)
            .and_then(|by| by.checked_add(micros)?.checked_mul(sign * 1000))
            .and_then(|by| clock.checked_add(by));
        match moved {
            None if params.mode != EvalMode::Try => {
                Err(faults::arithmetic_overflow("long overflow", ""))
            }
            _ => {
                let day = 0..MICROS_PER_DAY * 1000;
                settled(moved.filter(|clock| day.contains(clock)), params.mode, overflow)
            }
        }
    })
}

fn clocks_apart(_params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let left = input.numbers::<Time64NanosecondType>(0)?;
    let right = input.numbers::<Time64NanosecondType>(1)?;
    primitives::<DurationMicrosecondType>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        Ok(Some((a - b) / 1000))
    })
}

/// How often one interval goes into another.
fn quotient(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let amount = |position: usize, row: usize| -> Result<Option<i64>> {
        Ok(match params.left {
            SparkType::YearMonthInterval { .. } => {
                get!(input.numbers::<IntervalYearMonthType>(position)?, row).map(i64::from)
            }
            _ => get!(input.numbers::<DurationMicrosecondType>(position)?, row),
        })
    };
    primitives::<Int64Type>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (amount(0, row)?, amount(1, row)?) else { return Ok(None) };
        match b {
            0 => settled(None, params.mode, interval_divided_by_zero),
            _ => Ok(Some(a.wrapping_div(b))),
        }
    })
}

fn interval_divided_by_zero() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "INTERVAL_DIVIDED_BY_ZERO",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.",
    )
}

fn dates_apart(_params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (left, right) = (input.numbers::<Date32Type>(0)?, input.numbers::<Date32Type>(1)?);
    primitives::<DurationMicrosecondType>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        Ok(Some((i64::from(a) - i64::from(b)).saturating_mul(MICROS_PER_DAY)))
    })
}

/// The distance of two wall clocks of the session's zone.
fn times_apart(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let left = input.numbers::<TimestampMicrosecondType>(0)?;
    let right = input.numbers::<TimestampMicrosecondType>(1)?;
    let zone = if params.left == SparkType::TimestampNtz { Zone::Fixed(0) } else { params.zone };
    primitives::<DurationMicrosecondType>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        let apart = zone.to_local(a).checked_sub(zone.to_local(b));
        settled(apart, params.mode, || faults::arithmetic_overflow("long overflow", ""))
    })
}

macro_rules! sums {
    ($name:ident, $arrow:ty) => {
        fn $name(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
            let (left, right) = (input.numbers::<$arrow>(0)?, input.numbers::<$arrow>(1)?);
            primitives::<$arrow>(input.n_rows, |row| {
                let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else {
                    return Ok(None);
                };
                let sum =
                    if params.op == Op::Subtract { a.checked_sub(b) } else { a.checked_add(b) };
                settled(sum, params.mode, || interval_overflow(params.op.tolerant()))
            })
        }
    };
}

sums!(sum_months, IntervalYearMonthType);
sums!(sum_micros, DurationMicrosecondType);

fn sum_calendar(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let left = input.numbers::<IntervalMonthDayNanoType>(0)?;
    let right = input.numbers::<IntervalMonthDayNanoType>(1)?;
    let sign = if params.op == Op::Subtract { -1 } else { 1 };
    primitives::<IntervalMonthDayNanoType>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        let sum = || {
            Some(IntervalMonthDayNano::new(
                a.months.checked_add(b.months.checked_mul(sign)?)?,
                a.days.checked_add(b.days.checked_mul(sign)?)?,
                a.nanoseconds.checked_add(b.nanoseconds.checked_mul(i64::from(sign))?)?,
            ))
        };
        settled(sum(), params.mode, || interval_overflow(params.op.tolerant()))
    })
}

/// An interval of months, days and microseconds times or divided by a number: fractions of months go, those of days
/// become microseconds.
fn scaled_calendar(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (intervals, numbers) =
        (input.numbers::<IntervalMonthDayNanoType>(0)?, input.numbers::<Float64Type>(1)?);
    primitives::<IntervalMonthDayNanoType>(input.n_rows, |row| {
        let (Some(interval), Some(number)) = (get!(intervals, row), get!(numbers, row)) else {
            return Ok(None);
        };
        let divides = params.op == Op::Divide;
        if divides && number == 0.0 {
            return match params.mode {
                EvalMode::Ansi => Err(interval_divided_by_zero()),
                _ => Ok(None),
            };
        }
        let scale = |value: f64| if divides { value / number } else { value * number };
        let whole = |value: f64| match params.mode {
            // Java's narrowing of a number to int stops at the bounds.
            EvalMode::Legacy => Some(value as i32),
            _ => i32::try_from(value as i64).ok(),
        };
        let (months, days) = (scale(f64::from(interval.months)), scale(f64::from(interval.days)));
        let scaled = || {
            let (months, whole_days) = (whole(months)?, whole(days)?);
            let micros = scale((interval.nanoseconds / 1_000) as f64)
                + MICROS_PER_DAY as f64 * (days - f64::from(whole_days));
            // As Java's Math.round, up from the middle.
            let nanos = ((micros + 0.5).floor() as i64).checked_mul(1_000)?;
            Some(IntervalMonthDayNano::new(months, whole_days, nanos))
        };
        settled(scaled(), params.mode, || faults::arithmetic_overflow("overflow", ""))
    })
}

/// An interval times or divided by a number, rounded half up.
fn scaled(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let amount = |row: usize| -> Result<Option<i64>> {
        if matches!(params.left, SparkType::YearMonthInterval { .. }) {
            Ok(get!(input.numbers::<IntervalYearMonthType>(0)?, row).map(i64::from))
        } else {
            Ok(get!(input.numbers::<DurationMicrosecondType>(0)?, row))
        }
    };
    let compute = |row: usize| -> Result<Option<i64>> {
        let Some(amount) = amount(row)? else { return Ok(None) };
        let divides = params.op == Op::Divide;
        let value = match &params.right {
            SparkType::Long => {
                let Some(number) = get!(input.numbers::<Int64Type>(1)?, row) else {
                    return Ok(None);
                };
                if divides && number == 0 {
                    return settled(None, params.mode, interval_divided_by_zero);
                }
                if divides {
                    super::decimal_arithmetic::quotient(i128::from(amount), i128::from(number), 0)
                        .and_then(|value| i64::try_from(value).ok())
                } else {
                    amount.checked_mul(number)
                }
            }
            SparkType::Decimal { scale, .. } => {
                let Some(number) = get!(input.numbers::<Decimal128Type>(1)?, row) else {
                    return Ok(None);
                };
                if divides && number == 0 {
                    return settled(None, params.mode, interval_divided_by_zero);
                }
                let exact = if divides {
                    super::decimal_arithmetic::quotient(i128::from(amount), number, *scale)
                } else {
                    i128::from(amount).checked_mul(number).and_then(|product| {
                        let unit =
                            crate::cast::decimal::power_of_ten(u32::from(scale.unsigned_abs()));
                        Some(round_to(product, *scale, 0, false) / unit)
                    })
                };
                exact.and_then(|value| i64::try_from(value).ok())
            }
            _ => {
                let Some(number) = get!(input.numbers::<Float64Type>(1)?, row) else {
                    return Ok(None);
                };
                if divides && number == 0.0 {
                    return settled(None, params.mode, interval_divided_by_zero);
                }
                let exact = if divides { amount as f64 / number } else { amount as f64 * number };
                // Half up, as Java's RoundingMode.HALF_UP: away from zero.
                (exact.is_finite() && exact.abs() < 9.3e18).then(|| exact.round() as i64)
            }
        };
        settled(value, params.mode, || {
            let whole = params.right == SparkType::Long;
            match divides && whole {
                true => interval_overflow(params.op.tolerant()),
                false => java_overflow("long overflow"),
            }
        })
    };
    if matches!(params.left, SparkType::YearMonthInterval { .. }) {
        return primitives::<IntervalYearMonthType>(input.n_rows, |row| {
            let Some(months) = compute(row)? else { return Ok(None) };
            settled(i32::try_from(months).ok(), params.mode, || java_overflow("integer overflow"))
        });
    }
    primitives::<DurationMicrosecondType>(input.n_rows, compute)
}

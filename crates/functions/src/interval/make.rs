//! `make_interval`, `make_dt_interval`, `make_ym_interval`; parts that are left out are zero.

use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::implicit::implicit;
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND};
use arrow::datatypes::{
    Decimal128Type, DurationMicrosecondType, Int32Type, IntervalMonthDayNano,
    IntervalMonthDayNanoType, IntervalYearMonthType,
};
use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

const SECONDS: SparkType = SparkType::Decimal { precision: 18, scale: 6 };

/// The parts: whole numbers and, where `with_seconds`, last the seconds as decimal.
fn parts(call: Call<'_>, n: usize, with_seconds: bool) -> Result<Vec<Expr>> {
    call.check_arity(0, n)?;
    let (name, settings) = (call.name.to_owned(), call.settings);
    let mut exprs = call
        .args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| {
            if with_seconds && position == n - 1 {
                return cast(arg, &SECONDS, EvalMode::of(settings), settings);
            }
            implicit(&name, position, arg, &SparkType::Integer, settings)
        })
        .collect::<Result<Vec<_>>>()?;
    while exprs.len() < n {
        exprs.push(if with_seconds && exprs.len() == n - 1 {
            lit(ScalarValue::Decimal128(Some(0), 18, 6))
        } else {
            lit(0i32)
        });
    }
    Ok(exprs)
}

/// Whole parts of a row and its microseconds of seconds, none if one is null.
fn row_parts<const N: usize>(
    input: &Input<'_>,
    row: usize,
    with_seconds: bool,
) -> Result<Option<([i64; N], i64)>> {
    let mut whole = [0i64; N];
    for (position, part) in whole.iter_mut().enumerate() {
        match at(input.primitive::<Int32Type>(position)?, row) {
            Some(value) => *part = i64::from(value),
            None => return Ok(None),
        }
    }
    if !with_seconds {
        return Ok(Some((whole, 0)));
    }
    let seconds = at(input.primitive::<Decimal128Type>(N)?, row);
    Ok(seconds.map(|seconds| (whole, seconds as i64)))
}

fn overflow(instead: Option<&str>) -> SparkError {
    let (sub, hint) = match instead {
        Some(name) => (
            ".WITH_SUGGESTION",
            format!(" Use `{name}` to tolerate overflow and return NULL instead."),
        ),
        None => (".WITHOUT_SUGGESTION", " Try divide the interval into smaller ones.".to_owned()),
    };
    SparkError::new(
        ErrorKind::Arithmetic,
        format!("INTERVAL_ARITHMETIC_OVERFLOW{sub}"),
        format!("Integer overflow while operating with intervals.{hint}"),
    )
}

/// `make_interval(years, months, weeks, days, hours, minutes, seconds)`.
pub(crate) fn make_interval(call: Call<'_>) -> Result<Expr> {
    let fail = call.settings.ansi && call.name != "try_make_interval";
    let parts = parts(call, 7, true)?;
    let kernel = CALENDAR.kernel(fail, &SparkType::CalendarInterval);
    let nullable = if fail { Nullable::Propagate } else { Nullable::Always };
    Ok(kernel.nullable(nullable).call(parts))
}

pub(super) static CALENDAR: Kind<bool> = Kind::new("make_interval", |fail, input| {
    input.primitives::<IntervalMonthDayNanoType>(|row| {
        let Some(([years, months, weeks, days, hours, minutes], micros)) =
            row_parts::<6>(input, row, true)?
        else {
            return Ok(None);
        };
        let made = (|| {
            let months = i32::try_from(years * 12 + months).ok()?;
            let days = i32::try_from(weeks * 7 + days).ok()?;
            let micros = (hours * 60 + minutes) * 60 * MICROS_PER_SECOND + micros;
            Some(IntervalMonthDayNano::new(months, days, micros.checked_mul(1000)?))
        })();
        match made {
            None if *fail => Err(overflow(Some("try_make_interval"))),
            made => Ok(made),
        }
    })
});

/// `make_dt_interval(days, hours, minutes, seconds)`.
pub(crate) fn make_dt_interval(call: Call<'_>) -> Result<Expr> {
    let parts = parts(call, 4, true)?;
    let result = SparkType::day_time_interval();
    let kernel = DAY_TIME.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(parts))
}

pub(super) static DAY_TIME: Kind<()> = Kind::new("make_dt_interval", |(), input| {
    input.primitives::<DurationMicrosecondType>(|row| {
        let Some(([days, hours, minutes], micros)) = row_parts::<3>(input, row, true)? else {
            return Ok(None);
        };
        let of_day = (hours * 60 + minutes) * 60 * MICROS_PER_SECOND;
        days.checked_mul(MICROS_PER_DAY)
            .and_then(|total| total.checked_add(of_day))
            .and_then(|total| total.checked_add(micros))
            .map(Some)
            .ok_or_else(|| overflow(None))
    })
});

/// `make_ym_interval(years, months)`.
pub(crate) fn make_ym_interval(call: Call<'_>) -> Result<Expr> {
    let parts = parts(call, 2, false)?;
    let result = SparkType::year_month_interval();
    let kernel = YEAR_MONTH.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(parts))
}

pub(super) static YEAR_MONTH: Kind<()> = Kind::new("make_ym_interval", |(), input| {
    input.primitives::<IntervalYearMonthType>(|row| {
        let Some(([years, months], _)) = row_parts::<2>(input, row, false)? else {
            return Ok(None);
        };
        i32::try_from(years * 12 + months).map(Some).map_err(|_| overflow(None))
    })
});

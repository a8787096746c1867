//! `trunc(date, unit)` and `date_trunc(unit, timestamp)`.

use super::calendar::{Civil, to_date, weekday};
use crate::call::Call;
use crate::implicit::implicit;
use crate::scalar_kernel::{Kind, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A part of a day of so many microseconds.
    Micros(i64),
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name.to_uppercase().as_str() {
        "MICROSECOND" => Unit::Micros(1),
        "MILLISECOND" => Unit::Micros(1_000),
        "SECOND" => Unit::Micros(MICROS_PER_SECOND),
        "MINUTE" => Unit::Micros(60 * MICROS_PER_SECOND),
        "HOUR" => Unit::Micros(3_600 * MICROS_PER_SECOND),
        "DAY" | "DD" => Unit::Day,
        "WEEK" => Unit::Week,
        "MONTH" | "MON" | "MM" => Unit::Month,
        "QUARTER" => Unit::Quarter,
        "YEAR" | "YYYY" | "YY" => Unit::Year,
        _ => return None,
    })
}

fn first_day(days: i64, unit: Unit) -> i64 {
    let civil = Civil::from_days(days);
    match unit {
        Unit::Micros(_) | Unit::Day => days,
        Unit::Week => days - weekday(days),
        Unit::Month => Civil { day: 1, ..civil }.to_days(),
        Unit::Quarter => Civil { month: (civil.quarter() - 1) * 3 + 1, day: 1, ..civil }.to_days(),
        Unit::Year => Civil { month: 1, day: 1, ..civil }.to_days(),
    }
}

/// `trunc(date, 'month')`: null for units shorter than a week and for unknown ones.
pub(crate) fn trunc(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let args = call.implicit(&[SparkType::Date, SparkType::string()])?;
    let kernel = TRUNC.kernel((), &SparkType::Date);
    Ok(kernel.call(args))
}

pub(super) static TRUNC: Kind<()> = Kind::new("trunc", |(), input| {
    let (dates, units) = (input.primitive::<Date32Type>(0)?, input.string(1)?);
    input.primitives::<Date32Type>(|row| {
        let (Some(date), Some(name)) = (at(dates, row), at(units, row)) else {
            return Ok(None);
        };
        match unit(name) {
            None | Some(Unit::Micros(_) | Unit::Day) => Ok(None),
            Some(unit) => to_date(first_day(i64::from(date), unit)).map(Some),
        }
    })
});

/// `date_trunc('hour', timestamp)`, on the session's wall clock.
pub(crate) fn date_trunc(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [unit_arg, source] = call.exactly()?;
    let result = SparkType::Timestamp;
    let zone = Zone::parse(&settings.time_zone)?;
    let args = vec![
        implicit("date_trunc", 0, unit_arg, &SparkType::string(), settings)?,
        implicit("date_trunc", 1, source, &result, settings)?,
    ];
    let kernel = DATE_TRUNC.kernel(zone, &result);
    Ok(kernel.call(args))
}

pub(super) static DATE_TRUNC: Kind<Zone> = Kind::new("date_trunc", |zone, input| {
    let units = input.string(0)?;
    let instants = input.primitive::<TimestampMicrosecondType>(1)?;
    input.primitives::<TimestampMicrosecondType>(|row| {
        let (Some(name), Some(instant)) = (at(units, row), at(instants, row)) else {
            return Ok(None);
        };
        let Some(unit) = unit(name) else { return Ok(None) };
        let local = zone.to_local(instant);
        Ok(Some(match unit {
            // Below an hour the offset does not matter, except that it may have seconds.
            Unit::Micros(size) => instant - local.rem_euclid(size),
            unit => {
                let days = first_day(local.div_euclid(MICROS_PER_DAY), unit);
                zone.to_utc(days * MICROS_PER_DAY)
            }
        }))
    })
});

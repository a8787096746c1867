//! Datetimes from their parts: `make_date`, `make_timestamp`, `make_time`.

use super::calendar::{Civil, to_date};
use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::implicit::implicit;
use crate::scalar_kernel::{Kind, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    Date32Type, Decimal128Type, Int32Type, Time64NanosecondType, TimestampMicrosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

/// `make_date(year, month, day)`.
pub(crate) fn make_date(call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 3)?;
    let ansi = call.settings.ansi;
    let args = call.implicit(&[SparkType::Integer, SparkType::Integer, SparkType::Integer])?;
    let kernel = MAKE_DATE.kernel(ansi, &SparkType::Date);
    Ok(kernel.call(args))
}

pub(super) static MAKE_DATE: Kind<bool> = Kind::new("make_date", |ansi, input| {
    let parts = [0, 1, 2].map(|position| input.primitive::<Int32Type>(position));
    let [years, months, days] = parts;
    let (years, months, days) = (years?, months?, days?);
    input.primitives::<Date32Type>(|row| {
        let (Some(year), Some(month), Some(day)) = (at(years, row), at(months, row), at(days, row))
        else {
            return Ok(None);
        };
        match Civil::new(i64::from(year), i64::from(month), i64::from(day)) {
            Some(civil) => to_date(civil.to_days()).map(Some),
            None if *ansi => {
                Err(out_of_bounds(invalid_date(year.into(), month.into(), day.into())))
            }
            None => Ok(None),
        }
    })
});

/// What Java says about a date that does not exist.
fn invalid_date(year: i64, month: i64, day: i64) -> String {
    if !(1..=12).contains(&month) {
        return format!("Invalid value for MonthOfYear (valid values 1 - 12): {month}");
    }
    if !(1..=31).contains(&day) {
        return format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {day}");
    }
    if month == 2 && day == 29 {
        return format!("Invalid date 'February 29' as '{year}' is not a leap year");
    }
    let name = super::calendar::MONTHS[month as usize - 1].to_uppercase();
    format!("Invalid date '{name} {day}'")
}

fn out_of_bounds(message: String) -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION",
        format!(
            "{message}. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this \
             error."
        ),
    )
    .with("rangeMessage", message)
    .with("ansiConfig", "\"spark.sql.ansi.enabled\"")
}

/// `make_timestamp(year, month, day, hour, minute, second [, zone])` and its variants; with two or
/// three arguments a date, a time and perhaps a zone.
pub(crate) fn make_timestamp(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let ntz = name.ends_with("_ntz") || (settings.timestamp_ntz && !name.ends_with("_ltz"));
    let result = if ntz { SparkType::TimestampNtz } else { SparkType::Timestamp };
    let fail = settings.ansi && !name.starts_with("try_");
    let session = if ntz { Zone::Fixed(0) } else { Zone::parse(&settings.time_zone)? };
    if call.args.len() <= 3 {
        call.check_arity(2, 3)?;
        let types = [SparkType::Date, SparkType::Time { precision: 6 }, SparkType::string()];
        let args = call.implicit(&types)?;
        let kernel = OF_DATE.kernel(session, &result);
        return Ok(kernel.call(args));
    }
    call.check_arity(6, if ntz { 6 } else { 7 })?;
    let seconds = SparkType::Decimal { precision: 16, scale: 6 };
    let args = call
        .args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| match position {
            5 => cast(arg, &seconds, EvalMode::of(settings), settings),
            6 => implicit(&name, position, arg, &SparkType::string(), settings),
            _ => implicit(&name, position, arg, &SparkType::Integer, settings),
        })
        .collect::<Result<Vec<_>>>()?;
    let kernel = MAKE_TIMESTAMP.kernel((session, fail), &result);
    Ok(kernel.call(args))
}

pub(super) static OF_DATE: Kind<Zone> = Kind::new("make_timestamp_of_date", |session, input| {
    let (dates, times) =
        (input.primitive::<Date32Type>(0)?, input.primitive::<Time64NanosecondType>(1)?);
    let zones = (input.args.len() > 2).then(|| input.string(2)).transpose()?;
    input.primitives::<TimestampMicrosecondType>(|row| {
        let (Some(date), Some(time)) = (at(dates, row), at(times, row)) else {
            return Ok(None);
        };
        let zone = match zones {
            None => *session,
            Some(zones) => match at(zones, row) {
                Some(name) => Zone::parse(name)?,
                None => return Ok(None),
            },
        };
        Ok(Some(zone.to_utc(i64::from(date) * MICROS_PER_DAY + time / 1000)))
    })
});

pub(super) static MAKE_TIMESTAMP: Kind<(Zone, bool)> =
    Kind::new("make_timestamp", |params, input| {
        let (session, fail) = params;
        let zones = input.args.get(6).map(|zones| zones.as_string::<i32>());
        let seconds = input.primitive::<Decimal128Type>(5)?;
        input.primitives::<TimestampMicrosecondType>(|row| {
            let mut parts = [0i64; 5];
            for (position, part) in parts.iter_mut().enumerate() {
                match at(input.primitive::<Int32Type>(position)?, row) {
                    Some(value) => *part = i64::from(value),
                    None => return Ok(None),
                }
            }
            let Some(seconds) = at(seconds, row) else { return Ok(None) };
            let zone = match zones {
                None => *session,
                Some(zones) if zones.is_null(row) => return Ok(None),
                Some(zones) => Zone::parse(zones.value(row))?,
            };
            match local(parts, seconds as i64) {
                Ok(local) => Ok(Some(zone.to_utc(local))),
                Err(error) if *fail => Err(error),
                Err(_) => Ok(None),
            }
        })
    });

fn local(parts: [i64; 5], second_micros: i64) -> Result<i64> {
    let [year, month, day, hour, minute] = parts;
    let civil = Civil::new(year, month, day)
        .ok_or_else(|| out_of_bounds(invalid_date(year, month, day)))?;
    if !(0..24).contains(&hour) {
        return Err(out_of_bounds(format!(
            "Invalid value for HourOfDay (valid values 0 - 23): {hour}"
        )));
    }
    if !(0..60).contains(&minute) {
        return Err(out_of_bounds(format!(
            "Invalid value for MinuteOfHour (valid values 0 - 59): {minute}"
        )));
    }
    // Sixty seconds, and no more, are the next minute, as in PostgreSQL.
    if !(0..=60 * MICROS_PER_SECOND).contains(&second_micros) {
        let (whole, rest) = (second_micros / MICROS_PER_SECOND, second_micros % MICROS_PER_SECOND);
        if whole == 60 && rest != 0 {
            return Err(SparkError::new(
                ErrorKind::DateTime,
                "INVALID_FRACTION_OF_SECOND",
                "Valid range for seconds is [0, 60] (inclusive), but the provided value is \
                 60 and a fraction.",
            ));
        }
        return Err(out_of_bounds(format!(
            "Invalid value for SecondOfMinute (valid values 0 - 59): {whole}"
        )));
    }
    let of_day = (hour * 60 + minute) * 60 * MICROS_PER_SECOND + second_micros;
    Ok(civil.to_days() * MICROS_PER_DAY + of_day)
}

/// `make_time(hour, minute, second)`.
pub(crate) fn make_time(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [hour, minute, second] = call.exactly()?;
    let seconds = SparkType::Decimal { precision: 16, scale: 6 };
    let args = vec![
        implicit("make_time", 0, hour, &SparkType::Integer, settings)?,
        implicit("make_time", 1, minute, &SparkType::Integer, settings)?,
        cast(second, &seconds, EvalMode::of(settings), settings)?,
    ];
    let kernel = MAKE_TIME.kernel((), &SparkType::Time { precision: 6 });
    Ok(kernel.call(args))
}

pub(super) static MAKE_TIME: Kind<()> = Kind::new("make_time", |(), input| {
    let (hours, minutes) = (input.primitive::<Int32Type>(0)?, input.primitive::<Int32Type>(1)?);
    let seconds = input.primitive::<Decimal128Type>(2)?;
    input.primitives::<Time64NanosecondType>(|row| {
        let (Some(hour), Some(minute), Some(second)) =
            (at(hours, row), at(minutes, row), at(seconds, row))
        else {
            return Ok(None);
        };
        // Unlike in a timestamp, sixty seconds are too many.
        let second = second as i64;
        if second / MICROS_PER_SECOND == 60 && second % MICROS_PER_SECOND == 0 {
            return Err(no_such_time("Invalid value for SecondOfMinute (valid values 0 - 59): 60"));
        }
        let parts = [1970, 1, 1, hour.into(), minute.into()];
        let micros = local(parts, second).map_err(|error| match error.condition() {
            condition if condition.starts_with("DATETIME_FIELD_OUT_OF_BOUNDS") => {
                no_such_time(error.raw_message())
            }
            _ => error,
        })?;
        Ok(Some(micros * 1000))
    })
});

/// There is no `try_make_time` to suggest.
fn no_such_time(message: &str) -> SparkError {
    SparkError::new(
        ErrorKind::DateTime,
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
        message.to_owned(),
    )
    .with("rangeMessage", message)
}

/// `to_time(text [, pattern])`, `try_to_time(text [, pattern])`.
pub(crate) fn to_time(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    call.check_arity(1, 2)?;
    if call.args.len() == 2 {
        return super::time_of_day::to_time_by_pattern(call);
    }
    let mode = if name.starts_with("try_") { EvalMode::Try } else { EvalMode::Ansi };
    let [arg] = call.exactly()?;
    cast(arg, &SparkType::Time { precision: 6 }, mode, settings)
}

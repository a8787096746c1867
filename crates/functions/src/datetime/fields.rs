//! Parts of dates, timestamps, times and intervals: `year`, `hour`, `extract`, `date_part`, ….

use super::calendar::{Civil, MONTHS, WEEKDAYS, iso_week, weekday};
use super::wall_clock::{local_micros, wall_clock};
use crate::call::{Arg, Call};
use crate::implicit::{literal_text, not_foldable, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND, Zone};
use arrow::array::ArrayRef;
use arrow::datatypes::{
    Decimal128Type, DurationMicrosecondType, Int8Type, Int32Type, Int64Type,
    IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};
use serde::{Deserialize, Serialize};

/// A part of a date or a wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Field {
    Year,
    /// Year of the ISO week.
    YearOfWeek,
    Quarter,
    Month,
    Week,
    Day,
    /// Sunday is 1.
    DayOfWeek,
    /// Monday is 0.
    WeekDay,
    /// Monday is 1.
    DayOfWeekIso,
    DayOfYear,
    Hour,
    Minute,
    /// Whole seconds.
    Second,
    /// Seconds with microseconds, as decimal(8,6).
    SecondWithFraction,
}

impl Field {
    fn of_time(self) -> bool {
        matches!(self, Field::Hour | Field::Minute | Field::Second | Field::SecondWithFraction)
    }

    fn value(self, micros: i64) -> i64 {
        let days = micros.div_euclid(MICROS_PER_DAY);
        let of_day = micros.rem_euclid(MICROS_PER_DAY);
        match self {
            Field::Year => Civil::from_days(days).year,
            Field::YearOfWeek => iso_week(days).0,
            Field::Quarter => i64::from(Civil::from_days(days).quarter()),
            Field::Month => i64::from(Civil::from_days(days).month),
            Field::Week => iso_week(days).1,
            Field::Day => i64::from(Civil::from_days(days).day),
            Field::DayOfWeek => (weekday(days) + 1) % 7 + 1,
            Field::WeekDay => weekday(days),
            Field::DayOfWeekIso => weekday(days) + 1,
            Field::DayOfYear => Civil::from_days(days).day_of_year(),
            Field::Hour => of_day / (3600 * MICROS_PER_SECOND),
            Field::Minute => of_day / (60 * MICROS_PER_SECOND) % 60,
            Field::Second => of_day / MICROS_PER_SECOND % 60,
            Field::SecondWithFraction => of_day % (60 * MICROS_PER_SECOND),
        }
    }
}

/// `year(x)`, `hour(x)`, ….
pub(crate) fn field(call: Call<'_>, field: Field) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    extract_field(&name, field, arg, settings)
}

fn extract_field(name: &str, field: Field, arg: Arg, settings: &SessionSettings) -> Result<Expr> {
    if let (SparkType::Time { .. }, true) = (arg.spark_type()?, field.of_time()) {
        return Ok(time_field(field, arg));
    }
    let target = if field.of_time() { SparkType::Timestamp } else { SparkType::Date };
    let (expr, zone, _) = wall_clock(name, 0, arg, &target, settings)?;
    Ok(if field == Field::SecondWithFraction {
        let result = SparkType::Decimal { precision: 8, scale: 6 };
        SECOND_WITH_FRACTION
            .kernel((field, zone), &result)
            .nullable(Nullable::Propagate)
            .call(vec![expr])
    } else {
        DATETIME_FIELD
            .kernel((field, zone), &SparkType::Integer)
            .nullable(Nullable::Propagate)
            .call(vec![expr])
    })
}

pub(super) static SECOND_WITH_FRACTION: Kind<(Field, Zone)> =
    Kind::new("second_with_fraction", |(field, zone), input| {
        let clock = local_micros(&input.args[0], *zone)?;
        input.primitives::<Decimal128Type>(|row| {
            Ok(at(&clock, row).map(|micros| i128::from(field.value(micros))))
        })
    });

pub(super) static DATETIME_FIELD: Kind<(Field, Zone)> = Kind::new("datetime_field", integer_field);

fn integer_field((field, zone): &(Field, Zone), input: &Input<'_>) -> Result<ArrayRef> {
    let clock = local_micros(&input.args[0], *zone)?;
    Ok(std::sync::Arc::new(clock.unary::<_, Int32Type>(|micros| field.value(micros) as i32)))
}

fn time_field(field: Field, arg: Arg) -> Expr {
    let result = match field {
        Field::SecondWithFraction => SparkType::Decimal { precision: 8, scale: 6 },
        _ => SparkType::Integer,
    };
    TIME_FIELD.kernel(field, &result).nullable(Nullable::Propagate).call(vec![arg.expr])
}

pub(super) static TIME_FIELD: Kind<Field> = Kind::new("time_field", |field, input| {
    let times = input.primitive::<Time64NanosecondType>(0)?;
    let value = |row| at(times, row).map(|nanos| field.value(nanos / 1000));
    match field {
        Field::SecondWithFraction => {
            input.primitives::<Decimal128Type>(|row| Ok(value(row).map(i128::from)))
        }
        _ => input.primitives::<Int32Type>(|row| Ok(value(row).map(|value| value as i32))),
    }
});

/// `dayname(d)`, `monthname(d)`: three letters.
pub(crate) fn name_of(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let (expr, zone, _) = wall_clock(&name, 0, arg, &SparkType::Date, settings)?;
    let field = if name == "dayname" { Field::WeekDay } else { Field::Month };
    let kernel = NAME_OF.kernel((field, zone), &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

pub(super) static NAME_OF: Kind<(Field, Zone)> = Kind::new("name_of", |(field, zone), input| {
    let clock = local_micros(&input.args[0], *zone)?;
    input.strings(|row| {
        Ok(at(&clock, row).map(|micros| match field {
            Field::WeekDay => &WEEKDAYS[field.value(micros) as usize][..3],
            _ => &MONTHS[field.value(micros) as usize - 1][..3],
        }))
    })
});

/// `extract(field FROM source)`, `date_part(field, source)`.
pub(crate) fn extract(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [part, source] = call.exactly()?;
    let part = match literal_text(&part) {
        Some(text) => text,
        None if part.expr.any_column_refs() => {
            return Err(SparkError::analysis(
                "NON_FOLDABLE_ARGUMENT",
                format!(
                    "The function `{name}` requires the parameter `field` to be a foldable \
                     expression of the type \"STRING\", but the actual argument is a non-foldable."
                ),
            )
            .with("funcName", format!("`{name}`"))
            .with("paramName", "`field`")
            .with("paramType", "\"STRING\""));
        }
        None => return Err(not_foldable(&name, "field")),
    };
    let spark_type = source.spark_type()?;
    let invalid = || {
        let source_type = spark_type.sql();
        SparkError::analysis(
            "INVALID_EXTRACT_FIELD",
            format!("Cannot extract `{part}` from \"{source_type}\"."),
        )
        .with("field", format!("`{part}`"))
        .with("expr", format!("\"{source_type}\""))
    };
    let upper = part.to_uppercase();
    match spark_type {
        SparkType::YearMonthInterval { .. }
        | SparkType::DayTimeInterval { .. }
        | SparkType::CalendarInterval => {
            let unit = interval_unit(&upper).ok_or_else(invalid)?;
            interval_field(unit, source, &spark_type).ok_or_else(invalid)
        }
        _ => {
            let field = datetime_field(&upper).ok_or_else(invalid)?;
            if field.of_time()
                && spark_type == SparkType::Date
                && field != Field::SecondWithFraction
            {
                // A date is midnight of its day.
                return extract_field(&name, field, source, settings);
            }
            if matches!(spark_type, SparkType::Boolean) {
                return Err(unexpected_type(&name, 1, &source, "TIMESTAMP"));
            }
            extract_field(&name, field, source, settings)
        }
    }
}

fn datetime_field(name: &str) -> Option<Field> {
    Some(match name {
        "YEAR" | "Y" | "YEARS" | "YR" | "YRS" => Field::Year,
        "YEAROFWEEK" => Field::YearOfWeek,
        "QUARTER" | "QTR" => Field::Quarter,
        "MONTH" | "MON" | "MONS" | "MONTHS" => Field::Month,
        "WEEK" | "W" | "WEEKS" => Field::Week,
        "DAY" | "D" | "DAYS" => Field::Day,
        "DAYOFWEEK" | "DOW" => Field::DayOfWeek,
        "DAYOFWEEK_ISO" | "DOW_ISO" => Field::DayOfWeekIso,
        "DOY" => Field::DayOfYear,
        "HOUR" | "H" | "HOURS" | "HR" | "HRS" => Field::Hour,
        "MINUTE" | "M" | "MIN" | "MINS" | "MINUTES" => Field::Minute,
        "SECOND" | "S" | "SEC" | "SECONDS" | "SECS" => Field::SecondWithFraction,
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum IntervalUnitField {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

fn interval_unit(name: &str) -> Option<IntervalUnitField> {
    Some(match name {
        "YEAR" | "Y" | "YEARS" | "YR" | "YRS" => IntervalUnitField::Year,
        "MONTH" | "MON" | "MONS" | "MONTHS" => IntervalUnitField::Month,
        "DAY" | "D" | "DAYS" => IntervalUnitField::Day,
        "HOUR" | "H" | "HOURS" | "HR" | "HRS" => IntervalUnitField::Hour,
        "MINUTE" | "M" | "MIN" | "MINS" | "MINUTES" => IntervalUnitField::Minute,
        "SECOND" | "S" | "SEC" | "SECONDS" | "SECS" => IntervalUnitField::Second,
        _ => return None,
    })
}

fn interval_field(unit: IntervalUnitField, source: Arg, spark_type: &SparkType) -> Option<Expr> {
    use IntervalUnitField::{Day, Hour, Minute, Month, Second, Year};
    let months = matches!(unit, Year | Month);
    match spark_type {
        SparkType::YearMonthInterval { .. } if !months => return None,
        SparkType::DayTimeInterval { .. } if months => return None,
        // Nor what an interval of other units leaves to those.
        SparkType::YearMonthInterval { start, end } | SparkType::DayTimeInterval { start, end } => {
            let unit = match unit {
                Year | Day => 0,
                Month | Hour => 1,
                Minute => 2,
                Second => 3,
            };
            if !(*start..=*end).contains(&unit) {
                return None;
            }
        }
        _ => {}
    }
    let calendar = *spark_type == SparkType::CalendarInterval;
    let result = match unit {
        Year => SparkType::Integer,
        Month => SparkType::Byte,
        Day => SparkType::Integer,
        Hour | Minute if calendar => SparkType::Byte,
        Hour | Minute => SparkType::Byte,
        Second => SparkType::Decimal { precision: 8, scale: 6 },
    };
    let kernel = INTERVAL_FIELD.kernel(unit, &result);
    Some(kernel.nullable(Nullable::Propagate).call(vec![source.expr]))
}

pub(super) static INTERVAL_FIELD: Kind<IntervalUnitField> =
    Kind::new("interval_field", |unit, input| {
        use IntervalUnitField::{Day, Hour, Minute, Month, Second, Year};
        let parts = interval_parts(input)?;
        let value = |row: usize| {
            parts(row).map(|(months, days, micros)| match unit {
                Year => i64::from(months / 12),
                Month => i64::from(months % 12),
                Day => days,
                Hour => micros / (3600 * MICROS_PER_SECOND),
                Minute => micros / (60 * MICROS_PER_SECOND) % 60,
                Second => micros % (60 * MICROS_PER_SECOND),
            })
        };
        match unit {
            Year | Day => input.primitives::<Int32Type>(|row| Ok(value(row).map(|v| v as i32))),
            Month | Hour | Minute => {
                input.primitives::<Int8Type>(|row| Ok(value(row).map(|v| v as i8)))
            }
            Second => input.primitives::<Decimal128Type>(|row| Ok(value(row).map(i128::from))),
        }
    });

type Parts<'a> = Box<dyn Fn(usize) -> Option<(i32, i64, i64)> + 'a>;

/// Months, days and microseconds of an interval, per row.
fn interval_parts<'a>(input: &'a Input<'_>) -> Result<Parts<'a>> {
    use arrow::datatypes::{DataType, IntervalUnit};
    Ok(match input.args[0].data_type() {
        DataType::Interval(IntervalUnit::YearMonth) => {
            let months = input.primitive::<IntervalYearMonthType>(0)?;
            Box::new(move |row| at(months, row).map(|months| (months, 0, 0)))
        }
        DataType::Duration(_) => {
            let micros = input.primitive::<DurationMicrosecondType>(0)?;
            Box::new(move |row| {
                at(micros, row).map(|micros| (0, micros / MICROS_PER_DAY, micros % MICROS_PER_DAY))
            })
        }
        _ => {
            let values = input.primitive::<IntervalMonthDayNanoType>(0)?;
            Box::new(move |row| {
                at(values, row)
                    .map(|value| (value.months, i64::from(value.days), value.nanoseconds / 1000))
            })
        }
    })
}

/// `unix_date(d)`, `unix_seconds(t)`, `unix_millis(t)`, `unix_micros(t)`: whole units since the epoch.
pub(crate) fn since_epoch(call: Call<'_>, micros_per_unit: i64) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let expr = super::wall_clock::instant(&name, 0, arg, settings)?;
    let kernel = SINCE_EPOCH.kernel(micros_per_unit, &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

pub(super) static SINCE_EPOCH: Kind<i64> = Kind::new("since_epoch", |unit, input| {
    let instants = input.primitive::<arrow::datatypes::TimestampMicrosecondType>(0)?;
    input
        .primitives::<Int64Type>(|row| Ok(at(instants, row).map(|micros| micros.div_euclid(*unit))))
});

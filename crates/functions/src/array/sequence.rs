//! `sequence(start, stop [, step])` of whole numbers, dates and timestamps.

use super::taken::{elements_max, too_many};
use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::coercion::common_type;
use crate::datetime::{Civil, local_micros, plus_days, plus_months, to_date};
use crate::implicit::{diff_types, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use crate::time_zone::{MICROS_PER_DAY, Zone};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast as arrow_cast;
use arrow::datatypes::{
    DataType, DurationMicrosecondType, Int64Type, IntervalMonthDayNanoType, IntervalUnit,
    IntervalYearMonthType, TimestampMicrosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType};
use std::sync::Arc;

pub(crate) fn sequence(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let settings = call.settings;
    let types = call.args.iter().map(|arg| arg.spark_type()).collect::<Result<Vec<_>>>()?;
    let wrong = || diff_types("sequence", &types);
    let mut ends = common_type(&types[0], &types[1], settings).ok_or_else(wrong)?;
    let mode = EvalMode::of(settings);
    let mut args = call.args.into_iter();
    let (Some(start), Some(stop)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("sequence without arguments"));
    };
    if ends.is_integral() {
        let step = args.next();
        if let Some(step) = &step {
            let step_type = step.spark_type()?;
            if !step_type.is_integral() {
                return Err(wrong());
            }
            ends = common_type(&ends, &step_type, settings).ok_or_else(wrong)?;
        }
        let mut exprs =
            vec![cast(start, &ends, mode, settings)?, cast(stop, &ends, mode, settings)?];
        if let Some(step) = step {
            exprs.push(cast(step, &ends, mode, settings)?);
        }
        let result = SparkType::Array { element: Box::new(ends), contains_null: false };
        let kernel = OF_NUMBERS.kernel((), &result);
        return Ok(kernel.nullable(Nullable::Propagate).call(exprs));
    }
    if !matches!(ends, SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz) {
        return Err(unexpected_type(
            "sequence",
            0,
            &start,
            "(\"INTEGRAL\" or \"DATE\" or \"TIMESTAMP\")",
        ));
    }
    let zone = zone_of(&ends, settings)?;
    let mut exprs = vec![cast(start, &ends, mode, settings)?, cast(stop, &ends, mode, settings)?];
    if let Some(step) = args.next() {
        let step_type = step.spark_type()?;
        let is_interval = matches!(
            step_type,
            SparkType::YearMonthInterval { .. }
                | SparkType::DayTimeInterval { .. }
                | SparkType::CalendarInterval
        );
        exprs.push(match step_type {
            _ if is_interval => step.expr,
            _ if step_type.is_string() => cast(step, &SparkType::CalendarInterval, mode, settings)?,
            _ => return Err(wrong()),
        });
    }
    let result = SparkType::Array { element: Box::new(ends), contains_null: false };
    let kernel = OF_MOMENTS.kernel(zone, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(exprs))
}

pub(super) static OF_NUMBERS: Kind<()> = Kind::new("sequence", numbers);

pub(super) static OF_MOMENTS: Kind<Zone> = Kind::new("sequence.moments", moments);

fn zone_of(ends: &SparkType, settings: &SessionSettings) -> Result<Zone> {
    match ends {
        SparkType::Timestamp => Zone::parse(&settings.time_zone),
        _ => Ok(Zone::Fixed(0)),
    }
}

fn illegal(start: &str, stop: &str, step: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "",
        format!("requirement failed: Illegal sequence boundaries: {start} to {stop} by {step}"),
    )
}

fn numbers(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let longs = input
        .args
        .iter()
        .map(|column| arrow_cast(column, &DataType::Int64))
        .collect::<Result<Vec<_>, _>>()?;
    let column = |position: usize| longs[position].as_primitive::<Int64Type>();
    let mut lists = Lists::default();
    for row in 0..input.n_rows {
        let (Some(start), Some(stop)) = (at(column(0), row), at(column(1), row)) else {
            lists.end_null();
            continue;
        };
        let step = match longs.len() {
            2 if start <= stop => 1,
            2 => -1,
            _ => match at(column(2), row) {
                Some(step) => step,
                None => {
                    lists.end_null();
                    continue;
                }
            },
        };
        let legal = (step > 0 && start <= stop)
            || (step < 0 && start >= stop)
            || (step == 0 && start == stop);
        if !legal {
            return Err(illegal(&start.to_string(), &stop.to_string(), &step.to_string()));
        }
        let length = match step {
            0 => 1,
            step => (i128::from(stop) - i128::from(start)) / i128::from(step) + 1,
        };
        if length > i128::from(elements_max()) - lists.values.len() as i128 {
            return Err(too_many("sequence", length));
        }
        lists.values.extend((0..length as i64).map(|n| start + n * step));
        lists.end_list();
    }
    lists.finish(input.result)
}

/// A step in months, days and microseconds.
#[derive(Debug, Clone, Copy)]
struct Step {
    months: i64,
    days: i64,
    micros: i64,
}

impl Step {
    /// Length in microseconds, a month counted as 28 days: for the sign, and for how many at most.
    fn rough(self) -> i128 {
        (i128::from(self.months) * 28 + i128::from(self.days)) * i128::from(MICROS_PER_DAY)
            + i128::from(self.micros)
    }

    /// The `n`th moment after `start`, reckoned from the start so that month ends do not drift.
    fn from(self, start: i64, n: i64, zone: Zone) -> Option<i64> {
        let moved = plus_months(start, self.months.checked_mul(n)?, zone)?;
        let moved = plus_days(moved, self.days.checked_mul(n)?, zone)?;
        moved.checked_add(self.micros.checked_mul(n)?)
    }
}

fn steps(column: &ArrayRef, row: usize) -> Option<Step> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Interval(IntervalUnit::YearMonth) => {
            let months = column.as_primitive::<IntervalYearMonthType>().value(row);
            Step { months: months.into(), days: 0, micros: 0 }
        }
        DataType::Duration(_) => {
            let micros = column.as_primitive::<DurationMicrosecondType>().value(row);
            Step { months: 0, days: micros / MICROS_PER_DAY, micros: micros % MICROS_PER_DAY }
        }
        _ => {
            let step = column.as_primitive::<IntervalMonthDayNanoType>().value(row);
            Step {
                months: step.months.into(),
                days: step.days.into(),
                micros: step.nanoseconds / 1000,
            }
        }
    })
}

fn moments(zone: &Zone, input: &Input<'_>) -> Result<ArrayRef> {
    let is_date = input.args[0].data_type() == &DataType::Date32;
    let instants = |column: &ArrayRef| -> Result<Int64Array> {
        if is_date {
            return local_micros(column, Zone::Fixed(0));
        }
        Ok(column.as_primitive::<TimestampMicrosecondType>().unary(|micros| micros))
    };
    let (starts, stops) = (instants(&input.args[0])?, instants(&input.args[1])?);
    let mut lists = Lists::default();
    for row in 0..input.n_rows {
        let (Some(start), Some(stop)) = (at(&starts, row), at(&stops, row)) else {
            lists.end_null();
            continue;
        };
        let step = match input.args.get(2) {
            None => Step { months: 0, days: if start <= stop { 1 } else { -1 }, micros: 0 },
            Some(column) => match steps(column, row) {
                Some(step) => step,
                None => {
                    lists.end_null();
                    continue;
                }
            },
        };
        let direction = step.rough().signum();
        let legal = match direction {
            0 => start == stop,
            1 => start <= stop,
            _ => start >= stop,
        };
        if !legal {
            let show = |micros: i64| match is_date {
                true => {
                    let day = Civil::from_days(micros / MICROS_PER_DAY);
                    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
                }
                false => micros.to_string(),
            };
            return Err(illegal(&show(start), &show(stop), &step.rough().to_string()));
        }
        for n in 0.. {
            if lists.values.len() as i64 >= elements_max() {
                return Err(too_many("sequence", n + 1));
            }
            let Some(moment) = step.from(start, n, *zone) else { break };
            let past = if direction >= 0 { moment > stop } else { moment < stop };
            if past {
                break;
            }
            lists.values.push(if is_date {
                i64::from(to_date(moment.div_euclid(MICROS_PER_DAY))?)
            } else {
                moment
            });
            if direction == 0 {
                break;
            }
        }
        lists.end_list();
    }
    lists.finish(input.result)
}

/// Lists of whole numbers under construction.
#[derive(Debug, Default)]
struct Lists {
    values: Vec<i64>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
    done: usize,
}

impl Lists {
    fn end_list(&mut self) {
        self.lengths.push(self.values.len() - self.done);
        self.valid.push(true);
        self.done = self.values.len();
    }

    fn end_null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    fn finish(self, result: &DataType) -> Result<ArrayRef> {
        let DataType::List(field) = result else {
            return Err(SparkError::internal("sequence answers with a list"));
        };
        let values: ArrayRef = Arc::new(Int64Array::from(self.values));
        let values = match field.data_type() {
            DataType::Date32 => {
                arrow_cast(&arrow_cast(&values, &DataType::Int32)?, &DataType::Date32)?
            }
            other => arrow_cast(&values, other)?,
        };
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        let nulls = Some(NullBuffer::from(self.valid)).filter(|nulls| nulls.null_count() > 0);
        Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
    }
}

//! `time_bucket(size, time, origin)`: the start of the bucket that holds a time.
//!
//! Bucket `k` begins `k` sizes after the origin: its months or whole days are counted on the
//! session's wall clock, what is left of all of them in real time. So buckets of days begin at midnight
//! on both sides of a change of the clock, and buckets of hours are all of one length.

use super::calendar::Civil;
use crate::call::{Arg, Call};
use crate::columns::get;
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind};
use crate::time_zone::{MICROS_PER_DAY, Zone};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, DurationMicrosecondType, IntervalYearMonthType, TimestampMicrosecondType,
};
use datafusion_common::ScalarValue;
use datafusion_expr::{Cast, Expr};
use firesteel_common::{Result, SparkError, SparkType};

/// The resolver adds the origin where the user left it out.
pub(crate) fn time_bucket(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [size, time, origin] = call.exactly::<3>()?;
    let kind = match time.spark_type()? {
        kind @ (SparkType::Timestamp | SparkType::TimestampNtz) => kind,
        SparkType::Null => SparkType::Timestamp,
        _ => {
            let required = "(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)";
            return Err(unexpected_type("time_bucket", 1, &time, required));
        }
    };
    let size_type = size.spark_type()?;
    match size_type {
        SparkType::Null
        | SparkType::DayTimeInterval { .. }
        | SparkType::YearMonthInterval { .. } => {}
        _ => {
            let required = "(\"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\")";
            return Err(unexpected_type("time_bucket", 0, &size, required));
        }
    }
    let origin_type = origin.spark_type()?;
    if origin_type != kind && origin_type != SparkType::Null {
        return Err(unexpected_type("time_bucket", 2, &origin, &kind.sql()));
    }
    for (arg, what) in [(&size, "bucketSize"), (&origin, "origin")] {
        if arg.expr.any_column_refs() {
            return Err(not_constant(what, arg));
        }
    }
    let zone = match kind {
        SparkType::TimestampNtz => Zone::Fixed(0),
        _ => Zone::parse(&settings.time_zone)?,
    };
    let size = match size_type {
        SparkType::Null => Expr::Literal(ScalarValue::DurationMicrosecond(None), None),
        _ => size.expr,
    };
    let as_kind = |arg: Arg| match arg.spark_type() {
        Ok(SparkType::Null) => Expr::Cast(Cast::new(Box::new(arg.expr), kind.to_arrow())),
        _ => arg.expr,
    };
    let args = vec![size, as_kind(time), as_kind(origin)];
    Ok(TIME_BUCKET.kernel(zone, &kind).call(args))
}

fn not_constant(what: &str, arg: &Arg) -> SparkError {
    let shown = arg.sql();
    SparkError::analysis(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
        format!(
            "Cannot resolve \"time_bucket\" due to data type mismatch: the input `{what}` should \
             be a foldable expression; however, got \"{shown}\"."
        ),
    )
    .with("inputName", format!("`{what}`"))
    .with("inputExpr", format!("\"{shown}\""))
}

pub(super) static TIME_BUCKET: Kind<Zone> = Kind::new("time_bucket", evaluate);

fn evaluate(zone: &Zone, input: &Input<'_>) -> Result<ArrayRef> {
    let times = input.primitive::<TimestampMicrosecondType>(1)?;
    let origins = input.primitive::<TimestampMicrosecondType>(2)?;
    input.primitives::<TimestampMicrosecondType>(|row| {
        let Some(size) = size_at(&input.args[0], row)? else { return Ok(None) };
        let (Some(time), Some(origin)) = (get!(times, row), get!(origins, row)) else {
            return Ok(None);
        };
        let start = size.start(*zone, time, origin);
        start.map(Some).ok_or_else(overflow)
    })
}

fn overflow() -> SparkError {
    SparkError::new(
        firesteel_common::ErrorKind::Arithmetic,
        "DATETIME_OVERFLOW",
        "Datetime operation overflow: bucket timestamps.",
    )
    .with("operation", "bucket timestamps")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Months(i64),
    Micros(i64),
}

fn size_at(column: &ArrayRef, row: usize) -> Result<Option<Size>> {
    if column.is_null(row) {
        return Ok(None);
    }
    let size = match column.data_type() {
        DataType::Duration(_) => {
            Size::Micros(column.as_primitive::<DurationMicrosecondType>().value(row))
        }
        DataType::Interval(_) => {
            Size::Months(i64::from(column.as_primitive::<IntervalYearMonthType>().value(row)))
        }
        other => return Err(SparkError::internal(format!("{other} is no interval"))),
    };
    let (Size::Months(amount) | Size::Micros(amount)) = size;
    if amount > 0 {
        return Ok(Some(size));
    }
    Err(SparkError::analysis(
        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
        "Cannot resolve \"time_bucket\" due to data type mismatch: The `bucketSize` must be between \
         (0, inf).",
    )
    .with("exprName", "`bucketSize`")
    .with("valueRange", "(0, inf)"))
}

impl Size {
    /// The start of the last bucket that begins at or before `time`; none beyond the years of a timestamp.
    fn start(self, zone: Zone, time: i64, origin: i64) -> Option<i64> {
        let mut k = self.estimate(zone, time, origin);
        while self.bucket(zone, origin, k)? > time {
            k -= 1;
        }
        while self.bucket(zone, origin, k + 1).is_some_and(|next| next <= time) {
            k += 1;
        }
        self.bucket(zone, origin, k)
    }

    /// A bucket near `time`: off by what clocks are set forward and back, and months differ.
    fn estimate(self, zone: Zone, time: i64, origin: i64) -> i64 {
        match self {
            Size::Micros(micros) => {
                let distance = i128::from(time) - i128::from(origin);
                distance.div_euclid(i128::from(micros)) as i64
            }
            Size::Months(months) => {
                let of = |instant: i64| {
                    let civil = Civil::from_days(zone.to_local(instant).div_euclid(MICROS_PER_DAY));
                    civil.year * 12 + i64::from(civil.month)
                };
                (of(time) - of(origin)).div_euclid(months)
            }
        }
    }

    fn bucket(self, zone: Zone, origin: i64, k: i64) -> Option<i64> {
        let local = zone.to_local(origin);
        let (day, clock) = (local.div_euclid(MICROS_PER_DAY), local.rem_euclid(MICROS_PER_DAY));
        let instant =
            |day: i64| Some(zone.to_utc(day.checked_mul(MICROS_PER_DAY)?.checked_add(clock)?));
        match self {
            Size::Months(months) => {
                instant(Civil::from_days(day).plus_months(k.checked_mul(months)?).to_days())
            }
            Size::Micros(micros) if micros < MICROS_PER_DAY => {
                origin.checked_add(k.checked_mul(micros)?)
            }
            Size::Micros(micros) => {
                let whole = k.checked_mul(micros)?;
                let first = instant(day.checked_add(whole / MICROS_PER_DAY)?)?;
                first.checked_add(whole % MICROS_PER_DAY)
            }
        }
    }
}

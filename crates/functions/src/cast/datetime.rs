//! Between dates and timestamps, and between timestamps and numbers.

use super::column::{Context, missing};
use super::decimal::{bounded, power_of_ten, rescale, to_double};
use super::java_double::double_text;
use crate::columns::{get, primitives, primitives_as};
use crate::faults;
use crate::time_zone::{MICROS_PER_DAY, MICROS_PER_SECOND};
use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
};
use firesteel_common::{ErrorKind, Result, SparkType};

pub(super) fn column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    use SparkType::{Date, Decimal, Double, Float, Time, Timestamp, TimestampNtz};
    let zone = context.zone;
    let map = |convert: &dyn Fn(i64) -> i64| {
        let values = array.as_primitive::<TimestampMicrosecondType>();
        primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
            Ok(get!(values, row).map(convert))
        })
    };
    match (from, to) {
        (Timestamp, TimestampNtz) => map(&|micros| zone.to_local(micros)),
        (TimestampNtz, Timestamp) => map(&|micros| zone.to_utc(micros)),
        (Timestamp | TimestampNtz, Date) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            let instant = *from == Timestamp;
            primitives::<Date32Type>(array.len(), |row| {
                Ok(get!(values, row).map(|micros| {
                    let local = if instant { zone.to_local(micros) } else { micros };
                    local.div_euclid(MICROS_PER_DAY) as i32
                }))
            })
        }
        (Date, Timestamp | TimestampNtz) => {
            let values = array.as_primitive::<Date32Type>();
            let instant = *to == Timestamp;
            primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
                Ok(get!(values, row).map(|days| {
                    let local = i64::from(days).saturating_mul(MICROS_PER_DAY);
                    if instant { zone.to_utc(local) } else { local }
                }))
            })
        }
        (Date, _) => Ok(new_null_array(&to.to_arrow(), array.len())),
        (Time { .. }, Time { precision }) => truncate_time(array, *precision),
        (Timestamp, Float | Double) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            let doubles =
                primitives::<Float64Type>(array.len(), |row| Ok(get!(values, row).map(seconds)))?;
            Ok(arrow::compute::cast(&doubles, &to.to_arrow())?)
        }
        (Timestamp, Decimal { precision, scale }) => {
            let values = array.as_primitive::<TimestampMicrosecondType>();
            primitives_as::<Decimal128Type>(&to.to_arrow(), array.len(), |row| {
                let Some(micros) = get!(values, row) else { return Ok(None) };
                let unscaled = rescale(i128::from(micros), 6, *scale);
                bounded(unscaled, *precision, *scale, context, || double_text(seconds(micros)))
            })
        }
        (Timestamp, to) if to.is_integral() => whole_seconds(array, to, context),
        (from, Timestamp) if from.is_integral() => {
            let wide = arrow::compute::cast(array, &DataType::Int64)?;
            let values = wide.as_primitive::<Int64Type>();
            primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
                Ok(get!(values, row).map(|seconds| seconds.saturating_mul(MICROS_PER_SECOND)))
            })
        }
        (Float | Double, Timestamp) => {
            let wide = arrow::compute::cast(array, &DataType::Float64)?;
            let values = wide.as_primitive::<Float64Type>();
            primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
                let Some(value) = get!(values, row) else { return Ok(None) };
                if value.is_finite() {
                    let micros = value * MICROS_PER_SECOND as f64;
                    // Compared as Java compares: the bounds become floats, which rounds the upper one up.
                    if micros.floor() <= i64::MAX as f64 && micros.ceil() >= i64::MIN as f64 {
                        return Ok(Some(micros as i64));
                    }
                    return context.misfit(Some(micros as i64), || {
                        let shown = format!("{}D", double_text(micros));
                        faults::cast_overflow(&shown, "DOUBLE", "BIGINT")
                    });
                }
                context.misfit(None, || {
                    faults::cast_invalid_input(
                        ErrorKind::DateTime,
                        &format!("{}D", double_text(value)),
                        &from.sql(),
                        &to.sql(),
                    )
                })
            })
        }
        (Decimal { scale, .. }, Timestamp) => {
            let values = array.as_primitive::<Decimal128Type>();
            let divisor = power_of_ten(u32::from(scale.unsigned_abs()));
            primitives_as::<TimestampMicrosecondType>(&to.to_arrow(), array.len(), |row| {
                Ok(get!(values, row).map(|unscaled| {
                    match unscaled.checked_mul(i128::from(MICROS_PER_SECOND)) {
                        Some(micros) => (micros / divisor) as i64,
                        None => (to_double(unscaled, *scale) * 1e6) as i64,
                    }
                }))
            })
        }
        _ => Err(missing(from, to)),
    }
}

fn seconds(micros: i64) -> f64 {
    micros as f64 / MICROS_PER_SECOND as f64
}

fn whole_seconds(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let values = array.as_primitive::<TimestampMicrosecondType>();
    let (min, max) = match to {
        SparkType::Byte => (i64::from(i8::MIN), i64::from(i8::MAX)),
        SparkType::Short => (i64::from(i16::MIN), i64::from(i16::MAX)),
        SparkType::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let longs = primitives::<Int64Type>(array.len(), |row| {
        let Some(micros) = get!(values, row) else { return Ok(None) };
        let seconds = micros.div_euclid(MICROS_PER_SECOND);
        if (min..=max).contains(&seconds) {
            return Ok(Some(seconds));
        }
        context.misfit(None, || {
            let local = super::datetime_text::timestamp_text(context.zone.to_local(micros));
            let shown = format!("TIMESTAMP '{local}'");
            faults::cast_overflow(&shown, "TIMESTAMP", &to.sql())
        })
    })?;
    Ok(arrow::compute::cast(&longs, &to.to_arrow())?)
}

fn truncate_time(array: &ArrayRef, precision: u8) -> Result<ArrayRef> {
    let unit = 10i64.pow(9u32.saturating_sub(u32::from(precision)));
    let values = array.as_primitive::<arrow::datatypes::Time64NanosecondType>();
    primitives::<arrow::datatypes::Time64NanosecondType>(array.len(), |row| {
        Ok(get!(values, row).map(|nanos| nanos / unit * unit))
    })
}

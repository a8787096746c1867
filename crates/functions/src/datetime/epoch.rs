//! Numbers to timestamps and back: `timestamp_seconds`, `timestamp_millis`, `timestamp_micros`.

use super::arithmetic::datetime_overflow;
use crate::call::Call;
use crate::implicit::{implicit, unexpected_type};
use crate::scalar_kernel::{Kind, Nullable, at};
use crate::time_zone::MICROS_PER_SECOND;
use arrow::datatypes::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

/// `timestamp_millis(n)`, `timestamp_micros(n)` and, for whole numbers, `timestamp_seconds(n)`.
pub(crate) fn from_whole(call: Call<'_>, micros_per_unit: i64) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    if !arg.spark_type()?.is_integral() && arg.spark_type()? != SparkType::Null {
        return Err(unexpected_type(&name, 0, &arg, "INTEGRAL"));
    }
    let expr = implicit(&name, 0, arg, &SparkType::Long, settings)?;
    let result = SparkType::Timestamp;
    let kernel = OF_NUMBER.kernel(micros_per_unit, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

pub(super) static OF_NUMBER: Kind<i64> = Kind::new("timestamp_of_number", |size, input| {
    let numbers = input.primitive::<Int64Type>(0)?;
    input.primitives::<TimestampMicrosecondType>(|row| match at(numbers, row) {
        Some(number) => number.checked_mul(*size).map(Some).ok_or_else(datetime_overflow),
        None => Ok(None),
    })
});

/// `timestamp_seconds(n)`: fractions are kept to the microsecond.
pub(crate) fn timestamp_seconds(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 1)?;
    let spark_type = call.args[0].spark_type()?;
    let result = SparkType::Timestamp;
    match spark_type {
        SparkType::Float | SparkType::Double => {
            let args = call.implicit(&[SparkType::Double])?;
            let kernel = OF_DOUBLE.kernel((), &result);
            Ok(kernel.call(args))
        }
        SparkType::Decimal { scale, .. } => {
            let [arg] = call.exactly()?;
            Ok(OF_DECIMAL.kernel(scale, &result).call(vec![arg.expr]))
        }
        _ => from_whole(call, MICROS_PER_SECOND),
    }
}

pub(super) static OF_DOUBLE: Kind<()> = Kind::new("timestamp_of_double", |(), input| {
    let numbers = input.primitive::<Float64Type>(0)?;
    input.primitives::<TimestampMicrosecondType>(|row| {
        Ok(at(numbers, row)
            .filter(|number| number.is_finite())
            .map(|number| (number * MICROS_PER_SECOND as f64) as i64))
    })
});

/// The parameter is the scale. Nothing is rounded.
pub(super) static OF_DECIMAL: Kind<i8> = Kind::new("timestamp_of_decimal", |scale, input| {
    let numbers = input.primitive::<Decimal128Type>(0)?;
    input.primitives::<TimestampMicrosecondType>(|row| match at(numbers, row) {
        Some(seconds) => {
            let java = |message: &str| SparkError::new(ErrorKind::Arithmetic, "", message);
            let unit = crate::cast::decimal::power_of_ten(u32::from(scale.unsigned_abs()));
            let scaled = seconds
                .checked_mul(i128::from(MICROS_PER_SECOND))
                .ok_or_else(|| java("Overflow"))?;
            if scaled % unit != 0 {
                return Err(java("Rounding necessary"));
            }
            i64::try_from(scaled / unit).map(Some).map_err(|_| java("Overflow"))
        }
        None => Ok(None),
    })
});

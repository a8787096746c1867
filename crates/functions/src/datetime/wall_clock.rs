//! Dates and both kinds of timestamps as one thing: microseconds of a wall clock.

use crate::call::Arg;
use crate::cast::{EvalMode, cast};
use crate::implicit::{implicit, unexpected_type};
use crate::time_zone::{MICROS_PER_DAY, Zone};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};

/// An argument that has a wall clock, and the zone of that clock: the session's for `timestamp`,
/// none (UTC) for `timestamp_ntz` and `date`.
pub(crate) fn wall_clock(
    function: &str,
    position: usize,
    arg: Arg,
    target: &SparkType,
    settings: &SessionSettings,
) -> Result<(Expr, Zone, SparkType)> {
    let actual = arg.spark_type()?;
    match actual {
        SparkType::Timestamp => Ok((arg.expr, Zone::parse(&settings.time_zone)?, actual)),
        SparkType::TimestampNtz | SparkType::Date => Ok((arg.expr, Zone::Fixed(0), actual)),
        _ if actual.is_string() || actual == SparkType::Null => {
            let zone = match target {
                SparkType::Timestamp => Zone::parse(&settings.time_zone)?,
                _ => Zone::Fixed(0),
            };
            let expr = cast(arg, target, EvalMode::of(settings), settings)?;
            Ok((expr, zone, target.clone()))
        }
        _ => Err(unexpected_type(function, position, &arg, &target.sql())),
    }
}

/// Microseconds of the wall clock, per row.
pub(crate) fn local_micros(column: &ArrayRef, zone: Zone) -> Result<Int64Array> {
    match column.data_type() {
        DataType::Date32 => Ok(column
            .as_primitive::<Date32Type>()
            .unary(|days| i64::from(days).wrapping_mul(MICROS_PER_DAY))),
        DataType::Timestamp(_, _) => {
            let micros =
                column.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(|| {
                    SparkError::internal(format!("a timestamp is not in microseconds: {column:?}"))
                })?;
            Ok(micros.unary(|micros| zone.to_local(micros)))
        }
        other => Err(SparkError::internal(format!("{other} has no wall clock"))),
    }
}

/// `arg` as `timestamp`, an instant.
pub(crate) fn instant(
    function: &str,
    position: usize,
    arg: Arg,
    settings: &SessionSettings,
) -> Result<Expr> {
    implicit(function, position, arg, &SparkType::Timestamp, settings)
}

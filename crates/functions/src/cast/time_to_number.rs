//! Times of day as the seconds since midnight.

use super::EvalMode;
use super::column::{Context, cast_column};
use arrow::array::{ArrayRef, AsArray, Decimal128Array, Int64Array};
use arrow::datatypes::Time64NanosecondType;
use firesteel_common::{Result, SparkType};
use std::sync::Arc;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Digits of nanoseconds, and of the nanoseconds of a day.
const SCALE: i8 = 9;
const PRECISION: u8 = 14;

/// Whole seconds, or with their fraction as decimals. What does not fit is null, in ANSI mode too.
pub(super) fn column(array: &ArrayRef, to: &SparkType, context: &Context) -> Result<ArrayRef> {
    let times = array.as_primitive::<Time64NanosecondType>();
    let lenient = Context { mode: EvalMode::Try, ..*context };
    if to.is_integral() {
        let seconds: Int64Array = times.unary(|nanos| nanos / NANOS_PER_SECOND);
        let seconds: ArrayRef = Arc::new(seconds);
        return cast_column(&seconds, &SparkType::Long, to, &lenient);
    }
    let exact: Decimal128Array = times.unary(i128::from);
    let exact: ArrayRef = Arc::new(exact.with_precision_and_scale(PRECISION, SCALE)?);
    let from = SparkType::Decimal { precision: PRECISION, scale: SCALE };
    cast_column(&exact, &from, to, &lenient)
}

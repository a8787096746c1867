//! `width_bucket(value, min, max, n)`.

use crate::call::{Arg, Call};
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives};
use crate::scalar_kernel::Kind;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{
    DataType, DurationMicrosecondType, Float64Type, Int64Type, IntervalYearMonthType,
};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

pub(super) fn width_bucket(call: Call<'_>) -> Result<Expr> {
    let is_interval = |arg: &Arg| {
        let kind = arg.spark_type();
        matches!(kind, Ok(SparkType::DayTimeInterval { .. } | SparkType::YearMonthInterval { .. }))
    };
    if call.args.len() == 4 && call.args[..3].iter().all(is_interval) {
        let settings = call.settings;
        let [value, min, max, count] = call.exactly::<4>()?;
        let count = expect("width_bucket", 3, count, Class::Long, settings)?;
        let args = vec![value.expr, min.expr, max.expr, count.expr];
        return Ok(WIDTH_BUCKET.kernel((), &SparkType::Long).call(args));
    }
    let classes = [Class::Double, Class::Double, Class::Double, Class::Long];
    call.partial(&WIDTH_BUCKET, 4, &classes, &SparkType::Long)
}

pub(super) static WIDTH_BUCKET: Kind<()> = Kind::new("width_bucket", |(), input| {
    let [values, mins, maxs] = [0, 1, 2].map(|position| as_doubles(&input.args[position]));
    let (values, mins, maxs) = (values?, mins?, maxs?);
    let counts = input.longs(3)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        let (Some(value), Some(min), Some(max), Some(count)) =
            (get!(&values, row), get!(&mins, row), get!(&maxs, row), get!(counts, row))
        else {
            return Ok(None);
        };
        Ok(bucket(value, min, max, count))
    })
});

/// Numbers, or the months or microseconds of intervals.
fn as_doubles(column: &ArrayRef) -> Result<Float64Array> {
    Ok(match column.data_type() {
        DataType::Duration(_) => column
            .as_primitive::<DurationMicrosecondType>()
            .unary::<_, Float64Type>(|micros| micros as f64),
        DataType::Interval(_) => {
            column.as_primitive::<IntervalYearMonthType>().unary::<_, Float64Type>(f64::from)
        }
        DataType::Float64 => column.as_primitive::<Float64Type>().clone(),
        other => return Err(SparkError::internal(format!("width_bucket of {other}"))),
    })
}

fn bucket(value: f64, min: f64, max: f64, count: i64) -> Option<i64> {
    if count <= 0
        || count == i64::MAX
        || value.is_nan()
        || min == max
        || !min.is_finite()
        || !max.is_finite()
    {
        return None;
    }
    let (lower, upper) = (min.min(max), min.max(max));
    let inside = if min < max { value - lower } else { upper - value };
    Some(if inside < 0.0 {
        0
    } else if inside >= upper - lower {
        count + 1
    } else {
        (count as f64 * inside / (upper - lower)) as i64 + 1
    })
}

//! `width_bucket(value, min, max, n)`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::scalar_kernel::Kind;
use arrow::array::Array;
use arrow::datatypes::Int64Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

pub(super) fn width_bucket(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::Double, Class::Double, Class::Double, Class::Long];
    call.partial(&WIDTH_BUCKET, 4, &classes, &SparkType::Long)
}

pub(super) static WIDTH_BUCKET: Kind<()> = Kind::new("width_bucket", |(), input| {
    let (values, mins, maxs) = (input.doubles(0)?, input.doubles(1)?, input.doubles(2)?);
    let counts = input.longs(3)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        let (Some(value), Some(min), Some(max), Some(count)) =
            (get!(values, row), get!(mins, row), get!(maxs, row), get!(counts, row))
        else {
            return Ok(None);
        };
        Ok(bucket(value, min, max, count))
    })
});

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

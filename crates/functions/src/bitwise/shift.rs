//! Shifts of ints and longs; the distance counts modulo the width, as in Java.

use crate::call::Call;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Int32Type, Int64Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Direction {
    Left,
    Right,
    RightUnsigned,
}

pub(super) fn left(call: Call<'_>) -> Result<Expr> {
    build(call, "shiftleft", Direction::Left)
}

pub(super) fn right(call: Call<'_>) -> Result<Expr> {
    build(call, "shiftright", Direction::Right)
}

pub(super) fn right_unsigned(call: Call<'_>) -> Result<Expr> {
    build(call, "shiftrightunsigned", Direction::RightUnsigned)
}

fn build(call: Call<'_>, name: &'static str, direction: Direction) -> Result<Expr> {
    let (shown, settings) = (call.name, call.settings);
    let [value, distance] = call.exactly::<2>()?;
    let long = value.spark_type()? == SparkType::Long;
    let class = if long { Class::Long } else { Class::Integer };
    let value = expect(shown, 0, value, class, settings)?;
    let distance = expect(shown, 1, distance, Class::Integer, settings)?;
    let (result, kind) =
        if long { (SparkType::Long, &OF_LONGS) } else { (SparkType::Integer, &OF_INTS) };
    let kernel = kind.named(name, direction, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![value.expr, distance.expr]))
}

macro_rules! shifts {
    ($name:ident, $arrow:ty, $native:ty, $unsigned:ty) => {
        fn $name(direction: &Direction, input: &Input<'_>) -> Result<ArrayRef> {
            let (values, distances) = (input.numbers::<$arrow>(0)?, input.ints(1)?);
            primitives::<$arrow>(input.n_rows, |row| {
                let (Some(value), Some(distance)) = (get!(values, row), get!(distances, row))
                else {
                    return Ok(None);
                };
                let distance = distance as u32;
                Ok(Some(match direction {
                    Direction::Left => value.wrapping_shl(distance),
                    Direction::Right => value.wrapping_shr(distance),
                    Direction::RightUnsigned => {
                        (value as $unsigned).wrapping_shr(distance) as $native
                    }
                }))
            })
        }
    };
}

pub(super) static OF_INTS: Kind<Direction> = Kind::new("shift.int", ints);
pub(super) static OF_LONGS: Kind<Direction> = Kind::new("shift.long", longs);

shifts!(ints, Int32Type, i32, u32);
shifts!(longs, Int64Type, i64, u64);

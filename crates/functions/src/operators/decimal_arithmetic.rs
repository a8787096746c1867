//! Decimal arithmetic: Spark's result types (`DecimalPrecision`) and kernels on 128 bits that go
//! over to 256 only where a product does not fit.

use super::arithmetic::Op;
use super::integer_arithmetic::by_zero;
use crate::cast::decimal::{bounded, decimal_text, fits, power_of_ten, rescale};
use crate::cast::{Context, EvalMode};
use crate::columns::{get, primitives, primitives_as};
use crate::scalar_kernel::{Input, Kernel, Kind, Nullable};
use arrow::array::{Array, ArrayRef, PrimitiveArray};
use arrow::compute::binary;
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, Decimal128Type, Int64Type, i256};
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    op: Op,
    mode: EvalMode,
    left_scale: i8,
    right_scale: i8,
    precision: u8,
    scale: i8,
}

/// The type of `left op right`, and whether it holds every result exactly.
pub(crate) fn result_type(
    left: &SparkType,
    right: &SparkType,
    op: Op,
    precision_loss: bool,
) -> Result<(SparkType, bool)> {
    let (
        SparkType::Decimal { precision: p1, scale: s1 },
        SparkType::Decimal { precision: p2, scale: s2 },
    ) = (left, right)
    else {
        return Err(SparkError::internal("decimal arithmetic on other types"));
    };
    let [p1, s1, p2, s2] = [i16::from(*p1), i16::from(*s1), i16::from(*p2), i16::from(*s2)];
    let (precision, scale) = match op {
        Op::Add | Op::Subtract => {
            let scale = s1.max(s2);
            ((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        Op::Multiply => (p1 + p2 + 1, s1 + s2),
        Op::Divide if precision_loss => {
            let scale = (s1 + p2 + 1).max(6);
            (p1 - s1 + s2 + scale, scale)
        }
        Op::Divide => {
            let whole = (p1 - s1 + s2).min(38);
            let fraction = (s1 + p2 + 1).max(6).min(38);
            let excess = whole + fraction - 38;
            if excess > 0 {
                let fraction = fraction - (excess / 2 + 1);
                (38, fraction)
            } else {
                (whole + fraction, fraction)
            }
        }
        Op::Remainder | Op::PositiveModulus => {
            let scale = s1.max(s2);
            ((p1 - s1).min(p2 - s2) + scale, scale)
        }
        Op::IntegralDivide => return Ok((SparkType::Long, false)),
    };
    let (adjusted_precision, adjusted_scale) = if precision <= 38 {
        (precision, scale)
    } else if precision_loss {
        let whole = precision - scale;
        (38, (38 - whole).max(scale.min(6)))
    } else {
        (38, scale.min(38))
    };
    let result = SparkType::Decimal {
        precision: u8::try_from(adjusted_precision).unwrap_or(38),
        scale: i8::try_from(adjusted_scale).unwrap_or(0),
    };
    Ok((result, precision <= 38))
}

pub(super) fn kernel(
    op: Op,
    mode: EvalMode,
    left: &SparkType,
    right: &SparkType,
    result: &SparkType,
    nullable: Nullable,
) -> Kernel {
    let scale_of = |data_type: &SparkType| match data_type {
        SparkType::Decimal { precision, scale } => (*precision, *scale),
        _ => (38, 0),
    };
    let (precision, scale) = scale_of(result);
    let params = Params {
        op,
        mode,
        left_scale: scale_of(left).1,
        right_scale: scale_of(right).1,
        precision,
        scale,
    };
    let kind = if op == Op::IntegralDivide { &WHOLE_OF_DECIMALS } else { &DECIMALS };
    kind.named(op.symbol(), params, result).nullable(nullable)
}

pub(super) static DECIMALS: Kind<Params> = Kind::new("arithmetic.decimal", evaluate);
pub(super) static WHOLE_OF_DECIMALS: Kind<Params> =
    Kind::new("arithmetic.decimal_whole", evaluate_whole);

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let left = input.numbers::<Decimal128Type>(0)?;
    let right = input.numbers::<Decimal128Type>(1)?;
    let Params { op, mode, left_scale, right_scale, precision, scale } = *params;
    if op == Op::Multiply
        && left_scale + right_scale == scale
        && precision == DECIMAL128_MAX_PRECISION
        && let Some(products) = narrow_products(left, right)
    {
        return Ok(Arc::new(products.with_data_type(input.result.clone())));
    }
    let context = Context::arithmetic(mode);
    primitives_as::<Decimal128Type>(input.result, input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        let value = match op {
            Op::Add => sum(a, left_scale, b, right_scale, scale),
            Op::Subtract => sum(a, left_scale, -b, right_scale, scale),
            Op::Multiply => product(a, b, left_scale + right_scale, scale),
            _ if b == 0 => {
                return if mode == EvalMode::Ansi { Err(by_zero(op)) } else { Ok(None) };
            }
            Op::Divide => quotient(a, b, scale - left_scale + right_scale),
            _ => modulus(a, left_scale, b, right_scale, op == Op::PositiveModulus)
                .and_then(|rest| rescale(rest, left_scale.max(right_scale), scale)),
        };
        match value {
            Some(value) if fits(value, precision) => Ok(Some(value)),
            _ => bounded(None, precision, scale, &context, || {
                let (a, b) = (decimal_text(a, left_scale), decimal_text(b, right_scale));
                match (mode, value) {
                    (_, Some(value)) => decimal_text(value, scale),
                    _ => format!("{a} {} {b}", op.symbol()),
                }
            }),
        }
    })
}

/// The products, if all factors fit into 64 bits: each product is then below 2^126, which 38 digits hold.
fn narrow_products(
    left: &PrimitiveArray<Decimal128Type>,
    right: &PrimitiveArray<Decimal128Type>,
) -> Option<PrimitiveArray<Decimal128Type>> {
    let wide = Cell::new(false);
    let products = binary(left, right, |a: i128, b: i128| {
        let (narrow_a, narrow_b) = (a as i64, b as i64);
        wide.set(wide.get() | (i128::from(narrow_a) != a) | (i128::from(narrow_b) != b));
        i128::from(narrow_a) * i128::from(narrow_b)
    });
    products.ok().filter(|_| !wide.get())
}

fn evaluate_whole(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let left = input.numbers::<Decimal128Type>(0)?;
    let right = input.numbers::<Decimal128Type>(1)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        if b == 0 {
            return if params.mode == EvalMode::Ansi { Err(by_zero(params.op)) } else { Ok(None) };
        }
        let (a, b) = aligned(a, params.left_scale, b, params.right_scale);
        // Java keeps the low 64 bits of a larger quotient.
        Ok(a.checked_div(b).map(|quotient| quotient.as_i128() as i64))
    })
}

fn sum(a: i128, left_scale: i8, b: i128, right_scale: i8, scale: i8) -> Option<i128> {
    let common = left_scale.max(right_scale);
    let narrow = || rescale(a, left_scale, common)?.checked_add(rescale(b, right_scale, common)?);
    match narrow() {
        Some(sum) => rescale(sum, common, scale),
        None => {
            let (a, b) = aligned(a, left_scale, b, right_scale);
            shrink(a.checked_add(b)?, common - scale)
        }
    }
}

/// `a × b`, whose scale is `from`, at `to`.
pub(crate) fn product(a: i128, b: i128, from: i8, to: i8) -> Option<i128> {
    match a.checked_mul(b) {
        Some(product) => rescale(product, from, to),
        None => shrink(i256::from_i128(a).checked_mul(i256::from_i128(b))?, from - to),
    }
}

/// `a / b × 10^shift`, rounded half up.
pub(crate) fn quotient(a: i128, b: i128, shift: i8) -> Option<i128> {
    let factor = 10i128.checked_pow(u32::from(shift.max(0).unsigned_abs()));
    if let Some(numerator) = factor.and_then(|factor| a.checked_mul(factor)) {
        let (whole, rest) = (numerator.checked_div(b)?, numerator.checked_rem(b)?);
        let up = rest.unsigned_abs() >= b.unsigned_abs().div_ceil(2);
        let sign = if (numerator < 0) == (b < 0) { 1 } else { -1 };
        return Some(if up && rest != 0 { whole + sign } else { whole });
    }
    let numerator = i256::from_i128(a).checked_mul(wide_power(shift))?;
    let divisor = i256::from_i128(b);
    let (whole, rest) = (numerator.checked_div(divisor)?, numerator.checked_rem(divisor)?);
    let up = rest.checked_add(rest)?.checked_abs()? >= divisor.checked_abs()?;
    let sign = if (a < 0) == (b < 0) { i256::ONE } else { i256::MINUS_ONE };
    (if up { whole.checked_add(sign)? } else { whole }).to_i128()
}

fn modulus(a: i128, left_scale: i8, b: i128, right_scale: i8, positive: bool) -> Option<i128> {
    let (a, b) = aligned(a, left_scale, b, right_scale);
    let rest = a.checked_rem(b)?;
    let rest =
        if positive && rest < i256::ZERO { rest.checked_add(b)?.checked_rem(b)? } else { rest };
    rest.to_i128()
}

/// Both numbers at the larger scale.
fn aligned(a: i128, left_scale: i8, b: i128, right_scale: i8) -> (i256, i256) {
    let common = left_scale.max(right_scale);
    (
        i256::from_i128(a).wrapping_mul(wide_power(common - left_scale)),
        i256::from_i128(b).wrapping_mul(wide_power(common - right_scale)),
    )
}

fn wide_power(exponent: i8) -> i256 {
    i256::from_i128(10).wrapping_pow(u32::from(exponent.max(0).unsigned_abs()))
}

/// Without the last `digits` digits, rounded half up.
fn shrink(value: i256, digits: i8) -> Option<i128> {
    if digits <= 0 {
        return value.to_i128();
    }
    let divisor = wide_power(digits);
    let (whole, rest) = (value.checked_div(divisor)?, value.checked_rem(divisor)?);
    let up = rest.checked_add(rest)?.checked_abs()? >= divisor;
    let sign = if value < i256::ZERO { i256::MINUS_ONE } else { i256::ONE };
    (if up { whole.checked_add(sign)? } else { whole }).to_i128()
}

/// Rounds to `digits` after the point, away from zero at half (`up`) or to the even neighbour.
pub(crate) fn round_to(unscaled: i128, scale: i8, digits: i32, even: bool) -> i128 {
    let drop = i32::from(scale) - digits;
    if drop <= 0 {
        return unscaled;
    }
    if drop > 38 {
        return 0;
    }
    let unit = power_of_ten(drop.unsigned_abs());
    let (whole, rest) = (unscaled / unit, (unscaled % unit).unsigned_abs());
    let half = unit.unsigned_abs() / 2;
    let up = rest > half || (rest == half && (!even || whole % 2 != 0));
    (whole + if up { unscaled.signum() } else { 0 }).saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(precision: u8, scale: i8) -> SparkType {
        SparkType::Decimal { precision, scale }
    }

    /// Recorded from Spark 4.2.0: `typeof(a op b)`.
    #[test]
    fn result_types() {
        for (left, right, op, expected) in [
            (decimal(15, 2), decimal(16, 2), Op::Multiply, decimal(32, 4)),
            (decimal(32, 4), decimal(16, 2), Op::Multiply, decimal(38, 6)),
            (decimal(38, 18), decimal(38, 18), Op::Multiply, decimal(38, 6)),
            (decimal(38, 18), decimal(38, 18), Op::Divide, decimal(38, 6)),
            (decimal(10, 2), decimal(5, 1), Op::Divide, decimal(17, 8)),
            (decimal(38, 10), decimal(38, 5), Op::Add, decimal(38, 6)),
            (decimal(10, 2), decimal(5, 1), Op::Remainder, decimal(6, 2)),
        ] {
            let (found, _) = result_type(&left, &right, op, true).expect("decimals");
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn rounding() {
        assert_eq!(quotient(1, 3, 6), Some(333_333));
        assert_eq!(quotient(-2, 3, 6), Some(-666_667));
        assert_eq!(quotient(10i128.pow(37), 3, 10).map(|q| q % 1000), None);
        assert_eq!(product(10i128.pow(30), 10i128.pow(10), 10, 4), Some(10i128.pow(34)));
        assert_eq!(round_to(25, 1, 0, true), 20);
        assert_eq!(round_to(25, 1, 0, false), 30);
    }
}

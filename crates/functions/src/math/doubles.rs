//! Functions from doubles to a double, as `java.lang.StrictMath` has them.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::scalar_kernel::{AnyKind, Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DurationMicrosecondType, Float64Type, IntervalYearMonthType};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use std::sync::Arc;

/// Builders of functions of one double, nullable always as Spark has them. The whole column is computed, nulls included: no value fails.
macro_rules! of_one {
    ($($name:ident $kind:ident $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                call.partial(&$kind, 1, &[Class::Double], &SparkType::Double)
            }

            static $kind: Kind<()> = Kind::new(stringify!($name), |(), input| {
                let compute: fn(f64) -> f64 = $compute;
                Ok(Arc::new(input.doubles(0)?.unary::<_, Float64Type>(compute)))
            });
        )*

        pub(super) static OF_ONE: &[&dyn AnyKind] = &[$(&$kind),*];
    };
}

of_one! {
    acos ACOS f64::acos;
    acosh ACOSH acosh_of;
    asin ASIN f64::asin;
    asinh ASINH asinh_of;
    atan ATAN f64::atan;
    atanh ATANH |x| 0.5 * (x.ln_1p() - (-x).ln_1p());
    cbrt CBRT f64::cbrt;
    cos COS f64::cos;
    cosh COSH super::java_exp::cosh;
    cot COT |x| 1.0 / x.tan();
    csc CSC |x| 1.0 / x.sin();
    degrees DEGREES |x| x * (180.0 / std::f64::consts::PI);
    exp EXP super::java_exp::exp;
    expm1 EXPM1 f64::exp_m1;
    radians RADIANS |x| x / 180.0 * std::f64::consts::PI;
    rint RINT f64::round_ties_even;
    sec SEC |x| 1.0 / x.cos();
    sin SIN f64::sin;
    sinh SINH f64::sinh;
    sqrt SQRT f64::sqrt;
    tan TAN f64::tan;
    tanh TANH f64::tanh;
}

/// Where a square would be no number any more.
const SQUARED_MAX: f64 = 1e154;

fn acosh_of(x: f64) -> f64 {
    if x > SQUARED_MAX { x.ln() + std::f64::consts::LN_2 } else { (x + (x * x - 1.0).sqrt()).ln() }
}

fn asinh_of(x: f64) -> f64 {
    if x.is_finite() && x.abs() > SQUARED_MAX {
        (x.abs().ln() + std::f64::consts::LN_2).copysign(x)
    } else {
        x.asinh()
    }
}

fn sign_of_interval(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let column = input.args.first();
    if let Some(months) = column.and_then(|c| c.as_primitive_opt::<IntervalYearMonthType>()) {
        return Ok(Arc::new(months.unary::<_, Float64Type>(|months| f64::from(months.signum()))));
    }
    let micros = input.numbers::<DurationMicrosecondType>(0)?;
    Ok(Arc::new(micros.unary::<_, Float64Type>(|micros| micros.signum() as f64)))
}

/// Zero keeps its sign, not-a-number stays.
pub(super) fn signum(call: Call<'_>) -> Result<Expr> {
    if let [arg] = call.args.as_slice()
        && let SparkType::YearMonthInterval { .. } | SparkType::DayTimeInterval { .. } =
            arg.spark_type()?
    {
        let kernel = SIGN_OF_INTERVAL.kernel((), &SparkType::Double);
        return Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()));
    }
    call.partial(&SIGNUM, 1, &[Class::Double], &SparkType::Double)
}

pub(super) static SIGN_OF_INTERVAL: Kind<()> = Kind::new("signum.interval", sign_of_interval);

pub(super) static SIGNUM: Kind<()> = Kind::new("signum", |(), input| {
    let sign = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
    Ok(Arc::new(input.doubles(0)?.unary::<_, Float64Type>(sign)))
});

/// Builders of functions of two doubles.
macro_rules! of_two {
    ($($name:ident $kind:ident $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                let classes = [Class::Double, Class::Double];
                call.strict(&$kind, 2, &classes, &SparkType::Double)
            }

            static $kind: Kind<()> = Kind::new(stringify!($name), |(), input| {
                let (left, right) = (input.doubles(0)?, input.doubles(1)?);
                let compute: fn(f64, f64) -> f64 = $compute;
                primitives::<Float64Type>(input.n_rows, |row| {
                    match (get!(left, row), get!(right, row)) {
                        (Some(a), Some(b)) => Ok(Some(compute(a, b))),
                        _ => Ok(None),
                    }
                })
            });
        )*

        pub(super) static OF_TWO: &[&dyn AnyKind] = &[$(&$kind),*];
    };
}

of_two! {
    // Adding zero turns -0.0 into 0.0, as Spark does.
    atan2 ATAN2 |y, x| (y + 0.0).atan2(x + 0.0);
    hypot HYPOT f64::hypot;
    power POWER java_power;
}

/// Java's `pow` of 1 with an infinite or undefined exponent is not a number.
fn java_power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

fn constant(call: &Call<'_>, value: f64) -> Result<Expr> {
    call.check_arity(0, 0)?;
    Ok(Expr::Literal(ScalarValue::Float64(Some(value)), None))
}

pub(super) fn e(call: Call<'_>) -> Result<Expr> {
    constant(&call, std::f64::consts::E)
}

pub(super) fn pi(call: Call<'_>) -> Result<Expr> {
    constant(&call, std::f64::consts::PI)
}

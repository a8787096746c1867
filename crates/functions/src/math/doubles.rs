//! Functions from doubles to a double, as `java.lang.StrictMath` has them.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::scalar_kernel::{Input, Kernel, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DurationMicrosecondType, Float64Type, IntervalYearMonthType};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use std::sync::Arc;

/// Builders of functions of one double, nullable always as Spark has them. The whole column is computed, nulls included: no value fails.
macro_rules! of_one {
    ($($name:ident $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                call.partial(stringify!($name), 1, &[Class::Double], &SparkType::Double, |(), input| {
                    let compute: fn(f64) -> f64 = $compute;
                    Ok(Arc::new(input.doubles(0)?.unary::<_, Float64Type>(compute)))
                })
            }
        )*
    };
}

of_one! {
    acos f64::acos;
    acosh |x| (x + (x * x - 1.0).sqrt()).ln();
    asin f64::asin;
    asinh f64::asinh;
    atan f64::atan;
    atanh |x| 0.5 * (x.ln_1p() - (-x).ln_1p());
    cbrt f64::cbrt;
    cos f64::cos;
    cosh f64::cosh;
    cot |x| 1.0 / x.tan();
    csc |x| 1.0 / x.sin();
    degrees |x| x * (180.0 / std::f64::consts::PI);
    exp f64::exp;
    expm1 f64::exp_m1;
    radians |x| x / 180.0 * std::f64::consts::PI;
    rint f64::round_ties_even;
    sec |x| 1.0 / x.cos();
    sin f64::sin;
    sinh f64::sinh;
    sqrt f64::sqrt;
    tan f64::tan;
    tanh f64::tanh;
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
        let kernel = Kernel::new("signum", (), &SparkType::Double, sign_of_interval);
        return Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()));
    }
    call.partial("signum", 1, &[Class::Double], &SparkType::Double, |(), input| {
        let sign = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
        Ok(Arc::new(input.doubles(0)?.unary::<_, Float64Type>(sign)))
    })
}

/// Builders of functions of two doubles.
macro_rules! of_two {
    ($($name:ident $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                let classes = [Class::Double, Class::Double];
                call.strict(stringify!($name), 2, &classes, &SparkType::Double, |(), input| {
                    let (left, right) = (input.doubles(0)?, input.doubles(1)?);
                    let compute: fn(f64, f64) -> f64 = $compute;
                    primitives::<Float64Type>(input.n_rows, |row| {
                        match (get!(left, row), get!(right, row)) {
                            (Some(a), Some(b)) => Ok(Some(compute(a, b))),
                            _ => Ok(None),
                        }
                    })
                })
            }
        )*
    };
}

of_two! {
    // Adding zero turns -0.0 into 0.0, as Spark does.
    atan2 |y, x| (y + 0.0).atan2(x + 0.0);
    hypot f64::hypot;
    power java_power;
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

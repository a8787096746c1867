//! Logarithms: null, not an error, where there is none.

use super::java_log;
use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::scalar_kernel::Kind;
use arrow::array::Array;
use arrow::datatypes::Float64Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

macro_rules! logarithms {
    ($($name:ident $kind:ident $least:literal $compute:expr;)*) => {
        $(
            pub(super) fn $name(call: Call<'_>) -> Result<Expr> {
                call.partial(&$kind, 1, &[Class::Double], &SparkType::Double)
            }

            pub(super) static $kind: Kind<()> = Kind::new(stringify!($name), |(), input| {
                let values = input.doubles(0)?;
                let compute: fn(f64) -> f64 = $compute;
                primitives::<Float64Type>(input.n_rows, |row| {
                    Ok(get!(values, row).filter(|x| !(*x <= $least)).map(compute))
                })
            });
        )*
    };
}

logarithms! {
    ln LN 0.0 java_log::ln;
    log10 LOG10 0.0 java_log::log10;
    // Spark divides by the logarithm of 2.
    log2 LOG2 0.0 |x| java_log::ln(x) / java_log::ln(2.0);
    log1p LOG1P -1.0 f64::ln_1p;
}

/// `log(x)` or `log(base, x)`.
pub(super) fn log(call: Call<'_>) -> Result<Expr> {
    if call.args.len() == 1 {
        return ln(call);
    }
    let classes = [Class::Double, Class::Double];
    call.partial(&LOG, 2, &classes, &SparkType::Double)
}

pub(super) static LOG: Kind<()> = Kind::new("log", |(), input| {
    let (bases, values) = (input.doubles(0)?, input.doubles(1)?);
    primitives::<Float64Type>(input.n_rows, |row| match (get!(bases, row), get!(values, row)) {
        (Some(base), Some(x)) if !(base <= 0.0 || x <= 0.0) => {
            Ok(Some(java_log::ln(x) / java_log::ln(base)))
        }
        _ => Ok(None),
    })
});

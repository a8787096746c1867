//! Sizes: `length`, `octet_length`, `bit_length`.

use crate::call::Call;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Int32Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Measure {
    binary: bool,
    /// Of a byte; 0 counts letters.
    factor: i32,
}

pub(super) fn length(call: Call<'_>) -> Result<Expr> {
    build(call, "length", 0)
}

pub(super) fn octet_length(call: Call<'_>) -> Result<Expr> {
    build(call, "octet_length", 1)
}

pub(super) fn bit_length(call: Call<'_>) -> Result<Expr> {
    build(call, "bit_length", 8)
}

fn build(call: Call<'_>, name: &'static str, factor: i32) -> Result<Expr> {
    let (shown, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let arg = expect(shown, 0, arg, Class::StringOrBinary, settings)?;
    let measure = Measure { binary: arg.spark_type()? == SparkType::Binary, factor };
    let kernel = LENGTH.named(name, measure, &SparkType::Integer);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![arg.expr]))
}

pub(super) static LENGTH: Kind<Measure> = Kind::new("length", evaluate);

fn evaluate(measure: &Measure, input: &Input<'_>) -> Result<ArrayRef> {
    let n_bytes = |bytes: usize| bytes as i32 * measure.factor.max(1);
    if measure.binary {
        let values = input.bytes(0)?;
        return primitives::<Int32Type>(input.n_rows, |row| {
            Ok(get!(values, row).map(|bytes| n_bytes(bytes.len())))
        });
    }
    let texts = input.text(0)?;
    primitives::<Int32Type>(input.n_rows, |row| {
        Ok(get!(texts, row).map(|text| {
            if measure.factor == 0 && !text.is_ascii() {
                text.chars().count() as i32
            } else {
                n_bytes(text.len())
            }
        }))
    })
}

//! `RLIKE`: whether a regular expression is found in a string.

use super::java_regex::Patterns;
use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{booleans, get};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

pub(super) fn rlike(call: Call<'_>) -> Result<Expr> {
    let call = call.coerced(2, &[Class::String, Class::String])?;
    let kernel = RLIKE.kernel((), &SparkType::Boolean);
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

pub(super) static RLIKE: Kind<()> = Kind::new("rlike", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, patterns) = (input.text(0)?, input.text(1)?);
    let mut compiled = Patterns::new("rlike");
    booleans(input.n_rows, |row| {
        let (Some(text), Some(pattern)) = (get!(texts, row), get!(patterns, row)) else {
            return Ok(None);
        };
        compiled.get(pattern)?.is_match(text).map(Some)
    })
}

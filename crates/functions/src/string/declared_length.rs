//! Text on its way into columns of `CHAR(n)` and `VARCHAR(n)`: no longer than declared, blanks at its end aside.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

/// `varchar_type_write_side_check(text, length)`, under the name that it has in Spark's plans.
pub(super) fn fitting(call: Call<'_>) -> Result<Expr> {
    let call = call.coerced(2, &[Class::String, Class::Integer])?;
    let kernel = FITTING.kernel((), &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

pub(super) static FITTING: Kind<()> = Kind::new("varchar_type_write_side_check", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, lengths) = (input.text(0)?, input.ints(1)?);
    strings(input.n_rows, |row| {
        let (Some(text), Some(length)) = (get!(texts, row), get!(lengths, row)) else {
            return Ok(None);
        };
        let beyond = text.char_indices().nth(usize::try_from(length).unwrap_or(0));
        match beyond {
            None => Ok(Some(text)),
            Some((end, _)) if text[end..].bytes().all(|byte| byte == b' ') => {
                Ok(Some(&text[..end]))
            }
            Some(_) => Err(too_long(length)),
        }
    })
}

fn too_long(length: i32) -> SparkError {
    SparkError::runtime(
        "EXCEED_LIMIT_LENGTH",
        format!("Exceeds char/varchar type length limitation: {length}."),
    )
    .with("limit", length.to_string())
}

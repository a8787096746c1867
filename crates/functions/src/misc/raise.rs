//! `raise_error` and `assert_true`. Volatile, so that they fire when a row asks and not while planning.

use crate::call::Call;
use crate::cast::retyped;
use crate::coercion::implicit::{Class, expect};
use crate::columns::get;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, new_null_array};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

pub(super) fn raise_error(call: Call<'_>) -> Result<Expr> {
    let call = call.coerced(1, &[Class::String])?;
    let kernel = RAISE_ERROR.kernel((), &SparkType::Null);
    Ok(kernel.nullable(Nullable::Always).volatile().call(call.exprs()))
}

pub(super) static RAISE_ERROR: Kind<()> = Kind::new("raise_error", evaluate_raise);

fn raised(message: &str) -> SparkError {
    SparkError::runtime("USER_RAISED_EXCEPTION", message).with("errorMessage", message)
}

fn evaluate_raise(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    if input.n_rows > 0 {
        let messages = input.text(0)?;
        return Err(raised(get!(messages, 0).unwrap_or("null")));
    }
    Ok(new_null_array(input.result, 0))
}

pub(super) fn assert_true(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let (name, settings) = (call.name, call.settings);
    let mut args = call.args.into_iter();
    let Some(condition) = args.next() else {
        return Err(SparkError::internal("assert_true without argument"));
    };
    let shown = condition.sql();
    let condition = expect(name, 0, condition, Class::Boolean, settings)?;
    let message = match args.next() {
        Some(message) => expect(name, 1, message, Class::String, settings)?,
        None => {
            let text = ScalarValue::Utf8(Some(format!("'{shown}' is not true!")));
            retyped(Expr::Literal(text, None), &SparkType::string(), false)
        }
    };
    let kernel = ASSERT_TRUE.kernel((), &SparkType::Null);
    Ok(kernel.nullable(Nullable::Always).volatile().call(vec![condition.expr, message.expr]))
}

pub(super) static ASSERT_TRUE: Kind<()> = Kind::new("assert_true", evaluate_assert);

fn evaluate_assert(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let (conditions, messages) = (input.flags(0)?, input.text(1)?);
    for row in 0..input.n_rows {
        if get!(conditions, row) != Some(true) {
            return Err(raised(get!(messages, row).unwrap_or("null")));
        }
    }
    Ok(new_null_array(input.result, input.n_rows))
}

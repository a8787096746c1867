//! `url_encode` and `url_decode`: `application/x-www-form-urlencoded`, as Java's `URLEncoder`.

use crate::call::Call;
use crate::cast::EvalMode;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::fmt::Write;

pub(super) fn url_encode(call: Call<'_>) -> Result<Expr> {
    call.strict(&URL_ENCODE, 1, &[Class::String], &SparkType::string())
}

pub(super) static URL_ENCODE: Kind<()> = Kind::new("url_encode", |(), input| {
    let texts = input.text(0)?;
    strings(input.n_rows, |row| Ok(get!(texts, row).map(encoded)))
});

pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => {
                out.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit =
                    || char::from(bytes.next()?).to_digit(16).and_then(|d| u8::try_from(d).ok());
                let (high, low) = (digit()?, digit()?);
                high << 4 | low
            }
            byte => byte,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

pub(super) fn url_decode(call: Call<'_>) -> Result<Expr> {
    build(call, EvalMode::Ansi)
}

pub(super) fn try_url_decode(call: Call<'_>) -> Result<Expr> {
    build(call, EvalMode::Try)
}

fn build(call: Call<'_>, mode: EvalMode) -> Result<Expr> {
    let call = call.coerced(1, &[Class::String])?;
    Ok(URL_DECODE.kernel(mode, &SparkType::string()).call(call.exprs()))
}

pub(super) static URL_DECODE: Kind<EvalMode> = Kind::new("url_decode", evaluate);

fn evaluate(mode: &EvalMode, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.text(0)?;
    strings(input.n_rows, |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        match decoded(text) {
            Some(text) => Ok(Some(text)),
            None if *mode == EvalMode::Try => Ok(None),
            None => Err(SparkError::new(
                ErrorKind::IllegalArgument,
                "CANNOT_DECODE_URL",
                format!(
                    "The provided URL cannot be decoded: {text}. Please ensure that the URL is \
                     properly formatted and try again."
                ),
            )
            .with("url", text)),
        }
    })
}

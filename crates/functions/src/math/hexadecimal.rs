//! `hex` and `unhex`.

use crate::call::Call;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{binaries, get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Source {
    Long,
    Text,
    Bytes,
}

/// Of a whole number, a string or bytes.
pub(super) fn hex(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let data_type = arg.spark_type()?;
    let (class, source) = if data_type.is_numeric() {
        (Class::Long, Source::Long)
    } else if data_type == SparkType::Binary {
        (Class::Binary, Source::Bytes)
    } else {
        (Class::String, Source::Text)
    };
    let arg = expect(name, 0, arg, class, settings)?;
    let kernel = HEX.kernel(source, &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(vec![arg.expr]))
}

pub(super) static HEX: Kind<Source> = Kind::new("hex", evaluate);

fn evaluate(source: &Source, input: &Input<'_>) -> Result<ArrayRef> {
    match source {
        Source::Long => {
            let values = input.longs(0)?;
            strings(input.n_rows, |row| Ok(get!(values, row).map(|value| format!("{value:X}"))))
        }
        Source::Text => {
            let values = input.text(0)?;
            strings(input.n_rows, |row| Ok(get!(values, row).map(|text| encode(text.as_bytes()))))
        }
        Source::Bytes => {
            let values = input.bytes(0)?;
            strings(input.n_rows, |row| Ok(get!(values, row).map(encode)))
        }
    }
}

/// Upper-case hexadecimal digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02X}");
        out
    })
}

/// An odd number of digits begins with half a byte.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<Vec<u8>>>()?;
    let (first, rest) = digits.split_at(digits.len() % 2);
    let mut out = first.to_vec();
    out.extend(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
    Some(out)
}

pub(super) fn unhex(call: Call<'_>) -> Result<Expr> {
    call.partial(&UNHEX, 1, &[Class::String], &SparkType::Binary)
}

pub(super) static UNHEX: Kind<()> = Kind::new("unhex", |(), input| {
    let texts = input.text(0)?;
    binaries(input.n_rows, |row| Ok(get!(texts, row).and_then(decode)))
});

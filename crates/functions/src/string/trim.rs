//! `trim`, `ltrim`, `rtrim`, `btrim`, `lpad`, `rpad`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kernel, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};

/// (at the start, at the end, position of the text among the arguments)
type Params = (bool, bool, usize);

pub(super) fn trim(call: Call<'_>) -> Result<Expr> {
    build(call, "trim", true, true, false)
}

pub(super) fn ltrim(call: Call<'_>) -> Result<Expr> {
    build(call, "ltrim", true, false, false)
}

pub(super) fn rtrim(call: Call<'_>) -> Result<Expr> {
    build(call, "rtrim", false, true, false)
}

pub(super) fn btrim(call: Call<'_>) -> Result<Expr> {
    build(call, "btrim", true, true, true)
}

/// Only `btrim` has the text first; the others have it after the letters to remove.
fn build(
    call: Call<'_>,
    name: &'static str,
    start: bool,
    end: bool,
    text_first: bool,
) -> Result<Expr> {
    let call = call.coerced(1, &[Class::String, Class::String])?;
    let text_at = if call.args.len() == 2 && !text_first { 1 } else { 0 };
    let kernel = Kernel::new(name, (start, end, text_at), &SparkType::string(), evaluate);
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (start, end, text_at) = *params;
    let texts = input.text(text_at)?;
    let letters = if input.args.len() == 2 { Some(input.text(1 - text_at)?) } else { None };
    strings(input.n_rows, |row| {
        let Some(mut text) = get!(texts, row) else { return Ok(None) };
        let set = match letters {
            None => " ",
            Some(letters) => match get!(letters, row) {
                Some(set) => set,
                None => return Ok(None),
            },
        };
        if start {
            text = text.trim_start_matches(|letter| set.contains(letter));
        }
        if end {
            text = text.trim_end_matches(|letter| set.contains(letter));
        }
        Ok(Some(text))
    })
}

pub(super) fn lpad(call: Call<'_>) -> Result<Expr> {
    pad(call, "lpad", true)
}

pub(super) fn rpad(call: Call<'_>) -> Result<Expr> {
    pad(call, "rpad", false)
}

fn pad(call: Call<'_>, name: &'static str, left: bool) -> Result<Expr> {
    let call = call.coerced(2, &[Class::String, Class::Integer, Class::String])?;
    let kernel = Kernel::new(name, left, &SparkType::string(), evaluate_pad);
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

fn evaluate_pad(left: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, lengths) = (input.text(0)?, input.ints(1)?);
    let fills = if input.args.len() == 3 { Some(input.text(2)?) } else { None };
    strings(input.n_rows, |row| {
        let (Some(text), Some(length)) = (get!(texts, row), get!(lengths, row)) else {
            return Ok(None);
        };
        let fill = match fills {
            None => " ",
            Some(fills) => match get!(fills, row) {
                Some(fill) => fill,
                None => return Ok(None),
            },
        };
        let length = usize::try_from(length).unwrap_or(0);
        let n_letters = text.chars().count();
        if n_letters >= length || fill.is_empty() {
            return Ok(Some(text.chars().take(length).collect::<String>()));
        }
        let padding: String = fill.chars().cycle().take(length - n_letters).collect();
        Ok(Some(if *left { format!("{padding}{text}") } else { format!("{text}{padding}") }))
    })
}

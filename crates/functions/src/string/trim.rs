//! `trim`, `ltrim`, `rtrim`, `btrim`, `lpad`, `rpad`.

use super::room::Room;
use crate::call::{Arg, Call};
use crate::coercion::implicit::Class;
use crate::columns::{binaries, get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use crate::wire::Name;
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
    let kernel = TRIM.named(name, (start, end, text_at), &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

pub(super) static TRIM: Kind<Params> = Kind::new("trim", evaluate);

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
    let is_binary = |arg: &Arg| matches!(arg.spark_type(), Ok(SparkType::Binary));
    if call.args.first().is_some_and(is_binary) && call.args.get(2).is_none_or(is_binary) {
        let call = call.coerced(2, &[Class::Binary, Class::Integer, Class::Binary])?;
        let kernel = PAD_BYTES.named(name, (left, Name(name)), &SparkType::Binary);
        return Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()));
    }
    let call = call.coerced(2, &[Class::String, Class::Integer, Class::String])?;
    let kernel = PAD.named(name, (left, Name(name)), &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(call.exprs()))
}

pub(super) static PAD_BYTES: Kind<PadParams> = Kind::new("pad.bytes", evaluate_pad_bytes);

pub(super) static PAD: Kind<PadParams> = Kind::new("pad", evaluate_pad);

/// (at the start, the function's name)
type PadParams = (bool, Name);

/// As [`evaluate_pad`] of byte strings, which are filled with zeros.
fn evaluate_pad_bytes(params: &PadParams, input: &Input<'_>) -> Result<ArrayRef> {
    let (left, Name(name)) = *params;
    let (values, lengths) = (input.bytes(0)?, input.ints(1)?);
    let fills = if input.args.len() == 3 { Some(input.bytes(2)?) } else { None };
    let mut room = Room::new(name);
    binaries(input.n_rows, |row| {
        let (Some(value), Some(length)) = (get!(values, row), get!(lengths, row)) else {
            return Ok(None);
        };
        let fill: &[u8] = match fills {
            None => &[0],
            Some(fills) => match get!(fills, row) {
                Some(fill) => fill,
                None => return Ok(None),
            },
        };
        let length = usize::try_from(length).unwrap_or(0);
        if value.len() >= length || fill.is_empty() {
            return Ok(Some(value.iter().take(length).copied().collect::<Vec<u8>>()));
        }
        room.take(length)?;
        let padding = fill.iter().cycle().take(length - value.len()).copied();
        Ok(Some(if left {
            padding.chain(value.iter().copied()).collect()
        } else {
            value.iter().copied().chain(padding).collect()
        }))
    })
}

fn evaluate_pad(params: &PadParams, input: &Input<'_>) -> Result<ArrayRef> {
    let (left, Name(name)) = *params;
    let mut room = Room::new(name);
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
        room.take(length)?;
        let padding: String = fill.chars().cycle().take(length - n_letters).collect();
        Ok(Some(if left { format!("{padding}{text}") } else { format!("{text}{padding}") }))
    })
}

//! `replace`, `translate`, `overlay`, `mask`, `elt`, `concat_ws`.

use super::room::Room;
use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::coercion::implicit::{Class, expect};
use crate::columns::{binaries, get, strings};
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::collections::HashMap;

pub(super) fn replace(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::String];
    call.strict(&REPLACE, 2, &classes, &SparkType::string())
}

/// Below this a replacement is not looked at beforehand.
const REPLACED_BYTES_SMALL: usize = 1 << 20;

pub(super) static REPLACE: Kind<()> = Kind::new("replace", |(), input| {
    let (texts, olds) = (input.text(0)?, input.text(1)?);
    let news = if input.args.len() == 3 { Some(input.text(2)?) } else { None };
    let mut room = Room::new("replace");
    strings(input.n_rows, |row| {
        let new = match news {
            Some(news) => get!(news, row),
            None => Some(""),
        };
        match (get!(texts, row), get!(olds, row), new) {
            (Some(text), Some(""), Some(_)) => Ok(Some(text.to_owned())),
            (Some(text), Some(old), Some(new)) => {
                // Short texts cannot become long.
                if text.len().saturating_mul(new.len()) > REPLACED_BYTES_SMALL {
                    room.take(text.matches(old).count().saturating_mul(new.len()))?;
                }
                Ok(Some(text.replace(old, new)))
            }
            _ => Ok(None),
        }
    })
});

pub(super) fn translate(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::String];
    call.strict(&TRANSLATE, 3, &classes, &SparkType::string())
}

pub(super) static TRANSLATE: Kind<()> = Kind::new("translate", |(), input| {
    let (texts, olds, news) = (input.text(0)?, input.text(1)?, input.text(2)?);
    let mut last: Option<(String, String, HashMap<char, Option<char>>)> = None;
    strings(input.n_rows, |row| {
        let (Some(text), Some(old), Some(new)) =
            (get!(texts, row), get!(olds, row), get!(news, row))
        else {
            return Ok(None);
        };
        let known = last.as_ref().is_some_and(|(a, b, _)| a == old && b == new);
        if !known {
            let mut table = HashMap::new();
            let mut targets = new.chars();
            for letter in old.chars() {
                // A letter without partner is dropped; the first pair of a letter counts.
                let target = targets.next();
                table.entry(letter).or_insert(target);
            }
            last = Some((old.to_owned(), new.to_owned(), table));
        }
        let translated = last.as_ref().map(|(_, _, table)| {
            text.chars()
                .filter_map(|letter| table.get(&letter).copied().unwrap_or(Some(letter)))
                .collect::<String>()
        });
        Ok(translated)
    })
});

/// `overlay(input, replace, position [, length])`.
pub(super) fn overlay(mut call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 4)?;
    if call.args.len() == 3 {
        let all = Expr::Literal(ScalarValue::Int32(Some(-1)), None);
        call.args.push(crate::cast::retyped(all, &SparkType::Integer, false));
    }
    let binary =
        call.args.iter().take(2).all(|arg| matches!(arg.spark_type(), Ok(SparkType::Binary)));
    if binary {
        let classes = [Class::Binary, Class::Binary, Class::Integer, Class::Integer];
        return call.strict(&OVERLAY_BYTES, 4, &classes, &SparkType::Binary);
    }
    let classes = [Class::String, Class::String, Class::Integer, Class::Integer];
    call.strict(&OVERLAY, 4, &classes, &SparkType::string())
}

pub(super) static OVERLAY_BYTES: Kind<()> = Kind::new("overlay.bytes", |(), input| {
    let (texts, news) = (input.bytes(0)?, input.bytes(1)?);
    let (positions, lengths) = (input.ints(2)?, input.ints(3)?);
    binaries(input.n_rows, |row| {
        let (Some(text), Some(new)) = (get!(texts, row), get!(news, row)) else {
            return Ok(None);
        };
        let (Some(position), Some(length)) = (get!(positions, row), get!(lengths, row)) else {
            return Ok(None);
        };
        Ok(Some(overlaid(text, new, position, length)))
    })
});

pub(super) static OVERLAY: Kind<()> = Kind::new("overlay", |(), input| {
    let (texts, news) = (input.text(0)?, input.text(1)?);
    let (positions, lengths) = (input.ints(2)?, input.ints(3)?);
    strings(input.n_rows, |row| {
        let (Some(text), Some(new)) = (get!(texts, row), get!(news, row)) else {
            return Ok(None);
        };
        let (Some(position), Some(length)) = (get!(positions, row), get!(lengths, row)) else {
            return Ok(None);
        };
        let (text, new): (Vec<_>, Vec<_>) = (text.chars().collect(), new.chars().collect());
        Ok(Some(overlaid(&text, &new, position, length).into_iter().collect::<String>()))
    })
});

/// A negative length means the length of the replacement.
fn overlaid<T: Copy>(text: &[T], new: &[T], position: i32, length: i32) -> Vec<T> {
    let length = if length >= 0 { i64::from(length) } else { new.len() as i64 };
    let n = text.len() as i64;
    // `substring(text, 1, position - 1)` and `substring(text, position + length)`, which counts from
    // the end where that is negative.
    let before = (i64::from(position) - 1).clamp(0, n) as usize;
    let after = match i64::from(position) + length {
        next if next > 0 => (next - 1).min(n),
        0 => 0,
        next => (n + next).max(0),
    } as usize;
    let mut out = Vec::with_capacity(text.len() + new.len());
    out.extend_from_slice(&text[..before]);
    out.extend_from_slice(new);
    out.extend_from_slice(&text[after..]);
    out
}

/// `mask(text [, upper, lower, digit, other])`: null for a class leaves its letters.
pub(super) fn mask(mut call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 5)?;
    for default in ["X", "x", "n", ""].iter().skip(call.args.len() - 1) {
        let value = (!default.is_empty()).then(|| (*default).to_owned());
        let literal = Expr::Literal(ScalarValue::Utf8(value), None);
        call.args.push(crate::cast::retyped(literal, &SparkType::string(), true));
    }
    let classes = [Class::String; 5];
    call.partial(&MASK, 5, &classes, &SparkType::string())
}

pub(super) static MASK: Kind<()> = Kind::new("mask", |(), input| {
    let texts = input.text(0)?;
    let masks = (1..5).map(|at| input.text(at)).collect::<Result<Vec<_>>>()?;
    strings(input.n_rows, |row| {
        let Some(text) = get!(texts, row) else { return Ok(None) };
        let mask = |class: usize, letter: char| match get!(masks[class], row) {
            Some(mask) => mask.chars().next().unwrap_or(letter),
            None => letter,
        };
        let mut masked = String::with_capacity(text.len());
        for letter in text.chars() {
            let class = match letter {
                // Of two units of UTF-16, of which Spark takes neither for a letter.
                _ if letter.len_utf16() > 1 => 3,
                _ if letter.is_uppercase() => 0,
                _ if letter.is_lowercase() => 1,
                _ if letter.is_numeric() => 2,
                _ => 3,
            };
            let new = mask(class, letter);
            let n_units = if new == letter { 1 } else { letter.len_utf16() };
            masked.extend(std::iter::repeat_n(new, n_units));
        }
        Ok(Some(masked))
    })
});

/// `elt(n, a, b, …)`: the n-th; out of range an error under ANSI mode, else null.
pub(super) fn elt(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let known = |arg: &crate::call::Arg| arg.spark_type().ok();
    let all_binary = call.args.iter().skip(1).all(|arg| known(arg) == Some(SparkType::Binary));
    let all_binary = all_binary && !settings.legacy.elt_binary_is_string;
    let target = if all_binary { SparkType::Binary } else { SparkType::string() };
    let mut exprs = Vec::with_capacity(call.args.len());
    for (position, arg) in call.args.into_iter().enumerate() {
        exprs.push(if position == 0 {
            expect(name, position, arg, Class::Integer, settings)?.expr
        } else {
            cast(arg, &target, EvalMode::of(settings), settings)?
        });
    }
    Ok(ELT.kernel(settings.ansi, &target).call(exprs))
}

pub(super) static ELT: Kind<bool> = Kind::new("elt", evaluate_elt);

fn evaluate_elt(ansi: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let positions = input.ints(0)?;
    let n_values = input.args.len() - 1;
    let mut indices = Vec::with_capacity(input.n_rows);
    // The column after the last holds one null.
    let nothing = arrow::array::new_null_array(input.result, 1);
    for row in 0..input.n_rows {
        let Some(position) = get!(positions, row) else {
            indices.push((n_values, 0));
            continue;
        };
        match usize::try_from(position) {
            Ok(at) if (1..=n_values).contains(&at) => indices.push((at - 1, row)),
            _ if *ansi => {
                return Err(SparkError::new(
                    ErrorKind::ArrayIndexOutOfBounds,
                    "INVALID_ARRAY_INDEX",
                    format!(
                        "The index {position} is out of bounds. The array has {n_values} elements. \
                         Use the SQL function `get()` to tolerate accessing element at invalid \
                         index and return NULL instead."
                    ),
                )
                .with("indexValue", position.to_string())
                .with("arraySize", n_values.to_string()));
            }
            _ => indices.push((n_values, 0)),
        }
    }
    let values: Vec<&dyn Array> =
        input.args.iter().skip(1).map(|column| column.as_ref()).chain([nothing.as_ref()]).collect();
    Ok(arrow::compute::interleave(&values, &indices)?)
}

/// `concat_ws(separator, …)`: strings and arrays of strings; nulls are left out.
pub(super) fn concat_ws(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, usize::MAX)?;
    let (name, settings) = (call.name, call.settings);
    let mode = EvalMode::of(settings);
    let mut exprs = Vec::with_capacity(call.args.len());
    for (position, arg) in call.args.into_iter().enumerate() {
        let data_type = arg.spark_type()?;
        exprs.push(match &data_type {
            SparkType::Array { element, contains_null } if position > 0 => {
                if !element.is_string() && **element != SparkType::Null {
                    let required = "(\"ARRAY<STRING>\" or \"STRING\")";
                    return Err(unexpected_type(name, position, &arg, required));
                }
                let target = SparkType::Array {
                    element: Box::new(SparkType::string()),
                    contains_null: *contains_null,
                };
                cast(arg, &target, mode, settings)?
            }
            _ => expect(name, position, arg, Class::String, settings)?.expr,
        });
    }
    Ok(CONCAT_WS.kernel((), &SparkType::string()).nullable(Nullable::Always).call(exprs))
}

pub(super) static CONCAT_WS: Kind<()> = Kind::new("concat_ws", evaluate_concat_ws);

fn evaluate_concat_ws(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let separators = input.text(0)?;
    let mut out = String::new();
    strings(input.n_rows, |row| {
        let Some(separator) = get!(separators, row) else { return Ok(None) };
        out.clear();
        let mut first = true;
        let mut add = |text: &str| {
            if !first {
                out.push_str(separator);
            }
            first = false;
            out.push_str(text);
        };
        for (position, column) in input.args.iter().enumerate().skip(1) {
            if let DataType::List(_) = column.data_type() {
                let list = column.as_list::<i32>();
                let values = list.values().as_string::<i32>();
                if list.is_valid(row) {
                    let (start, end) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
                    for at in start..end {
                        if let Some(text) = get!(values, at as usize) {
                            add(text);
                        }
                    }
                }
            } else if let Some(text) = get!(input.text(position)?, row) {
                add(text);
            }
        }
        Ok(Some(out.clone()))
    })
}

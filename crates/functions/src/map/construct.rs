//! `map`, `map_from_arrays`, `map_from_entries`, `map_concat`, `str_to_map`.

use super::build::MapBuilder;
use crate::array::rows_of;
use crate::call::{Arg, Call, wrong_num_args};
use crate::cast::{EvalMode, cast, retyped};
use crate::coercion::unify;
use crate::conform::conform;
use crate::implicit::{diff_types, implicit, unexpected_type};
use crate::predicate::java_regex::Pattern;
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use arrow::array::{Array, ArrayRef, AsArray, StringArray, new_empty_array};
use arrow::compute::interleave;
use arrow::datatypes::DataType;
use datafusion_expr::{Expr, lit};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// `map(k1, v1, k2, v2, …)`.
pub(crate) fn map(call: Call<'_>) -> Result<Expr> {
    if call.args.len() % 2 != 0 {
        return Err(wrong_num_args("map", "2n (n > 0)", call.args.len()));
    }
    let settings = call.settings;
    let (mut keys, mut values): (Vec<Arg>, Vec<Arg>) = (Vec::new(), Vec::new());
    for (position, arg) in call.args.into_iter().enumerate() {
        if position % 2 == 0 { keys.push(arg) } else { values.push(arg) }
    }
    let value_contains_null = values.iter().any(|value| value.field.is_nullable());
    let one_type = |args: Vec<Arg>| -> Result<(Vec<Expr>, SparkType)> {
        if args.is_empty() {
            return Ok((vec![], SparkType::Null));
        }
        let types = args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
        unify(args, settings)?.ok_or_else(|| diff_types("map", &types))
    };
    let (keys, key) = one_type(keys)?;
    let (values, value) = one_type(values)?;
    if key.holds_map() {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE",
            format!(
                "Cannot resolve \"map\" due to data type mismatch: The key of map cannot be/contain \
                 \"{}\".",
                key.sql()
            ),
        ));
    }
    let result = SparkType::Map { key: Box::new(key), value: Box::new(value), value_contains_null };
    let args = keys.into_iter().chain(values).collect();
    let kernel = MAP.kernel(settings.map_key_last_wins, &result);
    Ok(kernel.nullable(Nullable::Never).call(args))
}

pub(super) static MAP: Kind<bool> = Kind::new("map", |last_wins, input| {
    let n = input.args.len() / 2;
    let (keys, values) = (column(input, 0..n)?, column(input, n..2 * n)?);
    let mut builder = MapBuilder::new(&keys, &values, *last_wins)?;
    for row in 0..input.n_rows {
        builder.map((row * n..(row + 1) * n).map(|entry| (entry, entry)))?;
    }
    builder.finish(input.result)
});

/// The values of several columns, row after row.
fn column(input: &Input<'_>, positions: std::ops::Range<usize>) -> Result<ArrayRef> {
    let columns: Vec<&ArrayRef> = input.args[positions].iter().collect();
    let Some(first) = columns.first() else { return Ok(new_empty_array(&DataType::Null)) };
    let columns = columns
        .iter()
        .map(|column| conform(column, first.data_type()))
        .collect::<Result<Vec<_>>>()?;
    let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
    let n = columns.len();
    let order: Vec<_> =
        (0..input.n_rows).flat_map(|row| (0..n).map(move |column| (column, row))).collect();
    Ok(interleave(&columns, &order)?)
}

/// `map_from_arrays(keys, values)`.
pub(crate) fn map_from_arrays(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [keys, values] = call.exactly()?;
    let (SparkType::Array { element: key, .. }, SparkType::Array { element: value, contains_null }) =
        (keys.spark_type()?, values.spark_type()?)
    else {
        return Err(unexpected_type("map_from_arrays", 0, &keys, "ARRAY"));
    };
    let result = SparkType::Map { key, value, value_contains_null: contains_null };
    let last_wins = settings.map_key_last_wins;
    let kernel = OF_ARRAYS.kernel(last_wins, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![keys.expr, values.expr]))
}

pub(super) static OF_ARRAYS: Kind<bool> = Kind::new("map_from_arrays", |last_wins, input| {
    let (keys, values) = (input.list(0)?, input.list(1)?);
    let mut builder = MapBuilder::new(keys.values(), values.values(), *last_wins)?;
    for row in 0..input.n_rows {
        if keys.is_null(row) || values.is_null(row) {
            builder.null();
            continue;
        }
        let (keys, values) = (rows_of(keys, row), rows_of(values, row));
        if keys.len() != values.len() {
            return Err(SparkError::runtime(
                "_LEGACY_ERROR_TEMP_2128",
                "The key array and value array of MapData must have the same length.",
            ));
        }
        builder.map(keys.zip(values))?;
    }
    builder.finish(input.result)
});

/// `map_from_entries(array of structs of two)`: null if an entry is null.
pub(crate) fn map_from_entries(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [entries] = call.exactly()?;
    let wrong = || unexpected_type("map_from_entries", 0, &entries, "\"ARRAY\" of pair \"STRUCT\"");
    let SparkType::Array { element, contains_null } = entries.spark_type()? else {
        return Err(wrong());
    };
    let SparkType::Struct(row) = *element else { return Err(wrong()) };
    let [key, value] = row.fields.as_slice() else { return Err(wrong()) };
    let result = SparkType::Map {
        key: Box::new(key.data_type.clone()),
        value: Box::new(value.data_type.clone()),
        value_contains_null: value.nullable,
    };
    let last_wins = settings.map_key_last_wins;
    let kernel = OF_ENTRIES.kernel(last_wins, &result);
    let nullable = if contains_null { Nullable::Always } else { Nullable::Propagate };
    Ok(kernel.nullable(nullable).call(vec![entries.expr]))
}

pub(super) static OF_ENTRIES: Kind<bool> = Kind::new("map_from_entries", |last_wins, input| {
    let list = input.list(0)?;
    let entries = list.values().as_struct();
    let mut builder = MapBuilder::new(entries.column(0), entries.column(1), *last_wins)?;
    for row in 0..input.n_rows {
        let mut range = rows_of(list, row);
        if list.is_null(row) || range.any(|entry| entries.is_null(entry)) {
            builder.null();
            continue;
        }
        builder.map(rows_of(list, row).map(|entry| (entry, entry)))?;
    }
    builder.finish(input.result)
});

/// `map_concat(m1, m2, …)`.
pub(crate) fn map_concat(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    if call.args.is_empty() {
        let empty = SparkType::map(SparkType::string(), SparkType::string());
        let nothing = map(Call { name: "map", ..call })?;
        let arg = retyped(nothing, &SparkType::map(SparkType::Null, SparkType::Null), false);
        return cast(arg, &empty, EvalMode::of(settings), settings);
    }
    let types = call.args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let (args, result) = unify(call.args, settings)?
        .filter(|(_, found)| matches!(found, SparkType::Map { .. }))
        .ok_or_else(|| diff_types("map_concat", &types))?;
    let last_wins = settings.map_key_last_wins;
    let kernel = CONCAT.kernel(last_wins, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static CONCAT: Kind<bool> = Kind::new("map_concat", |last_wins, input| {
    let maps = (0..input.args.len()).map(|arg| input.map(arg)).collect::<Result<Vec<_>>>()?;
    let join = |part: fn(&arrow::array::MapArray) -> &ArrayRef| -> Result<ArrayRef> {
        let first = part(maps[0]).data_type();
        let parts = maps.iter().map(|map| conform(part(map), first)).collect::<Result<Vec<_>>>()?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        Ok(arrow::compute::concat(&parts)?)
    };
    let (keys, values) = (join(|map| map.keys())?, join(|map| map.values())?);
    let mut builder = MapBuilder::new(&keys, &values, *last_wins)?;
    for row in 0..input.n_rows {
        if maps.iter().any(|map| map.is_null(row)) {
            builder.null();
            continue;
        }
        let mut shift = 0;
        let mut entries = Vec::new();
        for map in &maps {
            let offsets = map.value_offsets();
            let range = offsets[row] as usize..offsets[row + 1] as usize;
            entries.extend(range.map(|entry| (entry + shift, entry + shift)));
            shift += map.keys().len();
        }
        builder.map(entries)?;
    }
    builder.finish(input.result)
});

/// `str_to_map(text [, pair delimiter [, key delimiter]])`; delimiters are regular expressions.
pub(crate) fn str_to_map(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 3)?;
    let settings = call.settings;
    let mut exprs = call
        .args
        .into_iter()
        .enumerate()
        .map(|(position, arg)| {
            implicit("str_to_map", position, arg, &SparkType::string(), settings)
        })
        .collect::<Result<Vec<_>>>()?;
    for default in [",", ":"].iter().skip(exprs.len() - 1) {
        exprs.push(lit(*default));
    }
    let result = SparkType::map(SparkType::string(), SparkType::string());
    let last_wins = settings.map_key_last_wins;
    let kernel = OF_TEXT.kernel(last_wins, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(exprs))
}

pub(super) static OF_TEXT: Kind<bool> = Kind::new("str_to_map", |last_wins, input| {
    let (texts, pairs, keys) = (input.string(0)?, input.string(1)?, input.string(2)?);
    let mut all_keys: Vec<String> = Vec::new();
    let mut all_values: Vec<Option<String>> = Vec::new();
    let mut ends: Vec<Option<usize>> = Vec::new();
    for row in 0..input.n_rows {
        let (Some(text), Some(pair), Some(key)) = (at(texts, row), at(pairs, row), at(keys, row))
        else {
            ends.push(None);
            continue;
        };
        for entry in split(text, pair, None)? {
            let mut parts = split(entry, key, Some(2))?.into_iter();
            all_keys.push(parts.next().unwrap_or_default().to_owned());
            all_values.push(parts.next().map(str::to_owned));
        }
        ends.push(Some(all_keys.len()));
    }
    let keys: ArrayRef = Arc::new(StringArray::from(all_keys));
    let values: ArrayRef = Arc::new(StringArray::from(all_values));
    let mut builder = MapBuilder::new(&keys, &values, *last_wins)?;
    let mut start = 0;
    for end in ends {
        match end {
            None => builder.null(),
            Some(end) => {
                builder.map((start..end).map(|entry| (entry, entry)))?;
                start = end;
            }
        }
    }
    builder.finish(input.result)
});

/// The pieces of a text between matches, at most so many.
fn split<'a>(text: &'a str, delimiter: &str, limit: Option<usize>) -> Result<Vec<&'a str>> {
    if delimiter.is_empty() && !text.is_empty() {
        // Letter by letter, and the rest whole.
        let n_max = limit.unwrap_or(usize::MAX);
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(n_max).collect();
        starts.push(text.len());
        return Ok(starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect());
    }
    let plain =
        !delimiter.is_empty() && !delimiter.contains(|c: char| r"\.[]{}()*+?^$|".contains(c));
    if plain {
        return Ok(match limit {
            Some(n) => text.splitn(n, delimiter).collect(),
            None => text.split(delimiter).collect(),
        });
    }
    let pattern = Pattern::new("str_to_map", delimiter)?;
    let mut pieces = Vec::new();
    let mut start = 0;
    for (from, to) in pattern.positions(text)? {
        if limit.is_some_and(|limit| pieces.len() + 1 >= limit) {
            break;
        }
        if to == 0 {
            continue;
        }
        pieces.push(&text[start..from]);
        start = to;
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

//! Text on its way into and out of columns of `CHAR(n)` and `VARCHAR(n)`, wherever such a column holds it.
//!
//! In: no longer than declared, blanks at its end aside, and `CHAR(n)` filled up with blanks. Out: `CHAR(n)` filled
//! up, because files may come from writers that did not.

use crate::call::{Arg, Call};
use crate::columns::check_offset;
use crate::implicit::literal_text;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, StringArray, StringBuilder, StructArray,
};
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::types::type_from_json;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What becomes of a text that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Misfit {
    /// Nothing: files are read as they are.
    Stays,
    Fails,
    BecomesNull,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Declared {
    data_type: SparkType,
    misfit: Misfit,
}

/// `char_varchar_write_side_check(value, type)`: the value as a column of that type stores it. The type is the
/// JSON of one, with lengths; the value has it without.
pub(super) fn stored(call: Call<'_>) -> Result<Expr> {
    let [value, declared] = call.exactly::<2>()?;
    let declared = literal_text(&declared)
        .ok_or_else(|| crate::implicit::not_foldable("char_varchar_write_side_check", "type"))?;
    Ok(fitted(value, &type_from_json(&declared)?, false))
}

/// `value`, a string, as `CHAR(n)` or `VARCHAR(n)`; text that is too long fails or is null.
pub fn fitted(value: Arg, declared: &SparkType, null_if_too_long: bool) -> Expr {
    let misfit = if null_if_too_long { Misfit::BecomesNull } else { Misfit::Fails };
    call(value, declared, misfit)
}

/// The value of a column of files that was declared so, as it is read.
pub fn padded(value: Arg, declared: &SparkType) -> Expr {
    call(value, declared, Misfit::Stays)
}

/// A schema that somebody gives to a reader: lengths are for tables only.
///
/// # Errors
/// `UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING`, unless lengths mean nothing in this session.
pub fn refuse_lengths(schema: SparkType, allowed: bool) -> Result<SparkType> {
    if !schema.holds_length() {
        return Ok(schema);
    }
    if allowed {
        return Ok(schema.without_length());
    }
    Err(SparkError::analysis(
        "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING",
        "The char/varchar type can't be used in the table schema.\nIf you want Spark treat them as string type as \
         same as Spark 3.0 and earlier, please set \"spark.sql.legacy.charVarcharAsString\" to \"true\".",
    ))
}

fn call(value: Arg, declared: &SparkType, misfit: Misfit) -> Expr {
    let result = declared.without_length();
    let params = Declared { data_type: declared.clone(), misfit };
    let nullable =
        if misfit == Misfit::BecomesNull { Nullable::Always } else { Nullable::Propagate };
    DECLARED_LENGTH.kernel(params, &result).nullable(nullable).call(vec![value.expr])
}

pub(super) static DECLARED_LENGTH: Kind<Declared> = Kind::new("declared_length", evaluate);

fn evaluate(params: &Declared, input: &Input<'_>) -> Result<ArrayRef> {
    let Some(column) = input.args.first() else {
        return Err(SparkError::internal("a declared length without a value"));
    };
    fit(column, &params.data_type, input.result, params.misfit)
}

fn fit(
    column: &ArrayRef,
    declared: &SparkType,
    result: &DataType,
    misfit: Misfit,
) -> Result<ArrayRef> {
    match (declared, result) {
        (SparkType::Char { length }, _) => {
            let column = crate::columns::plain(column)?;
            fit_text(column.as_string::<i32>(), *length as usize, true, misfit)
        }
        (SparkType::Varchar { .. }, _) if misfit == Misfit::Stays => crate::columns::plain(column),
        (SparkType::Varchar { length }, _) => {
            let column = crate::columns::plain(column)?;
            fit_text(column.as_string::<i32>(), *length as usize, false, misfit)
        }
        (SparkType::Array { element, .. }, DataType::List(field)) => {
            let list = column.as_list::<i32>();
            let values = fit(list.values(), element, field.data_type(), misfit)?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
        }
        (SparkType::Map { key, value, .. }, DataType::Map(field, sorted)) => {
            let map = column.as_map();
            let DataType::Struct(parts) = field.data_type() else {
                return Err(SparkError::internal("a map without entries"));
            };
            let keys = fit(map.keys(), key, parts[0].data_type(), misfit)?;
            let values = fit(map.values(), value, parts[1].data_type(), misfit)?;
            let entries = StructArray::try_new(parts.clone(), vec![keys, values], None)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            let map = MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *sorted)?;
            Ok(Arc::new(map))
        }
        (SparkType::Struct(row), DataType::Struct(fields)) => {
            let parts = column.as_struct();
            let columns = parts.columns().iter().zip(&row.fields).zip(fields);
            let columns = columns
                .map(|((part, own), field)| fit(part, &own.data_type, field.data_type(), misfit))
                .collect::<Result<Vec<_>>>()?;
            let nulls = parts.nulls().cloned();
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
        }
        _ => Ok(Arc::clone(column)),
    }
}

fn fit_text(texts: &StringArray, length: usize, pads: bool, misfit: Misfit) -> Result<ArrayRef> {
    let fits = |text: &str| {
        let n_chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        if pads { n_chars == length } else { n_chars <= length }
    };
    if texts.iter().flatten().all(fits) {
        return Ok(Arc::new(texts.clone()));
    }
    let mut out = StringBuilder::with_capacity(texts.len(), texts.len() * length.min(64));
    for text in texts {
        let Some(text) = text else {
            out.append_null();
            continue;
        };
        check_offset(out.values_slice().len(), text.len().saturating_add(length))?;
        let n_chars = text.chars().count();
        if n_chars <= length {
            let missing = if pads { length - n_chars } else { 0 };
            out.append_value(format!("{text}{:missing$}", ""));
            continue;
        }
        let end = text.char_indices().nth(length).map_or(text.len(), |(end, _)| end);
        match misfit {
            Misfit::Stays => out.append_value(text),
            _ if text[end..].bytes().all(|byte| byte == b' ') => out.append_value(&text[..end]),
            Misfit::Fails => return Err(too_long(length)),
            Misfit::BecomesNull => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn too_long(length: usize) -> SparkError {
    SparkError::runtime(
        "EXCEED_LIMIT_LENGTH",
        format!("Exceeds char/varchar type length limitation: {length}."),
    )
    .with("limit", length.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(texts: &[&str], length: usize, pads: bool, misfit: Misfit) -> Result<Vec<String>> {
        let column = StringArray::from(texts.to_vec());
        let out = fit_text(&column, length, pads, misfit)?;
        Ok(out.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
    }

    #[test]
    fn text_is_cut_padded_or_refused() -> Result<()> {
        assert_eq!(fitted(&["é", "ab   "], 3, true, Misfit::Fails)?, ["é  ", "ab "]);
        assert_eq!(fitted(&["x", "ab   "], 3, false, Misfit::Fails)?, ["x", "ab "]);
        assert_eq!(fitted(&["abcd", "a"], 3, true, Misfit::Stays)?, ["abcd", "a  "]);
        assert!(fitted(&["abcd"], 3, true, Misfit::Fails).is_err());
        assert!(fitted(&["abcd"], 3, true, Misfit::BecomesNull)?.is_empty());
        Ok(())
    }
}

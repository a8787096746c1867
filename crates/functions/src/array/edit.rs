//! Arrays made from arrays: `array_append`, `array_insert`, `reverse`, `flatten`, `shuffle`,
//! `array_join`.

use super::search::with_value;
use super::taken::{Taken, rows_of};
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::conform::conform;
use crate::implicit::{implicit, unexpected_type};
use crate::scalar_kernel::{Kind, Nullable, at};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::concat;
use arrow::datatypes::Int32Type;
use datafusion_expr::Expr;
use firesteel_common::random::MersenneTwister;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

pub(crate) fn append(call: Call<'_>) -> Result<Expr> {
    add("array_append", false, call)
}

pub(crate) fn prepend(call: Call<'_>) -> Result<Expr> {
    add("array_prepend", true, call)
}

fn add(name: &'static str, front: bool, call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, value] = call.exactly()?;
    let (array_nullable, value_nullable) = (array.field.is_nullable(), value.field.is_nullable());
    let (args, result) = with_value(name, array, value, settings)?;
    let result = may_contain_null(result, value_nullable);
    let kernel = ADD.named(name, front, &result);
    let nullable = if array_nullable { Nullable::Always } else { Nullable::Never };
    Ok(kernel.nullable(nullable).call(args))
}

pub(super) static ADD: Kind<bool> = Kind::new("array_append", |front, input| {
    let list = input.list(0)?;
    let both = values_and(list.values(), &input.args[1])?;
    let shift = list.values().len();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        if *front {
            taken.push(Some(shift + row));
        }
        taken.extend(rows_of(list, row));
        if !*front {
            taken.push(Some(shift + row));
        }
        taken.end_list();
    }
    taken.finish(&both, input.result)
});

/// The elements of the lists followed by one value per row.
fn values_and(values: &ArrayRef, others: &ArrayRef) -> Result<ArrayRef> {
    let others = conform(others, values.data_type())?;
    Ok(concat(&[values.as_ref(), others.as_ref()])?)
}

fn may_contain_null(array: SparkType, too: bool) -> SparkType {
    match array {
        SparkType::Array { element, contains_null } => {
            SparkType::Array { element, contains_null: contains_null || too }
        }
        other => other,
    }
}

/// `array_insert(array, position, value)`: from 1, negative from behind the end; nulls fill gaps.
pub(crate) fn insert(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, position, value] = call.exactly()?;
    let (mut args, result) = with_value("array_insert", array, value, settings)?;
    args.push(implicit("array_insert", 1, position, &SparkType::Integer, settings)?);
    let result = may_contain_null(result, true);
    let kernel = INSERT.kernel(settings.legacy.negative_index_in_array_insert, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

/// Whether -1 is before the last element, as in older versions, or after it.
pub(super) static INSERT: Kind<bool> = Kind::new("array_insert", |before_last, input| {
    let list = input.list(0)?;
    let positions = input.primitive::<Int32Type>(2)?;
    let both = values_and(list.values(), &input.args[1])?;
    let shift = list.values().len();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        let Some(position) = at(positions, row).filter(|_| list.is_valid(row)) else {
            taken.end_null();
            continue;
        };
        let range = rows_of(list, row);
        let n = range.len() as i64;
        let value = Some(shift + row);
        let position = match i64::from(position) {
            0 => return Err(index_zero()),
            position if position > 0 => position - 1,
            position => n + position + i64::from(!before_last),
        };
        if position < 0 {
            taken.push(value);
            (position..0).for_each(|_| taken.push(None));
            taken.extend(range);
        } else {
            let before = position.min(n) as usize;
            taken.extend(range.start..range.start + before);
            (n..position).for_each(|_| taken.push(None));
            taken.push(value);
            taken.extend(range.start + before..range.end);
        }
        taken.end_list();
    }
    taken.finish(&both, input.result)
});

fn index_zero() -> SparkError {
    SparkError::new(
        ErrorKind::ArrayIndexOutOfBounds,
        "INVALID_INDEX_OF_ZERO",
        "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index \
         1).",
    )
}

/// `reverse(array)`; `reverse` of strings is with the string functions.
pub(crate) fn reverse(array: Arg) -> Result<Expr> {
    let result = array.spark_type()?;
    let kernel = REVERSE.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr]))
}

pub(super) static REVERSE: Kind<()> = Kind::new("reverse.array", |(), input| {
    let list = input.list(0)?;
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
        } else {
            taken.extend(rows_of(list, row).rev());
            taken.end_list();
        }
    }
    taken.finish(list.values(), input.result)
});

/// `flatten(array of arrays)`: null if one of the inner arrays is.
pub(crate) fn flatten(call: Call<'_>) -> Result<Expr> {
    let [array] = call.exactly()?;
    let (result, inner_null) = match array.spark_type()? {
        SparkType::Array { element, contains_null }
            if matches!(*element, SparkType::Array { .. }) =>
        {
            (*element, contains_null)
        }
        _ => return Err(unexpected_type("flatten", 0, &array, "\"ARRAY<ARRAY>\"")),
    };
    let kernel = FLATTEN.kernel((), &result);
    let nullable = if inner_null { Nullable::Always } else { Nullable::Propagate };
    Ok(kernel.nullable(nullable).call(vec![array.expr]))
}

pub(super) static FLATTEN: Kind<()> = Kind::new("flatten", |(), input| {
    let outer = input.list(0)?;
    let inner = outer.values().as_list::<i32>();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        let mut arrays = rows_of(outer, row);
        if outer.is_null(row) || arrays.any(|array| inner.is_null(array)) {
            taken.end_null();
            continue;
        }
        for array in rows_of(outer, row) {
            taken.extend(rows_of(inner, array));
        }
        taken.end_list();
    }
    taken.finish(inner.values(), input.result)
});

/// `shuffle(array [, seed])`: a random permutation; with a seed the one that Spark gives the rows of its first partition.
pub(crate) fn shuffle(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let seed = call.args.get(1).and_then(crate::implicit::literal_long);
    let Some(array) = call.args.into_iter().next() else {
        return Err(SparkError::internal("shuffle without argument"));
    };
    let result = array.spark_type()?;
    if !matches!(result, SparkType::Array { .. }) {
        return Err(unexpected_type("shuffle", 0, &array, "ARRAY"));
    }
    let kernel = SHUFFLE.kernel(seed, &result);
    Ok(kernel.nullable(Nullable::Propagate).volatile().call(vec![array.expr]))
}

pub(super) static SHUFFLE: Kind<Option<i64>> = Kind::new("shuffle", |seed, input| {
    let mut random = MersenneTwister::new(seed.unwrap_or_else(rand::random));
    let list = input.list(0)?;
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        // Inside out: each element takes a place among those before it.
        let mut rows = Vec::new();
        for (n_before, own) in rows_of(list, row).enumerate() {
            let place = random.next_below(n_before as u32 + 1) as usize;
            rows.push(rows.get(place).copied().unwrap_or(own));
            rows[place] = own;
        }
        taken.extend(rows);
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

/// `array_join(array, delimiter [, for_nulls])`.
pub(crate) fn join(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let (name, settings) = ("array_join", call.settings);
    let mut args = call.args.into_iter();
    let (Some(array), Some(delimiter)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("array_join without arguments"));
    };
    if !matches!(array.spark_type()?, SparkType::Array { .. }) {
        return Err(unexpected_type(name, 0, &array, "\"ARRAY<STRING>\""));
    }
    let as_strings = SparkType::array(SparkType::string());
    let mut exprs = vec![
        cast(array, &as_strings, EvalMode::of(settings), settings)?,
        implicit(name, 1, delimiter, &SparkType::string(), settings)?,
    ];
    if let Some(replacement) = args.next() {
        exprs.push(implicit(name, 2, replacement, &SparkType::string(), settings)?);
    }
    let kernel = JOIN.named(name, (), &SparkType::string());
    Ok(kernel.nullable(Nullable::Propagate).call(exprs))
}

pub(super) static JOIN: Kind<()> = Kind::new("array_join", |(), input| {
    let list = input.list(0)?;
    let elements = list.values().as_string::<i32>();
    let delimiters = input.string(1)?;
    let replacements = (input.args.len() > 2).then(|| input.string(2)).transpose()?;
    input.strings(|row| {
        let Some(delimiter) = at(delimiters, row).filter(|_| list.is_valid(row)) else {
            return Ok(None);
        };
        let replacement = match replacements {
            None => None,
            Some(replacements) => match at(replacements, row) {
                Some(text) => Some(text),
                None => return Ok(None),
            },
        };
        let parts = rows_of(list, row).filter_map(|row| at(elements, row).or(replacement));
        Ok(Some(parts.collect::<Vec<_>>().join(delimiter)))
    })
});

//! What is in an array: `size`, `array_contains`, `array_position`, `array_max`, `arrays_overlap`.

use super::taken::{comparable, rows_of};
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast};
use crate::coercion::{common_type_of_elements, unify};
use crate::conform::conform;
use crate::implicit::{arrays_differ, no_element, null_type, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Int32Array, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Int64Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SessionSettings, SparkType};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

/// `size(x)`, `cardinality(x)`, `array_size(x)`: of an array or map; of null null, or -1 under the
/// legacy setting.
pub(crate) fn size(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let legacy = settings.size_of_null && name != "array_size";
    match (arg.spark_type()?, name.as_str()) {
        (SparkType::Array { .. }, _) => {}
        (SparkType::Map { .. }, "size" | "cardinality") => {}
        (SparkType::Null, "size" | "cardinality") => {
            let of_null = ScalarValue::Int32(legacy.then_some(-1));
            return Ok(Expr::Literal(of_null, None));
        }
        _ => return Err(unexpected_type(&name, 0, &arg, "(\"ARRAY\" or \"MAP\")")),
    }
    let kernel = SIZE.kernel(legacy, &SparkType::Integer);
    let nullable = if legacy { Nullable::Never } else { Nullable::Propagate };
    Ok(kernel.nullable(nullable).call(vec![arg.expr]))
}

pub(super) static SIZE: Kind<bool> = Kind::new("size", |legacy, input| {
    let column = &input.args[0];
    let length = |row: usize| match column.data_type() {
        DataType::Map(_, _) => column.as_map().value_length(row),
        _ => column.as_list::<i32>().value_length(row),
    };
    let of_null = legacy.then_some(-1);
    Ok(Arc::new(
        (0..input.n_rows)
            .map(|row| if column.is_valid(row) { Some(length(row)) } else { of_null })
            .collect::<Int32Array>(),
    ))
});

/// An array and a value, brought to one element type.
pub(super) fn with_value(
    name: &str,
    array: Arg,
    value: Arg,
    settings: &SessionSettings,
) -> Result<(Vec<Expr>, SparkType)> {
    let SparkType::Array { element, contains_null } = array.spark_type()? else {
        return Err(unexpected_type(name, 0, &array, "ARRAY"));
    };
    let value_type = value.spark_type()?;
    if value_type == SparkType::Null && name == "array_contains" {
        return Err(null_type(name));
    }
    let common = common_type_of_elements(&element, &value_type, settings).ok_or_else(|| {
        let array = SparkType::Array { element: element.clone(), contains_null };
        no_element(name, &array, &value_type)
    })?;
    let mode = EvalMode::of(settings);
    let as_array = SparkType::Array { element: Box::new(common.clone()), contains_null };
    let args = vec![cast(array, &as_array, mode, settings)?, cast(value, &common, mode, settings)?];
    Ok((args, as_array))
}

/// Where the value of argument 1 stands in the array of argument 0: per row the position found, if
/// any, and whether the array holds a null.
fn find(input: &Input<'_>) -> Result<Vec<Option<(Option<usize>, bool)>>> {
    let list = input.list(0)?;
    let wanted = conform(&input.args[1], list.values().data_type())?;
    let (_, rows) = comparable(&concat(&[list.values().as_ref(), wanted.as_ref()])?)?;
    let n_values = list.values().len();
    let element_nulls = list.values().logical_nulls();
    let wanted_nulls = wanted.logical_nulls();
    let is_null = |row: usize| element_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    Ok((0..input.n_rows)
        .map(|row| {
            if list.is_null(row) || wanted_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return None;
            }
            let range = rows_of(list, row);
            let wanted = rows.row(n_values + row);
            let found = range.clone().find(|r| !is_null(*r) && rows.row(*r) == wanted);
            let any_null = found.is_none() && range.clone().any(is_null);
            Some((found.map(|found| found - range.start), any_null))
        })
        .collect())
}

/// `array_contains(array, value)`: null if it is not found but there is a null.
pub(crate) fn contains(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, value] = call.exactly()?;
    let (args, _) = with_value("array_contains", array, value, settings)?;
    let kernel = CONTAINS.kernel((), &SparkType::Boolean);
    Ok(kernel.call(args))
}

pub(super) static CONTAINS: Kind<()> = Kind::new("array_contains", |(), input| {
    let mut builder = BooleanBuilder::with_capacity(input.n_rows);
    for found in find(input)? {
        builder.append_option(match found {
            None | Some((None, true)) => None,
            Some((position, _)) => Some(position.is_some()),
        });
    }
    Ok(Arc::new(builder.finish()) as ArrayRef)
});

/// `array_position(array, value)`: counted from 1, 0 if it is not found.
pub(crate) fn position(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, value] = call.exactly()?;
    let (args, _) = with_value("array_position", array, value, settings)?;
    let kernel = POSITION.kernel((), &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static POSITION: Kind<()> = Kind::new("array_position", |(), input| {
    let found = find(input)?;
    input.primitives::<Int64Type>(|row| {
        Ok(found[row].map(|(position, _)| position.map_or(0, |place| place as i64 + 1)))
    })
});

/// `array_binary_search(array, value)`, which clients ask for where vectors are looked into: the place in an ascending
/// array, counted from 0; where the value is missing, minus the place where it would stand, minus 1.
pub(crate) fn binary_search(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, value] = call.exactly()?;
    let (args, _) = with_value("array_binary_search", array, value, settings)?;
    let kernel = BINARY_SEARCH.kernel((), &SparkType::Integer);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static BINARY_SEARCH: Kind<()> = Kind::new("array_binary_search", |(), input| {
    let list = input.list(0)?;
    let wanted = conform(&input.args[1], list.values().data_type())?;
    let (_, rows) = comparable(&concat(&[list.values().as_ref(), wanted.as_ref()])?)?;
    let n_values = list.values().len();
    let wanted_nulls = wanted.logical_nulls();
    Ok(Arc::new(
        (0..input.n_rows)
            .map(|row| {
                let is_null = wanted_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
                if list.is_null(row) || is_null {
                    return None;
                }
                let range = rows_of(list, row);
                let (mut low, mut high) = (range.start, range.end);
                while low < high {
                    let middle = low.midpoint(high);
                    match rows.row(middle).cmp(&rows.row(n_values + row)) {
                        Ordering::Less => low = middle + 1,
                        Ordering::Equal => return Some((middle - range.start) as i32),
                        Ordering::Greater => high = middle,
                    }
                }
                Some(-((low - range.start) as i32) - 1)
            })
            .collect::<Int32Array>(),
    ) as ArrayRef)
});

/// `array_max(array)`, `array_min(array)`: nulls do not count.
pub(crate) fn extreme(call: Call<'_>) -> Result<Expr> {
    let name = call.name.to_owned();
    let [array] = call.exactly()?;
    let SparkType::Array { element, .. } = array.spark_type()? else {
        return Err(unexpected_type(&name, 0, &array, "ARRAY"));
    };
    let kernel = EXTREME.kernel(name == "array_max", &element);
    Ok(kernel.call(vec![array.expr]))
}

pub(super) static EXTREME: Kind<bool> = Kind::new("array_extreme", |greatest, input| {
    let list = input.list(0)?;
    let (_, rows) = comparable(list.values())?;
    let nulls = list.values().logical_nulls();
    let is_valid = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
    let picked = (0..input.n_rows).map(|row| {
        if list.is_null(row) {
            return None;
        }
        let candidates = rows_of(list, row).filter(is_valid);
        let compare = |a: &usize, b: &usize| rows.row(*a).cmp(&rows.row(*b));
        let best = if *greatest { candidates.max_by(compare) } else { candidates.min_by(compare) };
        best.map(|row| row as u32)
    });
    let picked = picked.collect::<UInt32Array>();
    conform(&take(list.values(), &picked, None)?, input.result)
});

/// `arrays_overlap(a, b)`: a common element other than null; null if there is none but both are not
/// empty and one holds a null.
pub(crate) fn overlap(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let types = call.args.iter().map(|arg| arg.spark_type()).collect::<Result<Vec<_>>>()?;
    let wrong = || arrays_differ("arrays_overlap", &types[0], &types[1]);
    common_type_of_elements(&types[0], &types[1], call.settings).ok_or_else(wrong)?;
    let (args, _) = unify(call.args, call.settings)?
        .filter(|(_, found)| matches!(found, SparkType::Array { .. }))
        .ok_or_else(wrong)?;
    let kernel = OVERLAP.kernel((), &SparkType::Boolean);
    Ok(kernel.call(args))
}

pub(super) static OVERLAP: Kind<()> = Kind::new("arrays_overlap", |(), input| {
    let (left, right) = (input.list(0)?, input.list(1)?);
    let both = concat(&[
        left.values().as_ref(),
        conform(right.values(), left.values().data_type())?.as_ref(),
    ])?;
    let (_, rows) = comparable(&both)?;
    let nulls = both.logical_nulls();
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let shift = left.values().len();
    let mut builder = BooleanBuilder::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        if left.is_null(row) || right.is_null(row) {
            builder.append_null();
            continue;
        }
        let (a, b) = (rows_of(left, row), rows_of(right, row));
        let b = b.start + shift..b.end + shift;
        let known: HashSet<_> =
            a.clone().filter(|row| !is_null(*row)).map(|row| rows.row(row)).collect();
        let common = b.clone().any(|row| !is_null(row) && known.contains(&rows.row(row)));
        let unsure =
            !a.is_empty() && !b.is_empty() && (a.clone().any(is_null) || b.clone().any(is_null));
        builder.append_option(if common {
            Some(true)
        } else if unsure {
            None
        } else {
            Some(false)
        });
    }
    Ok(Arc::new(builder.finish()) as ArrayRef)
});

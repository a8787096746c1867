//! Arrays as sets: `array_distinct`, `array_union`, `array_intersect`, `array_except`, and
//! `array_remove`, `array_compact`. The first of equal elements stays; nulls equal each other.

use super::search::with_value;
use super::taken::{Taken, comparable, rows_of};
use crate::aggregate::normalize_floats;
use crate::call::Call;
use crate::coercion::{common_type_of_elements, unify};
use crate::conform::conform;
use crate::implicit::{arrays_differ, unexpected_type};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use arrow::compute::concat;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

pub(crate) fn distinct(call: Call<'_>) -> Result<Expr> {
    let [array] = call.exactly()?;
    let result = array.spark_type()?;
    if !matches!(result, SparkType::Array { .. }) {
        return Err(unexpected_type("array_distinct", 0, &array, "ARRAY"));
    }
    let kernel = DISTINCT.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr]))
}

pub(super) static DISTINCT: Kind<()> = Kind::new("array_distinct", |(), input| {
    let list = input.list(0)?;
    // Minus zero is zero.
    let values = normalize_floats(list.values());
    let (_, rows) = comparable(&values)?;
    let mut taken = Taken::default();
    let mut seen = HashSet::new();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        seen.clear();
        taken.extend(rows_of(list, row).filter(|row| seen.insert(rows.row(*row))));
        taken.end_list();
    }
    taken.finish(&values, input.result)
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Operation {
    Union,
    Intersect,
    Except,
}

pub(crate) fn union(call: Call<'_>) -> Result<Expr> {
    binary("array_union", Operation::Union, call)
}

pub(crate) fn intersect(call: Call<'_>) -> Result<Expr> {
    binary("array_intersect", Operation::Intersect, call)
}

pub(crate) fn except(call: Call<'_>) -> Result<Expr> {
    binary("array_except", Operation::Except, call)
}

fn binary(name: &'static str, operation: Operation, call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let types = call.args.iter().map(|arg| arg.spark_type()).collect::<Result<Vec<_>>>()?;
    let left = types[0].clone();
    let wrong = || arrays_differ(name, &types[0], &types[1]);
    common_type_of_elements(&types[0], &types[1], call.settings).ok_or_else(wrong)?;
    let (args, common) = unify(call.args, call.settings)?
        .filter(|(_, found)| matches!(found, SparkType::Array { .. }))
        .ok_or_else(wrong)?;
    // Nothing but the left side's elements comes out of EXCEPT.
    let result = match (operation, common, left) {
        (
            Operation::Except,
            SparkType::Array { element, .. },
            SparkType::Array { contains_null, .. },
        ) => SparkType::Array { element, contains_null },
        (_, common, _) => common,
    };
    let kernel = BINARY.named(name, operation, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static BINARY: Kind<Operation> = Kind::new("array_set", evaluate);

fn evaluate(operation: &Operation, input: &Input<'_>) -> Result<ArrayRef> {
    let (left, right) = (input.list(0)?, input.list(1)?);
    let both = concat(&[
        left.values().as_ref(),
        conform(right.values(), left.values().data_type())?.as_ref(),
    ])?;
    let both = normalize_floats(&both);
    let (_, rows) = comparable(&both)?;
    let shift = left.values().len();
    let mut taken = Taken::default();
    let mut seen = HashSet::new();
    let mut other = HashSet::new();
    for row in 0..input.n_rows {
        if left.is_null(row) || right.is_null(row) {
            taken.end_null();
            continue;
        }
        let a = rows_of(left, row);
        let b = rows_of(right, row);
        let b = b.start + shift..b.end + shift;
        seen.clear();
        other.clear();
        match operation {
            Operation::Union => {
                taken.extend(a.chain(b).filter(|row| seen.insert(rows.row(*row))));
            }
            Operation::Intersect | Operation::Except => {
                other.extend(b.map(|row| rows.row(row)));
                let keep = *operation == Operation::Intersect;
                taken.extend(a.filter(|row| {
                    let element = rows.row(*row);
                    other.contains(&element) == keep && seen.insert(element)
                }));
            }
        }
        taken.end_list();
    }
    taken.finish(&both, input.result)
}

/// `array_remove(array, value)`.
pub(crate) fn remove(call: Call<'_>) -> Result<Expr> {
    let settings = call.settings;
    let [array, value] = call.exactly()?;
    let (args, result) = with_value("array_remove", array, value, settings)?;
    let kernel = REMOVE.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static REMOVE: Kind<()> = Kind::new("array_remove", |(), input| {
    let list = input.list(0)?;
    let wanted = conform(&input.args[1], list.values().data_type())?;
    let (_, rows) = comparable(&concat(&[list.values().as_ref(), wanted.as_ref()])?)?;
    let wanted_nulls = wanted.logical_nulls();
    let shift = list.values().len();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) || wanted_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            taken.end_null();
            continue;
        }
        let wanted = rows.row(shift + row);
        taken.extend(rows_of(list, row).filter(|row| rows.row(*row) != wanted));
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

/// `array_compact(array)`: without nulls.
pub(crate) fn compact(call: Call<'_>) -> Result<Expr> {
    let [array] = call.exactly()?;
    let SparkType::Array { element, .. } = array.spark_type()? else {
        return Err(unexpected_type("array_compact", 0, &array, "ARRAY"));
    };
    let result = SparkType::Array { element, contains_null: false };
    let kernel = COMPACT.kernel((), &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![array.expr]))
}

pub(super) static COMPACT: Kind<()> = Kind::new("array_compact", |(), input| {
    let list = input.list(0)?;
    let nulls = list.values().logical_nulls();
    let mut taken = Taken::default();
    for row in 0..input.n_rows {
        if list.is_null(row) {
            taken.end_null();
            continue;
        }
        let is_valid = |row: &usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row));
        taken.extend(rows_of(list, row).filter(is_valid));
        taken.end_list();
    }
    taken.finish(list.values(), input.result)
});

//! `greatest` and `least`: nulls are skipped.

use crate::call::{Arg, Call};
use crate::coercion::unify;
use crate::implicit::diff_types;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::compute::kernels::{cmp, zip::zip};
use arrow::compute::{SortOptions, is_null};
use arrow::datatypes::{Float32Type, Float64Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) fn greatest(call: Call<'_>) -> Result<Expr> {
    build(call, "greatest", true)
}

pub(super) fn least(call: Call<'_>) -> Result<Expr> {
    build(call, "least", false)
}

fn build(call: Call<'_>, name: &'static str, greatest: bool) -> Result<Expr> {
    call.check_arity(2, usize::MAX)?;
    let (shown, settings) = (call.name, call.settings);
    let types = call.args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    // Unlike other functions these never turn a string into a number or the other way round.
    let n_strings = types.iter().filter(|data_type| data_type.is_string()).count();
    let n_nulls = types.iter().filter(|data_type| **data_type == SparkType::Null).count();
    if n_strings > 0 && n_strings + n_nulls < types.len() {
        return Err(diff_types(shown, &types));
    }
    let all_nullable = call.args.iter().all(|arg| arg.field.is_nullable());
    let Some((exprs, target)) = unify(call.args, settings)? else {
        return Err(diff_types(shown, &types));
    };
    let nullable = if all_nullable { Nullable::Always } else { Nullable::Never };
    Ok(EXTREME.named(name, greatest, &target).nullable(nullable).call(exprs))
}

pub(super) static EXTREME: Kind<bool> = Kind::new("greatest", evaluate);

fn evaluate(greatest: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let mut columns = input.args.iter();
    let Some(first) = columns.next() else {
        return Err(SparkError::internal("greatest without arguments"));
    };
    let mut best = Arc::clone(first);
    for column in columns {
        let better = better(column, &best, *greatest)?;
        best = zip(&better, column, &best)?;
    }
    Ok(best)
}

/// NaN is greater than all numbers, and zeros are equal: the first one stays.
fn floats<T: ArrowPrimitiveType>(
    candidate: &PrimitiveArray<T>,
    best: &PrimitiveArray<T>,
    greatest: bool,
) -> BooleanArray
where
    T::Native: Into<f64>,
{
    BooleanArray::from_iter((0..candidate.len()).map(|row| {
        let (a, b): (f64, f64) = (candidate.value(row).into(), best.value(row).into());
        let (a, b) = if greatest { (a, b) } else { (b, a) };
        (candidate.is_valid(row) && best.is_valid(row))
            .then(|| a > b || (a.is_nan() && !b.is_nan()))
    }))
}

/// Where `candidate` takes the place of `best`.
fn better(candidate: &ArrayRef, best: &ArrayRef, greatest: bool) -> Result<BooleanArray> {
    let by_value = if candidate.data_type().is_nested() {
        let compare = arrow::array::make_comparator(candidate, best, SortOptions::default())?;
        let wanted = if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
        BooleanArray::from_iter(
            (0..candidate.len())
                .map(|row| Some(candidate.is_valid(row) && compare(row, row) == wanted)),
        )
    } else if let (Some(candidate), Some(best)) =
        (candidate.as_primitive_opt::<Float64Type>(), best.as_primitive_opt::<Float64Type>())
    {
        floats(candidate, best, greatest)
    } else if let (Some(candidate), Some(best)) =
        (candidate.as_primitive_opt::<Float32Type>(), best.as_primitive_opt::<Float32Type>())
    {
        floats(candidate, best, greatest)
    } else if greatest {
        cmp::gt(candidate, best)?
    } else {
        cmp::lt(candidate, best)?
    };
    // A comparison with null is null: the candidate wins where only the best so far is null.
    let (best_null, candidate_null) = (is_null(best)?, is_null(candidate)?);
    Ok(BooleanArray::from_iter((0..candidate.len()).map(|row| {
        Some(
            !candidate_null.value(row)
                && (best_null.value(row) || (by_value.is_valid(row) && by_value.value(row))),
        )
    })))
}

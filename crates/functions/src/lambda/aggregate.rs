//! `aggregate(array, zero, (acc, x) -> … [, acc -> …])`, also called `reduce`.
//!
//! Steps through positions: at step `i` the rows that have an element `i` are merged together.

use super::arrays::element;
use super::frame::{Input, LambdaKind, body, parameter, resolved};
use crate::array::rows_of;
use crate::call::{Arg, Call};
use crate::conform::conform;
use crate::implicit::unexpected_type;
use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::{interleave, take};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

pub(crate) fn parameters(
    args: &[Option<Arg>],
    lambda: usize,
    _arity: usize,
) -> Result<Vec<FieldRef>> {
    let accumulator = parameter(&resolved(args, 1)?.spark_type()?, true);
    if lambda == 3 {
        return Ok(vec![accumulator]);
    }
    let (element, contains_null) = element(resolved(args, 0)?)?;
    Ok(vec![accumulator, parameter(&element, contains_null)])
}

/// The accumulator's Arrow type, and whether a finishing lambda follows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Reduction {
    #[serde(with = "firesteel_common::wire::data_type")]
    accumulator: DataType,
    finish: bool,
}

pub(crate) fn aggregate(call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 4)?;
    let mut args: Vec<Option<Arg>> = call.args.into_iter().map(Some).collect();
    let accumulator = resolved(&args, 1)?.spark_type()?;
    let (merged, _) = body(resolved(&args, 2)?)?;
    if !same_shape(&accumulator, &merged) {
        return Err(unexpected_type("aggregate", 2, resolved(&args, 2)?, &accumulator.sql()));
    }
    let mut lambda_parameters = vec![parameters(&args, 2, 2)?];
    let finish = args.len() == 4;
    let (result, nullable) = if finish {
        lambda_parameters.push(parameters(&args, 3, 1)?);
        body(resolved(&args, 3)?)?
    } else {
        (accumulator.clone(), true)
    };
    let nullable = nullable || resolved(&args, 0)?.field.is_nullable();
    let exprs = args.iter_mut().filter_map(|arg| arg.take().map(|arg| arg.expr)).collect();
    let reduction = Reduction { accumulator: accumulator.to_arrow(), finish };
    let result = (&result, nullable);
    Ok(AGGREGATE.kernel(reduction, lambda_parameters, result).call(exprs))
}

pub(super) static AGGREGATE: LambdaKind<Reduction> = LambdaKind::new("aggregate", evaluate);

/// Types that differ in nullability only, or that Spark widens without being asked.
fn same_shape(accumulator: &SparkType, merged: &SparkType) -> bool {
    match (accumulator, merged) {
        (SparkType::Array { element: a, .. }, SparkType::Array { element: b, .. }) => {
            same_shape(a, b)
        }
        (SparkType::Map { key: a, value: b, .. }, SparkType::Map { key: c, value: d, .. }) => {
            same_shape(a, c) && same_shape(b, d)
        }
        (SparkType::Struct(a), SparkType::Struct(b)) => {
            a.fields.len() == b.fields.len()
                && a.fields
                    .iter()
                    .zip(&b.fields)
                    .all(|(a, b)| same_shape(&a.data_type, &b.data_type))
        }
        (_, SparkType::Null) | (SparkType::Null, _) => true,
        (a, b) => a == b,
    }
}

fn evaluate(reduction: &Reduction, input: &Input<'_>) -> Result<ArrayRef> {
    let list = input.values[0].as_list::<i32>();
    let mut accumulator = conform(&input.values[1], &reduction.accumulator)?;
    let valid: Vec<usize> = (0..input.n_rows).filter(|row| list.is_valid(*row)).collect();
    let longest = valid.iter().map(|row| rows_of(list, *row).len()).max().unwrap_or(0);
    for place in 0..longest {
        let active: Vec<usize> =
            valid.iter().copied().filter(|row| rows_of(list, *row).len() > place).collect();
        let rows = UInt32Array::from_iter_values(active.iter().map(|row| *row as u32));
        let elements = active.iter().map(|row| (rows_of(list, *row).start + place) as u32);
        let elements = UInt32Array::from_iter_values(elements);
        let arguments = [take(&accumulator, &rows, None)?, take(list.values(), &elements, None)?];
        let merged = input.evaluate(0, &arguments, &rows, &reduction.accumulator)?;
        if active.len() == input.n_rows {
            accumulator = merged;
            continue;
        }
        let mut order: Vec<_> = (0..input.n_rows).map(|row| (0, row)).collect();
        for (position, row) in active.into_iter().enumerate() {
            order[row] = (1, position);
        }
        accumulator = interleave(&[accumulator.as_ref(), merged.as_ref()], &order)?;
    }
    // Null arrays have null answers, whatever the finishing lambda would make of the start.
    let rows = UInt32Array::from_iter_values(valid.iter().map(|row| *row as u32));
    let mut answers = take(&accumulator, &rows, None)?;
    if reduction.finish {
        answers = input.evaluate(1, &[answers], &rows, input.result)?;
    }
    let mut order = vec![None; input.n_rows];
    for (position, row) in valid.into_iter().enumerate() {
        order[row] = Some(position as u32);
    }
    if answers.len() == input.n_rows {
        return conform(&answers, input.result);
    }
    if answers.is_empty() {
        return Ok(arrow::array::new_null_array(input.result, input.n_rows));
    }
    let answers = take(&answers, &UInt32Array::from(order), None)?;
    conform(&answers, input.result).map_err(|error| {
        SparkError::internal(format!("aggregate's answer has another type: {error}"))
    })
}

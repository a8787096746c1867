//! `vector_sum` and `vector_avg`: position by position over the vectors of a group, in floats.
//!
//! A vector with a null among its numbers does not count.

use super::builders::{result_field, static_name};
use super::gather::{Gather, GatherKind, Gathered};
use super::states::AggregateFunction;
use crate::call::AggregateCall;
use crate::vector::{check_vector, dimension_mismatch};
use arrow::array::{Array, ArrayRef, AsArray, Float32Array, ListArray, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, FieldRef, Float32Type};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// `vector_sum(vector)`, `vector_avg(vector)`.
pub(super) fn vectors(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let arg = call.call.args.remove(0);
    check_vector(name, 0, &arg)?;
    let result = SparkType::Array { element: Box::new(SparkType::Float), contains_null: false };
    let function = Gather {
        kind: &VECTORS,
        name,
        params: name == "vector_avg",
        skip_nulls_of: Some(0),
        result: result_field(name, &result, true),
    };
    Ok(function.call(vec![arg.expr], call.distinct, call.filter))
}

/// The parameter: whether sums are divided by the number of vectors.
pub(super) static VECTORS: GatherKind<bool> = GatherKind::new("vector_sum", finish);

fn finish(average: &bool, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let name = if *average { "vector_avg" } else { "vector_sum" };
    let DataType::List(element) = result.data_type() else {
        return Err(SparkError::internal("vector_sum answers with a list"));
    };
    let Some(column) = gathered.columns.first() else {
        return Ok(new_null_array(result.data_type(), gathered.offsets.len() - 1));
    };
    let lists = column.as_list::<i32>();
    let numbers = lists.values().as_primitive::<Float32Type>();
    let (mut values, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for rows in gathered.groups() {
        let mut sums: Option<Vec<f32>> = None;
        let mut n_vectors = 0.0_f32;
        for row in rows.filter(|row| lists.is_valid(*row)) {
            let (start, end) =
                (lists.value_offsets()[row] as usize, lists.value_offsets()[row + 1] as usize);
            if (start..end).any(|at| numbers.is_null(at)) {
                continue;
            }
            let vector = &numbers.values()[start..end];
            n_vectors += 1.0;
            match &mut sums {
                None => sums = Some(vector.to_vec()),
                Some(sums) if sums.len() == vector.len() => {
                    sums.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
                }
                Some(sums) => return Err(dimension_mismatch(name, sums.len(), vector.len())),
            }
        }
        valid.push(sums.is_some());
        let sums = sums.unwrap_or_default();
        lengths.push(sums.len());
        values.extend(sums.iter().map(|sum| if *average { sum / n_vectors } else { *sum }));
    }
    let values: ArrayRef = Arc::new(Float32Array::from(values));
    let offsets = OffsetBuffer::from_lengths(lengths);
    let valid = Some(NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, valid)?))
}

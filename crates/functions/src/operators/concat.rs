//! `concat` and `||`: of strings, of byte strings or of arrays; null if any is null.

use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::coercion::unify;
use crate::columns::{binaries, strings};
use crate::implicit::diff_types;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use std::sync::Arc;

pub(super) fn concat(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    if call.args.is_empty() {
        return Ok(Expr::Literal(ScalarValue::Utf8(Some(String::new())), None));
    }
    let types = call.args.iter().map(|arg| arg.spark_type()).collect::<Result<Vec<_>>>()?;
    let kernel = |result: &SparkType, kind: &'static Kind<()>| {
        kind.kernel((), result).nullable(Nullable::Propagate)
    };
    let known = || types.iter().filter(|data_type| **data_type != SparkType::Null);
    if known().any(|data_type| matches!(data_type, SparkType::Array { .. })) {
        let Some((exprs, target)) = unify(call.args, settings)? else {
            return Err(diff_types(name, &types));
        };
        return Ok(kernel(&target, &ARRAYS).call(exprs));
    }
    let all_binary =
        known().count() > 0 && known().all(|data_type| *data_type == SparkType::Binary);
    let all_binary = all_binary && !settings.legacy.concat_binary_is_string;
    let target = if all_binary { SparkType::Binary } else { SparkType::string() };
    let exprs = call
        .args
        .into_iter()
        .map(|arg| cast(arg, &target, EvalMode::of(settings), settings))
        .collect::<Result<Vec<_>>>()?;
    let kind = if all_binary { &BYTES } else { &TEXTS };
    Ok(kernel(&target, kind).call(exprs))
}

pub(super) static TEXTS: Kind<()> = Kind::new("concat", texts);
pub(super) static BYTES: Kind<()> = Kind::new("concat.bytes", bytes);
pub(super) static ARRAYS: Kind<()> = Kind::new("concat.arrays", arrays);

fn texts(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let columns = (0..input.args.len()).map(|at| input.text(at)).collect::<Result<Vec<_>>>()?;
    let mut out = String::new();
    strings(input.n_rows, |row| {
        out.clear();
        for column in &columns {
            if column.is_null(row) {
                return Ok(None);
            }
            out.push_str(column.value(row));
        }
        Ok(Some(out.clone()))
    })
}

fn bytes(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let columns = (0..input.args.len()).map(|at| input.bytes(at)).collect::<Result<Vec<_>>>()?;
    binaries(input.n_rows, |row| {
        let mut out = Vec::new();
        for column in &columns {
            if column.is_null(row) {
                return Ok(None);
            }
            out.extend_from_slice(column.value(row));
        }
        Ok(Some(out))
    })
}

fn arrays(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let lists: Vec<&ListArray> = input.args.iter().map(|column| column.as_list::<i32>()).collect();
    let nulls = lists.iter().fold(None, |nulls: Option<NullBuffer>, list| {
        NullBuffer::union(nulls.as_ref(), list.nulls())
    });
    let mut indices = Vec::new();
    let mut lengths = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let before = indices.len();
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            for (which, list) in lists.iter().enumerate() {
                let (start, end) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
                indices.extend((start..end).map(|at| (which, at as usize)));
            }
        }
        lengths.push(indices.len() - before);
    }
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
    let values = arrow::compute::interleave(&values, &indices)?;
    let DataType::List(field) = input.result else {
        return Err(firesteel_common::SparkError::internal("concat of arrays without array type"));
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
}

//! `lag`, `lead`: the value so many rows before or after, over the whole partition.

use super::running::{Running, Shifted};
use super::udwf::{Columns, Evaluate, WindowKind};
use crate::call::Call;
use crate::implicit::{implicit, literal_boolean, literal_long, not_foldable};
use crate::registry::WindowCall;
use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{interleave, take};
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Shift {
    /// Rows forward; negative: backward.
    by: i64,
    /// The second argument is the value where there is no such row.
    has_default: bool,
}

pub(crate) fn lag(call: Call<'_>) -> Result<WindowCall> {
    shift("lag", -1, call)
}

pub(crate) fn lead(call: Call<'_>) -> Result<WindowCall> {
    shift("lead", 1, call)
}

/// `lag(value [, offset [, default [, ignoreNulls]]])`.
fn shift(name: &'static str, direction: i64, call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(1, 4)?;
    let settings = call.settings;
    let mut args = call.args.into_iter();
    let value = args.next().ok_or_else(|| SparkError::internal("lag without argument"))?;
    let offset = match args.next() {
        None => 1,
        Some(arg) => literal_long(&arg).ok_or_else(|| not_foldable(name, "offset"))?,
    };
    let default = args.next().filter(|arg| !arg.literal().is_some_and(|value| value.is_null()));
    let ignore_nulls = match args.next() {
        None => false,
        Some(arg) => literal_boolean(&arg).ok_or_else(|| not_foldable(name, "ignoreNulls"))?,
    };
    let result: SparkType = match (value.spark_type()?, &default) {
        (SparkType::Null, Some(default)) => default.spark_type()?,
        (other, _) => other,
    };
    let nullable = match &default {
        Some(default) => value.field.is_nullable() || default.field.is_nullable(),
        None => true,
    };
    let has_default = default.is_some();
    let mut columns = vec![implicit(name, 0, value, &result, settings)?];
    if let Some(default) = default {
        columns.push(implicit(name, 2, default, &result, settings)?);
    }
    let params = Shift { by: direction * offset, has_default };
    let kind = if direction < 0 { &LAG } else { &LEAD };
    let call = kind.call(params, (&result, nullable), columns);
    Ok(if ignore_nulls { call.ignoring_nulls() } else { call })
}

pub(super) static LAG: WindowKind<Shift> =
    WindowKind::new("lag", Evaluate::Partition(evaluate)).running(running);
pub(super) static LEAD: WindowKind<Shift> =
    WindowKind::new("lead", Evaluate::Partition(evaluate)).running(running);

fn running(params: &Shift, ignore_nulls: bool) -> Option<Box<dyn Running>> {
    let Shift { by, has_default } = *params;
    (!ignore_nulls).then(|| Box::new(Shifted { by, has_default }) as _)
}

fn evaluate(params: &Shift, columns: &Columns<'_>, n_rows: usize) -> Result<ArrayRef> {
    let values = &columns.values[0];
    let source: Vec<Option<usize>> = match columns.ignore_nulls {
        false => (0..n_rows)
            .map(|row| {
                let target = row as i64 + params.by;
                (0..n_rows as i64).contains(&target).then_some(target as usize)
            })
            .collect(),
        true => nth_valid(values, params.by, n_rows),
    };
    if !params.has_default {
        let rows = source.iter().map(|row| row.map(|row| row as u32)).collect::<UInt32Array>();
        return Ok(take(values, &rows, None)?);
    }
    let from = source.iter().enumerate().map(|(row, source)| match source {
        Some(source) => (0, *source),
        None => (1, row),
    });
    let from: Vec<_> = from.collect();
    Ok(interleave(&[values.as_ref(), columns.values[1].as_ref()], &from)?)
}

/// For each row the row of the `|by|`th non-null value after (or before) it.
fn nth_valid(values: &ArrayRef, by: i64, n_rows: usize) -> Vec<Option<usize>> {
    let nulls = values.logical_nulls();
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let valid: Vec<usize> = (0..n_rows).filter(|row| is_valid(*row)).collect();
    (0..n_rows)
        .map(|row| {
            if by == 0 {
                return Some(row);
            }
            let place = if by > 0 {
                valid.partition_point(|valid| *valid <= row) as i64 + by - 1
            } else {
                valid.partition_point(|valid| *valid < row) as i64 + by
            };
            usize::try_from(place).ok().and_then(|place| valid.get(place)).copied()
        })
        .collect()
}

//! `row_number`, `rank`, `dense_rank`, `percent_rank`, `cume_dist`, `ntile`.

use super::running::{Rank, RowNumber};
use super::udwf::{Evaluate, WindowKind};
use crate::call::Call;
use crate::implicit::{literal_long, not_foldable};
use crate::registry::WindowCall;
use arrow::array::{ArrayRef, Float64Array, Int32Array};
use firesteel_common::{Result, SparkError, SparkType};
use std::ops::Range;
use std::sync::Arc;

const INTEGER: (&SparkType, bool) = (&SparkType::Integer, false);
const DOUBLE: (&SparkType, bool) = (&SparkType::Double, false);

pub(crate) fn row_number(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 0)?;
    Ok(ROW_NUMBER.call((), INTEGER, vec![]))
}

pub(super) static ROW_NUMBER: WindowKind<()> = WindowKind::new(
    "row_number",
    Evaluate::Partition(|_, _, n_rows| {
        Ok(Arc::new(Int32Array::from_iter_values(1..=n_rows as i32)))
    }),
)
.running(|_, _| Some(Box::new(RowNumber::default())));

pub(crate) fn rank(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 0)?;
    Ok(RANK.call((), INTEGER, vec![]))
}

pub(super) static RANK: WindowKind<()> = WindowKind::new(
    "rank",
    Evaluate::Ranks(|_, _, ranks| Ok(integers(ranks, |_, rows| rows.start as i32 + 1))),
)
.running(|_, _| Some(Box::new(Rank::new(false))));

pub(crate) fn dense_rank(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 0)?;
    Ok(DENSE_RANK.call((), INTEGER, vec![]))
}

pub(super) static DENSE_RANK: WindowKind<()> = WindowKind::new(
    "dense_rank",
    Evaluate::Ranks(|_, _, ranks| Ok(integers(ranks, |rank, _| rank as i32 + 1))),
)
.running(|_, _| Some(Box::new(Rank::new(true))));

pub(crate) fn percent_rank(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 0)?;
    Ok(PERCENT_RANK.call((), DOUBLE, vec![]))
}

pub(super) static PERCENT_RANK: WindowKind<()> = WindowKind::new(
    "percent_rank",
    Evaluate::Ranks(|_, n_rows, ranks| {
        let share = |rows: &Range<usize>| match n_rows {
            0 | 1 => 0.0,
            n => rows.start as f64 / (n - 1) as f64,
        };
        Ok(doubles(ranks, share))
    }),
);

pub(crate) fn cume_dist(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 0)?;
    Ok(CUME_DIST.call((), DOUBLE, vec![]))
}

pub(super) static CUME_DIST: WindowKind<()> = WindowKind::new(
    "cume_dist",
    Evaluate::Ranks(|_, n_rows, ranks| Ok(doubles(ranks, |rows| rows.end as f64 / n_rows as f64))),
);

pub(crate) fn ntile(call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(0, 1)?;
    let n_buckets = match call.args.first() {
        None => 1,
        Some(arg) => literal_long(arg).ok_or_else(|| not_foldable("ntile", "buckets"))?,
    };
    if n_buckets <= 0 {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"ntile({n_buckets})\" due to data type mismatch: The buckets must \
                 be between (0, 2147483647] (current value = {n_buckets})."
            ),
        )
        .with("exprName", "buckets")
        .with("valueRange", "(0, 2147483647]")
        .with("currentValue", n_buckets.to_string()));
    }
    Ok(NTILE.call(n_buckets as usize, INTEGER, vec![]))
}

/// The first buckets hold one row more when the rows do not divide evenly.
pub(super) static NTILE: WindowKind<usize> = WindowKind::new(
    "ntile",
    Evaluate::Partition(|n_buckets, _, n_rows| {
        let (size, n_larger) = (n_rows / n_buckets, n_rows % n_buckets);
        let in_larger = n_larger * (size + 1);
        let bucket = |row: usize| match row {
            row if row < in_larger => row / (size + 1),
            row => n_larger + (row - in_larger) / size,
        };
        Ok(Arc::new(Int32Array::from_iter_values((0..n_rows).map(|row| bucket(row) as i32 + 1))))
    }),
);

fn integers(ranks: &[Range<usize>], value: impl Fn(usize, &Range<usize>) -> i32) -> ArrayRef {
    let values = ranks
        .iter()
        .enumerate()
        .flat_map(|(rank, rows)| std::iter::repeat_n(value(rank, rows), rows.len()));
    Arc::new(Int32Array::from_iter_values(values))
}

fn doubles(ranks: &[Range<usize>], value: impl Fn(&Range<usize>) -> f64) -> ArrayRef {
    let values = ranks.iter().flat_map(|rows| std::iter::repeat_n(value(rows), rows.len()));
    Arc::new(Float64Array::from_iter_values(values))
}

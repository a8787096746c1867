//! `percentile`, `percentile_cont`, `percentile_disc`, `median`, `percentile_approx`, `mode`.
//!
//! `percentile_approx` answers with the exact element: within every accuracy, and what Spark gives
//! too while its sketch is not compressed.

use super::gather::{GatherKind, Gathered};
use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef, Float64Type, Int64Type};
use arrow::row::{RowConverter, SortField};
use datafusion_common::ScalarValue;
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Between two elements: interpolate, or take one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Rank {
    /// Linear interpolation at `p * (n - 1)`.
    Continuous,
    /// The first element whose cumulative share is at least `p`.
    Discrete,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Percentile {
    pub rank: Rank,
    /// The percentages as bits of doubles, so that parameters can be compared and hashed.
    pub percentages: Vec<u64>,
    /// Answer with an array, one element per percentage.
    pub array: bool,
    pub descending: bool,
    /// The second argument says how often the value counts.
    pub weighted: bool,
}

/// One group's sorted values (positions in the column) with cumulative counts.
struct Sorted {
    rows: Vec<usize>,
    /// Cumulative counts; `totals[i]` counts the values up to row `i`.
    totals: Vec<i64>,
}

pub(super) static PERCENTILE: GatherKind<Percentile> = GatherKind::new("percentile", percentile);
pub(super) static MODE: GatherKind<()> = GatherKind::new("mode", mode);

fn percentile(params: &Percentile, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let n_groups = gathered.offsets.len() - 1;
    let element = match result.data_type() {
        DataType::List(element) if params.array => Arc::clone(element),
        _ => Arc::clone(result),
    };
    let mut answers: Vec<ArrayRef> = Vec::new();
    let mut valid = Vec::with_capacity(n_groups);
    if let Some(column) = gathered.columns.first() {
        let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
        let keys = converter.convert_columns(&[Arc::clone(column)])?;
        for range in gathered.groups() {
            let mut rows: Vec<_> = range.collect();
            if params.descending {
                rows.sort_by(|a, b| keys.row(*b).cmp(&keys.row(*a)));
            } else {
                rows.sort_by(|a, b| keys.row(*a).cmp(&keys.row(*b)));
            }
            let sorted = cumulate(params, gathered, rows)?;
            valid.push(!sorted.rows.is_empty());
            if sorted.rows.is_empty() {
                if !params.array {
                    answers.push(new_null_array(element.data_type(), 1));
                }
                continue;
            }
            for percentage in &params.percentages {
                answers.push(at(
                    params.rank,
                    column,
                    &sorted,
                    f64::from_bits(*percentage),
                    &element,
                )?);
            }
        }
    } else {
        valid.resize(n_groups, false);
        if !params.array {
            answers.push(new_null_array(element.data_type(), n_groups));
        }
    }
    let parts: Vec<_> = answers.iter().map(AsRef::as_ref).collect();
    let values =
        if parts.is_empty() { new_empty_array(element.data_type()) } else { concat(&parts)? };
    if !params.array {
        return Ok(values);
    }
    let n = params.percentages.len();
    let offsets = OffsetBuffer::from_lengths(valid.iter().map(|valid| if *valid { n } else { 0 }));
    Ok(Arc::new(ListArray::try_new(element, offsets, values, Some(NullBuffer::from(valid)))?))
}

fn cumulate(params: &Percentile, gathered: &Gathered, rows: Vec<usize>) -> Result<Sorted> {
    if !params.weighted {
        let totals = (1..=rows.len() as i64).collect();
        return Ok(Sorted { rows, totals });
    }
    let weights = gathered.columns[1].as_primitive::<Int64Type>();
    let mut sorted = Sorted { rows: Vec::new(), totals: Vec::new() };
    let mut total = 0i64;
    for row in rows {
        let weight = if weights.is_valid(row) { weights.value(row) } else { 0 };
        if weight < 0 {
            return Err(SparkError::runtime(
                "NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION",
                format!("Found the negative value in the frequency expression: {weight}."),
            ));
        }
        if weight > 0 {
            total += weight;
            sorted.rows.push(row);
            sorted.totals.push(total);
        }
    }
    Ok(sorted)
}

impl Sorted {
    /// The row at position `index` of the values, each repeated as often as it counts.
    fn row(&self, index: i64) -> usize {
        let place = self.totals.partition_point(|total| *total <= index);
        self.rows[place.min(self.rows.len() - 1)]
    }
}

fn at(
    rank: Rank,
    column: &ArrayRef,
    sorted: &Sorted,
    percentage: f64,
    element: &FieldRef,
) -> Result<ArrayRef> {
    let n = sorted.totals.last().copied().unwrap_or(0);
    let one = |row: usize| take(column, &UInt32Array::from(vec![row as u32]), None);
    if rank == Rank::Discrete {
        let index = ((percentage * n as f64).ceil() as i64 - 1).clamp(0, n - 1);
        return Ok(one(sorted.row(index))?);
    }
    let position = percentage * (n - 1) as f64;
    let (lower, higher) = (position.floor(), position.ceil());
    let (low, high) = (sorted.row(lower as i64), sorted.row(higher as i64));
    let value = |row: usize| number(column, row);
    let (low, high) = (value(low)?, value(high)?);
    let mixed = if lower == higher || low == high {
        low
    } else {
        (higher - position) * low + (position - lower) * high
    };
    let scalar = match element.data_type() {
        DataType::Interval(_) => ScalarValue::IntervalYearMonth(Some(mixed as i32)),
        DataType::Duration(_) => ScalarValue::DurationMicrosecond(Some(mixed as i64)),
        _ => ScalarValue::Float64(Some(mixed)),
    };
    Ok(scalar.to_array()?)
}

fn number(column: &ArrayRef, row: usize) -> Result<f64> {
    use arrow::datatypes::{DurationMicrosecondType, IntervalYearMonthType};
    Ok(match column.data_type() {
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row),
        DataType::Interval(_) => {
            f64::from(column.as_primitive::<IntervalYearMonthType>().value(row))
        }
        DataType::Duration(_) => column.as_primitive::<DurationMicrosecondType>().value(row) as f64,
        other => return Err(SparkError::internal(format!("percentile of {other}"))),
    })
}

/// The most frequent value; of equally frequent ones the smallest.
fn mode(_params: &(), gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let n_groups = gathered.offsets.len() - 1;
    let Some(column) = gathered.columns.first() else {
        return Ok(new_null_array(result.data_type(), n_groups));
    };
    let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
    let keys = converter.convert_columns(&[Arc::clone(column)])?;
    let mut picked: Vec<Option<u32>> = Vec::with_capacity(n_groups);
    for range in gathered.groups() {
        let mut counts = HashMap::new();
        for row in range {
            counts.entry(keys.row(row)).or_insert((0usize, row)).0 += 1;
        }
        let best = counts.into_iter().max_by(|(key_a, (n_a, _)), (key_b, (n_b, _))| {
            n_a.cmp(n_b).then_with(|| key_b.cmp(key_a))
        });
        picked.push(best.map(|(_, (_, row))| row as u32));
    }
    Ok(take(column, &UInt32Array::from(picked), None)?)
}

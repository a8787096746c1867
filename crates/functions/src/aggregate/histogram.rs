//! `histogram_numeric`: a histogram of at most so many bins whose centres follow the data.
//!
//! Ben-Haim and Tom-Tov, "A streaming parallel decision tree algorithm" (JMLR 2010): a value opens
//! a bin of its own; when there is one bin too many, the two nearest are joined, of equally near ones a pair by chance
//! (the same as in Spark).

use super::gather::{GatherKind, Gathered};
use arrow::array::{ArrayRef, AsArray, Float64Array, ListArray, StructArray, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use firesteel_common::random::JavaRandom;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

pub(super) static HISTOGRAM: GatherKind<usize> = GatherKind::new("histogram_numeric", finish);

fn finish(n_bins: &usize, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let n_groups = gathered.offsets.len() - 1;
    let DataType::List(element) = result.data_type() else {
        return Err(SparkError::internal("histogram_numeric answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("histogram_numeric answers with structs"));
    };
    let Some(column) = gathered.columns.first() else {
        return Ok(new_null_array(result.data_type(), n_groups));
    };
    let values = column.as_primitive::<Float64Type>();
    let (mut centres, mut heights, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for rows in gathered.groups() {
        let bins = bins(rows.map(|row| values.value(row)), *n_bins);
        lengths.push(bins.len());
        for (centre, height) in bins {
            centres.push(centre);
            heights.push(height);
        }
    }
    let centres: ArrayRef = Arc::new(Float64Array::from(centres));
    let columns: Vec<ArrayRef> =
        vec![cast(&centres, fields[0].data_type())?, Arc::new(Float64Array::from(heights))];
    let bins = StructArray::try_new(fields.clone(), columns, None)?;
    let valid = NullBuffer::from(lengths.iter().map(|length| *length > 0).collect::<Vec<_>>());
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(bins), Some(valid))?))
}

/// What Hive seeds the choice among equally near pairs with.
const SEED: i64 = 31_183;

fn bins(values: impl Iterator<Item = f64>, n_bins: usize) -> Vec<(f64, f64)> {
    let mut bins: Vec<(f64, f64)> = Vec::with_capacity(n_bins + 1);
    let mut random = JavaRandom::new(SEED);
    for value in values {
        let place = bins.partition_point(|(centre, _)| *centre < value);
        match bins.get_mut(place) {
            Some((centre, height)) if *centre == value => *height += 1.0,
            _ => {
                bins.insert(place, (value, 1.0));
                if bins.len() > n_bins {
                    join_nearest(&mut bins, &mut random);
                }
            }
        }
    }
    bins
}

fn join_nearest(bins: &mut Vec<(f64, f64)>, random: &mut JavaRandom) {
    let (mut place, mut smallest, mut n_equal) = (0, f64::INFINITY, 1);
    for (next, pair) in bins.windows(2).enumerate() {
        let gap = pair[1].0 - pair[0].0;
        if gap < smallest {
            (place, smallest, n_equal) = (next, gap, 1);
        } else if gap == smallest {
            n_equal += 1;
            if random.next_double() <= 1.0 / f64::from(n_equal) {
                place = next;
            }
        }
    }
    let (right, n_right) = bins.remove(place + 1);
    let (left, n_left) = bins[place];
    let n = n_left + n_right;
    bins[place] = (left * (n_left / n) + right / n * n_right, n);
}

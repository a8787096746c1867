//! `approx_top_k(value [, k [, maxItemsTracked]])`: the most frequent values with their counts.
//!
//! Spark keeps a Misra-Gries sketch (`ItemsSketch` of DataSketches), which is exact as long as it
//! holds all values; here counts are exact always. Of equally frequent values those come first that
//! stand first in the sketch's hash table, which is therefore built here too ([`places`]): once for
//! the rows and again for what its bytes hold.

use super::builders::result_field;
use super::gather::{Gather, GatherKind, Gathered};
use super::states::AggregateFunction;
use crate::array::comparable;
use crate::call::{AggregateCall, Arg};
use crate::conform::conform;
use crate::implicit::{is_null_constant, literal_long, literal_text};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, StructArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, FieldRef, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, Time64NanosecondType, TimestampMicrosecondType,
};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::collections::HashMap;
use std::sync::Arc;

const K_DEFAULT: i64 = 5;
const ITEMS_TRACKED_DEFAULT: i64 = 10_000;
const ITEMS_TRACKED_MAX: i64 = 1_000_000;

/// The parameter: how many values to answer with.
pub(super) static TOP_K: GatherKind<usize> = GatherKind::new("approx_top_k", finish);

pub(super) fn approx_top_k(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 3)?;
    let args = std::mem::take(&mut call.call.args);
    let number = |position: usize, name: &str, default: i64| match args.get(position) {
        Some(arg) => positive(arg, name),
        None => Ok(default),
    };
    let k = number(1, "k", K_DEFAULT)?;
    let tracked = number(2, "maxItemsTracked", ITEMS_TRACKED_DEFAULT)?;
    if tracked > ITEMS_TRACKED_MAX {
        return Err(SparkError::runtime(
            "APPROX_TOP_K_MAX_ITEMS_TRACKED_EXCEEDS_LIMIT",
            format!(
                "The max items tracked `maxItemsTracked`({tracked}) of `approx_top_k` should be \
                 less than or equal to {ITEMS_TRACKED_MAX}."
            ),
        )
        .with("maxItemsTracked", tracked.to_string())
        .with("limit", ITEMS_TRACKED_MAX.to_string()));
    }
    if tracked < k {
        return Err(SparkError::runtime(
            "APPROX_TOP_K_MAX_ITEMS_TRACKED_LESS_THAN_K",
            format!(
                "The max items tracked `maxItemsTracked`({tracked}) of `approx_top_k` should be \
                 greater than or equal to `k`({k})."
            ),
        )
        .with("maxItemsTracked", tracked.to_string())
        .with("k", k.to_string()));
    }
    let Some(value) = args.into_iter().next() else {
        return Err(SparkError::internal("approx_top_k without arguments"));
    };
    let item = value.spark_type()?;
    if !is_countable(&item) {
        return Err(failed_check(&format!("{} columns are not supported", item.simple_string())));
    }
    let row = SparkType::Struct(StructType::new(vec![
        StructField::new("item", item, true),
        StructField::new("count", SparkType::Long, false),
    ]));
    let result = SparkType::Array { element: Box::new(row), contains_null: false };
    let function = Gather {
        kind: &TOP_K,
        name: "approx_top_k",
        params: k as usize,
        skip_nulls_of: None,
        result: result_field("approx_top_k", &result, false),
    };
    // DISTINCT counts each value once.
    Ok(function.call(vec![value.expr], call.distinct, call.filter))
}

fn is_countable(data_type: &SparkType) -> bool {
    data_type.is_numeric()
        || data_type.is_string()
        || matches!(
            data_type,
            SparkType::Boolean | SparkType::Date | SparkType::Timestamp | SparkType::TimestampNtz
        )
}

fn failed_check(hint: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT",
        format!("Cannot resolve \"approx_top_k\" due to data type mismatch: {hint}."),
    )
    .with("msg", hint)
    .with("hint", "")
}

fn positive(arg: &Arg, name: &str) -> Result<i64> {
    if is_null_constant(arg) {
        return Err(SparkError::runtime(
            "APPROX_TOP_K_NULL_ARG",
            format!("The value of `{name}` in `approx_top_k` cannot be NULL."),
        )
        .with("argName", format!("`{name}`")));
    }
    let text = || literal_text(arg).and_then(|text| text.trim().parse().ok());
    let Some(value) = literal_long(arg).or_else(text) else {
        let shown = if name == "k" { "K" } else { "Number of items tracked" };
        return Err(failed_check(&format!("{shown} must be a constant literal")));
    };
    if value > 0 {
        return Ok(value);
    }
    Err(SparkError::runtime(
        "APPROX_TOP_K_NON_POSITIVE_ARG",
        format!(
            "The value of `{name}` in `approx_top_k` must be a positive integer, but got {value}."
        ),
    )
    .with("argName", format!("`{name}`"))
    .with("argValue", value.to_string()))
}

fn finish(k: &usize, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let (DataType::List(element), Some(column)) = (result.data_type(), gathered.columns.first())
    else {
        return Err(SparkError::internal("approx_top_k answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("approx_top_k answers with structs"));
    };
    let (_, rows) = comparable(column)?;
    let nulls = column.logical_nulls();
    let is_null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let (mut items, mut counts, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for group in gathered.groups() {
        // The first row of each value, in order of appearance.
        let mut distinct: Vec<usize> = Vec::new();
        let mut found: HashMap<_, (usize, i64)> = HashMap::new();
        let mut null: Option<(usize, i64)> = None;
        for row in group {
            if is_null(row) {
                null.get_or_insert((row, 0)).1 += 1;
                continue;
            }
            let entry = found.entry(rows.row(row)).or_insert_with(|| {
                distinct.push(row);
                (row, 0)
            });
            entry.1 += 1;
        }
        let hashes =
            distinct.iter().map(|row| java_hash(column, *row)).collect::<Result<Vec<_>>>()?;
        let all: Vec<usize> = (0..distinct.len()).collect();
        let order = places(&places(&all, &hashes), &hashes);
        let mut top: Vec<(usize, i64)> =
            order.into_iter().map(|at| found[&rows.row(distinct[at])]).chain(null).collect();
        top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        top.truncate(*k);
        lengths.push(top.len());
        for (row, count) in top {
            items.push(row as u32);
            counts.push(count);
        }
    }
    let items = take(column, &UInt32Array::from(items), None)?;
    let counts: ArrayRef = Arc::new(Int64Array::from(counts));
    let columns = vec![conform(&items, fields[0].data_type())?, counts];
    let pairs = StructArray::try_new(fields.clone(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(pairs), None)?))
}

/// The order in which a hash table of DataSketches (linear probing, twice as large when three
/// quarters are taken, read with a stride of the golden ratio) gives back what is put in.
fn places(items: &[usize], hashes: &[i32]) -> Vec<usize> {
    let put = |table: &mut [Option<usize>], item: usize| {
        let mask = table.len() - 1;
        let mut place = spread(hashes[item]) as usize & mask;
        while table[place].is_some() {
            place = (place + 1) & mask;
        }
        table[place] = Some(item);
    };
    let mut table: Vec<Option<usize>> = vec![None; 8];
    let mut n_items = 0;
    for item in items {
        put(&mut table, *item);
        n_items += 1;
        if n_items > table.len() * 3 / 4 {
            let mut larger = vec![None; table.len() * 2];
            for item in table.into_iter().flatten() {
                put(&mut larger, item);
            }
            table = larger;
        }
    }
    let mask = table.len() - 1;
    let stride = (table.len() as f64 * 0.618_033_988_749_894_9) as usize | 1;
    (0..table.len()).filter_map(|step| table[(step * stride) & mask]).collect()
}

/// The finalizer of MurmurHash3 for 64 bits.
fn spread(hash: i32) -> u64 {
    let mut bits = i64::from(hash) as u64;
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

/// What `hashCode()` says of the Java object that Spark makes of a value.
fn java_hash(column: &ArrayRef, row: usize) -> Result<i32> {
    let long = |value: i64| (value ^ ((value as u64) >> 32) as i64) as i32;
    Ok(match column.data_type() {
        DataType::Boolean if column.as_boolean().value(row) => 1231,
        DataType::Boolean => 1237,
        DataType::Int8 => i32::from(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => i32::from(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row),
        DataType::Int64 => long(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => column.as_primitive::<Float32Type>().value(row).to_bits() as i32,
        DataType::Float64 => long(column.as_primitive::<Float64Type>().value(row).to_bits() as i64),
        DataType::Date32 => column.as_primitive::<Date32Type>().value(row),
        DataType::Timestamp(_, _) => {
            long(column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::Time64(_) => long(column.as_primitive::<Time64NanosecondType>().value(row)),
        DataType::Decimal128(_, _) => {
            long(column.as_primitive::<Decimal128Type>().value(row) as i64)
        }
        DataType::Utf8 => column
            .as_string::<i32>()
            .value(row)
            .encode_utf16()
            .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit))),
        other => return Err(SparkError::internal(format!("approx_top_k of {other}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0: `approx_top_k(x, 10)` of eight values that come once each.
    #[test]
    fn order_of_equally_frequent_values() {
        let values = [5, 17, 23, 42, 99, 1000, -3, 7];
        let all: Vec<usize> = (0..8).collect();
        let order = places(&places(&all, &values), &values);
        let found: Vec<i32> = order.into_iter().map(|at| values[at]).collect();
        assert_eq!(found, [23, -3, 7, 17, 1000, 42, 5, 99]);
    }
}

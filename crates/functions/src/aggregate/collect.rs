//! `collect_list`, `array_agg`, `collect_set`, `listagg`, `string_agg`.

use super::gather::{GatherKind, Gathered};
use super::states::normalize_floats;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, ListArray, StringBuilder, UInt32Array, new_empty_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, FieldRef};
use arrow::row::{RowConverter, SortField};
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) static LIST: GatherKind<()> = GatherKind::new("collect_list", list);
pub(super) static SET: GatherKind<()> = GatherKind::new("collect_set", set);
pub(super) static JOINED: GatherKind<Joined> = GatherKind::new("listagg", joined);

/// Every value of a group, in order of arrival.
fn list(_params: &(), gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let lengths: Vec<_> = gathered.groups().map(|rows| rows.len()).collect();
    to_list(result, gathered.columns.first().cloned(), &lengths)
}

/// Every distinct value of a group, in order of first arrival (Spark promises no order).
fn set(_params: &(), gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let Some(column) = gathered.columns.first() else {
        return to_list(result, None, &vec![0; gathered.offsets.len() - 1]);
    };
    let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
    let rows = converter.convert_columns(&[normalize_floats(column)])?;
    let mut kept = Vec::new();
    let mut lengths = Vec::new();
    let mut seen = HashSet::new();
    for range in gathered.groups() {
        seen.clear();
        let before = kept.len();
        kept.extend(range.filter(|row| seen.insert(rows.row(*row))).map(|row| row as u32));
        lengths.push(kept.len() - before);
    }
    let values = take(column, &UInt32Array::from(kept), None)?;
    to_list(result, Some(values), &lengths)
}

fn to_list(result: &FieldRef, values: Option<ArrayRef>, lengths: &[usize]) -> Result<ArrayRef> {
    let DataType::List(element) = result.data_type() else {
        return Err(SparkError::internal("collect_list answers with a list"));
    };
    let values = values.unwrap_or_else(|| new_empty_array(element.data_type()));
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, values, None)?))
}

/// How `listagg` joins: the arguments after the first are the sort keys of WITHIN GROUP.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Joined {
    pub delimiter: Vec<u8>,
    /// Descending, nulls first; one entry per sort key.
    pub order: Vec<(bool, bool)>,
}

/// The values of a group as one string, null if there is none.
fn joined(params: &Joined, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let n_groups = gathered.offsets.len() - 1;
    let mut parts: Vec<Option<Vec<u8>>> = vec![None; n_groups];
    if let Some(column) = gathered.columns.first() {
        let keys = sort_keys(params, gathered)?;
        for (part, range) in parts.iter_mut().zip(gathered.groups()) {
            let mut rows: Vec<_> = range.collect();
            if let Some(keys) = &keys {
                rows.sort_by(|a, b| keys.row(*a).cmp(&keys.row(*b)));
            }
            for row in rows {
                let value: &[u8] = match column.data_type() {
                    DataType::Utf8 => column.as_string::<i32>().value(row).as_bytes(),
                    _ => column.as_binary::<i32>().value(row),
                };
                match part {
                    Some(text) => {
                        text.extend_from_slice(&params.delimiter);
                        text.extend_from_slice(value);
                    }
                    None => *part = Some(value.to_vec()),
                }
            }
        }
    }
    if result.data_type() == &DataType::Utf8 {
        let mut builder = StringBuilder::new();
        for part in parts {
            builder.append_option(part.map(|text| String::from_utf8_lossy(&text).into_owned()));
        }
        return Ok(Arc::new(builder.finish()));
    }
    let mut builder = BinaryBuilder::new();
    for part in parts {
        builder.append_option(part);
    }
    Ok(Arc::new(builder.finish()))
}

fn sort_keys(params: &Joined, gathered: &Gathered) -> Result<Option<arrow::row::Rows>> {
    if params.order.is_empty() {
        return Ok(None);
    }
    let keys = &gathered.columns[gathered.columns.len() - params.order.len()..];
    let fields = keys
        .iter()
        .zip(&params.order)
        .map(|(key, (descending, nulls_first))| {
            let options = SortOptions { descending: *descending, nulls_first: *nulls_first };
            SortField::new_with_options(key.data_type().clone(), options)
        })
        .collect();
    Ok(Some(RowConverter::new(fields)?.convert_columns(keys)?))
}

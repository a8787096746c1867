//! Aggregates that answer with a value of one row: `first`, `last`, `any_value`, `min_by`, `max_by`,
//! and `min` and `max` of types that have no primitive form.

use super::gather::{Gather, GatherKind, Gathered};
use super::states::normalize_floats;
use arrow::array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::FieldRef;
use arrow::row::{RowConverter, SortField};
use firesteel_common::Result;
use serde::{Deserialize, Serialize};

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Pick {
    First,
    Last,
    /// By the last argument; of equal rows the last.
    Least,
    Greatest,
}

/// The value of the first argument in the picked row.
pub(crate) fn pick(
    name: &'static str,
    pick: Pick,
    skip_nulls_of: Option<usize>,
    result: FieldRef,
) -> Gather<Pick> {
    Gather { kind: &PICK, name, params: pick, skip_nulls_of, result }
}

pub(super) static PICK: GatherKind<Pick> = GatherKind::keeping("pick", keep, finish);

fn keep(pick: &Pick, gathered: &Gathered) -> Result<Vec<Option<usize>>> {
    let groups = gathered.groups();
    let by = match pick {
        Pick::First => return Ok(groups.map(|mut rows| rows.next()).collect()),
        Pick::Last => return Ok(groups.map(|mut rows| rows.next_back()).collect()),
        Pick::Least | Pick::Greatest => gathered
            .columns
            .last()
            .map(normalize_floats)
            .unwrap_or_else(|| new_null_array(&arrow::datatypes::DataType::Null, 0)),
    };
    let converter = RowConverter::new(vec![SortField::new(by.data_type().clone())])?;
    let rows = converter.convert_columns(&[by])?;
    Ok(groups
        .map(|range| match pick {
            Pick::Greatest => range.max_by(|a, b| rows.row(*a).cmp(&rows.row(*b))),
            // `min_by` returns the first of equal rows, so it looks from the end.
            _ => range.rev().min_by(|a, b| rows.row(*a).cmp(&rows.row(*b))),
        })
        .collect())
}

fn finish(pick: &Pick, gathered: &Gathered, result: &FieldRef) -> Result<ArrayRef> {
    let kept = keep(pick, gathered)?;
    if gathered.columns.is_empty() || gathered.columns[0].is_empty() {
        return Ok(new_null_array(result.data_type(), kept.len()));
    }
    let rows = kept.iter().map(|row| row.map(|row| row as u32)).collect::<UInt32Array>();
    Ok(take(&gathered.columns[0], &rows, None)?)
}

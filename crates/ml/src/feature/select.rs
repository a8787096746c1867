//! Chosen entries of vectors: what `VectorSlicer` and all feature selectors put into plans.

use super::map_vectors::{arg, map};
use super::vector_slicer::too_short;
use crate::FunctionKind;
use crate::attribute::AttributeGroup;
use crate::linalg::VectorView;
use arrow::array::ArrayRef;
use firesteel_common::Result;
use serde::{Deserialize, Serialize};

/// Positions of the entries that make the new vectors, in their order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Selection {
    chosen: Vec<usize>,
    /// Where the entry at a position goes, sorted by position: for sparse vectors.
    places: Vec<(usize, usize)>,
    largest: usize,
}

impl Selection {
    pub(super) fn in_order(chosen: Vec<usize>) -> Self {
        let mut places: Vec<(usize, usize)> =
            chosen.iter().enumerate().map(|(to, from)| (*from, to)).collect();
        places.sort_unstable();
        let largest = chosen.iter().copied().max().unwrap_or(0);
        Self { chosen, places, largest }
    }
}

pub(super) static SELECT: FunctionKind<Selection> =
    FunctionKind::new("select_features", select).in_spark("SelectorModel$");

/// The attributes of the chosen entries.
pub(super) fn group_of(group: &AttributeGroup, chosen: &[usize]) -> AttributeGroup {
    match &group.attributes {
        Some(attributes) => AttributeGroup::of_attributes(
            chosen.iter().map(|at| attributes.get(*at).cloned().unwrap_or_default()).collect(),
        ),
        None => AttributeGroup::of_size(chosen.len()),
    }
}

pub(super) fn select(with: &Selection, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let mut found: Vec<(i32, f64)> = Vec::new();
    let (mut indices, mut entries) = (Vec::new(), Vec::new());
    map(arg(args, 0)?, |vector, out| {
        if with.largest >= vector.size() {
            return Err(too_short(with.largest, vector.size()));
        }
        match vector {
            VectorView::Dense(values) => {
                out.push_dense_with(|to| to.extend(with.chosen.iter().map(|at| values[*at])));
            }
            VectorView::Sparse { indices: own, values, .. } => {
                found.clear();
                let (mut stored, mut wanted) = (0, 0);
                while let (Some(index), Some((from, to))) =
                    (own.get(stored), with.places.get(wanted))
                {
                    match (*index as usize).cmp(from) {
                        std::cmp::Ordering::Less => stored += 1,
                        std::cmp::Ordering::Greater => wanted += 1,
                        std::cmp::Ordering::Equal => {
                            found.push((*to as i32, values[stored]));
                            wanted += 1;
                        }
                    }
                }
                found.sort_unstable_by_key(|(to, _)| *to);
                indices.clear();
                entries.clear();
                indices.extend(found.iter().map(|(to, _)| *to));
                entries.extend(found.iter().map(|(_, value)| *value));
                out.push_sparse(with.chosen.len(), &indices, &entries);
            }
        }
        Ok(())
    })
}

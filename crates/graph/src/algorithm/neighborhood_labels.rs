//! Communities by label propagation in which common neighbours count.

use super::error::{illegal, require};
use super::{Algorithm, Input, Output, Reads};
use crate::kernel::{self, NeighborhoodVotes, Watch};
use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::{SortOptions, concat, rank, take};
use firesteel_common::{Result, StructType};
use std::collections::HashMap;

/// `neighborhood_aware_cdlp`.
#[derive(Debug)]
pub struct NeighborhoodAwareCdlp {
    votes: NeighborhoodVotes,
    /// The column of first labels; none: the ids.
    initial_label: Option<String>,
}

impl NeighborhoodAwareCdlp {
    /// # Errors
    /// `IllegalArgumentException` for parameters out of range.
    pub fn new(
        rounds_max: i32,
        multiplier: f64,
        ignores_direct_links: bool,
        is_directed: bool,
        initial_label: Option<String>,
    ) -> Result<Self> {
        require(rounds_max > 0, format!("maxIter must be greater than 0, but got {rounds_max}"))?;
        require(
            multiplier >= 0.0,
            format!("structuralSimilarityMultiplier must be non-negative, but got {multiplier}"),
        )?;
        require(
            multiplier > 0.0 || !ignores_direct_links,
            "structuralSimilarityMultiplier must be positive if direct links are ignored",
        )?;
        let n_iterations = usize::try_from(rounds_max).unwrap_or_default();
        let votes =
            NeighborhoodVotes { multiplier, ignores_direct_links, is_directed, n_iterations };
        Ok(Self { votes, initial_label })
    }
}

impl Algorithm for NeighborhoodAwareCdlp {
    fn reads(&self) -> Reads {
        Reads { vertex_column: self.initial_label.clone(), ..Reads::default() }
    }

    fn added(&self) -> Option<Vec<String>> {
        None
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        let label = self.initial_label.as_deref().unwrap_or("id");
        let label = super::field(vertices, label)?.data_type;
        Output::by_vertex(vertices, &[("label", label, true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let n = input.ids.len();
        let labels: ArrayRef = match &self.initial_label {
            None => {
                let first = (0..n as u32).collect();
                let last =
                    kernel::neighborhood_label_propagation(&input.graph, first, self.votes, watch)?;
                input.ids_of(last)?
            }
            Some(_) => {
                let (first, values) = self.first_labels(input)?;
                let last =
                    kernel::neighborhood_label_propagation(&input.graph, first, self.votes, watch)?;
                take(&values, &UInt32Array::from(last), None)?
            }
        };
        input.only_vertices()?.of(vec![input.ids.to_array(), labels])
    }
}

impl NeighborhoodAwareCdlp {
    /// First labels as numbers that ascend as they do, and the label of each number.
    fn first_labels(&self, input: &Input) -> Result<(Vec<u32>, ArrayRef)> {
        let n = input.ids.len();
        let columns: Vec<&dyn Array> = input.vertex_column.iter().map(AsRef::as_ref).collect();
        if columns.is_empty() {
            return Ok((Vec::new(), input.ids.to_array()));
        }
        let values = concat(&columns)?;
        if values.null_count() > 0 || input.n_known < n {
            return Err(illegal("The column of initial labels has no label for some vertex."));
        }
        // Equal values share a rank: the number of values that are not greater.
        let ranks = rank(&values, Some(SortOptions::default()))?;
        let rows: HashMap<u32, u32> = ranks.iter().copied().zip(0..).collect();
        let mut distinct: Vec<_> = rows.keys().copied().collect();
        distinct.sort_unstable();
        let labels: HashMap<u32, u32> = distinct.iter().copied().zip(0..).collect();
        let of_labels: UInt32Array = distinct.iter().map(|rank| rows[rank]).collect();
        let mut first = vec![0; n];
        let mut row = 0;
        for ids in &input.vertex_ids {
            for number in input.ids.numbers(ids)? {
                if let Some(number) = number {
                    first[number as usize] = labels[&ranks[row]];
                }
                row += 1;
            }
        }
        Ok((first, take(&values, &of_labels, None)?))
    }
}

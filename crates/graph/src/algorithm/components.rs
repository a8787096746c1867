//! Connected components.

use super::error::{illegal, require};
use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::ArrayRef;
use firesteel_common::{Result, SparkType, StructType};

/// `connectedComponents`: direction does not count, nor do self-loops. A component is called by its smallest id
/// (strings: by its place among all ids, or, with `labels_are_ids`, by itself).
#[derive(Debug)]
pub struct ConnectedComponents {
    labels_are_ids: bool,
    /// GraphX's algorithm always answers with longs, and takes at most so many rounds.
    rounds_max: Option<usize>,
    /// `randomized_contraction` answers with `id` and `component` alone.
    is_bare: bool,
}

impl ConnectedComponents {
    /// # Errors
    /// `IllegalArgumentException` for other algorithms than GraphFrames', and without rounds.
    pub fn new(algorithm: &str, labels_are_ids: bool, rounds_max: i32) -> Result<Self> {
        let is_graphx = match algorithm {
            "graphframes" | "two_phase" | "randomized_contraction" => false,
            "graphx" => true,
            other => {
                return Err(illegal(format!(
                    "requirement failed: Algorithm must be one of graphx, graphframes, two_phase, \
                     randomized_contraction; got {other}"
                )));
            }
        };
        require(
            !is_graphx || rounds_max > 0,
            format!("maxIter must be > 0, but was set to {rounds_max}"),
        )?;
        Ok(Self {
            labels_are_ids: labels_are_ids && !is_graphx,
            rounds_max: is_graphx.then_some(usize::try_from(rounds_max).unwrap_or(usize::MAX)),
            is_bare: algorithm == "randomized_contraction",
        })
    }
}

impl Algorithm for ConnectedComponents {
    fn added(&self) -> Option<Vec<String>> {
        (!self.is_bare).then(|| vec!["component".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        let label = match self.labels_are_ids {
            true => super::field(vertices, "id")?.data_type,
            false => SparkType::Long,
        };
        Output::by_vertex(vertices, &[("component", label, false)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let roots = match self.rounds_max {
            Some(rounds) => kernel::connected_components_in_rounds(&input.graph, rounds, watch)?,
            None => kernel::connected_components(&input.graph, watch)?,
        };
        let component = match self.labels_are_ids {
            true => input.ids_of(roots)?,
            false => input.labels(roots),
        };
        let columns = vec![input.ids.to_array(), component];
        match self.is_bare {
            true => input.only_vertices()?.of(columns),
            false => Ok(columns),
        }
    }
}

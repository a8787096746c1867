//! Strongly connected components.

use super::error::require;
use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::ArrayRef;
use firesteel_common::{Result, SparkType, StructType};

/// `stronglyConnectedComponents`: a component is called by its smallest id, as far as so many rounds of GraphX's
/// algorithm find it.
#[derive(Debug)]
pub struct StronglyConnectedComponents {
    rounds: usize,
}

impl StronglyConnectedComponents {
    /// # Errors
    /// `IllegalArgumentException` without rounds.
    pub fn new(rounds_max: i32) -> Result<Self> {
        require(
            rounds_max > 0,
            format!("Number of iterations must be greater than 0, but got {rounds_max}"),
        )?;
        Ok(Self { rounds: usize::try_from(rounds_max).unwrap_or_default() })
    }
}

impl Algorithm for StronglyConnectedComponents {
    fn added(&self) -> Option<Vec<String>> {
        Some(vec!["component".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("component", SparkType::Long, true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let roots = kernel::strongly_connected_components(&input.graph, self.rounds, watch)?;
        Ok(vec![input.ids.to_array(), input.labels(roots)])
    }
}

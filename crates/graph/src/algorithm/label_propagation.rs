//! Communities by label propagation.

use super::error::{illegal, require};
use super::{Algorithm, Input, Output};
use crate::csr::Direction;
use crate::kernel::{self, Watch};
use arrow::array::{ArrayRef, BooleanArray};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

/// `labelPropagation`: GraphX's, in which both ends of an edge vote for each other, or GraphFrames', in which sources
/// vote for destinations and who gets no vote has no label.
#[derive(Debug)]
pub struct LabelPropagation {
    rounds: usize,
    is_graphx: bool,
}

impl LabelPropagation {
    /// # Errors
    /// `IllegalArgumentException` for other algorithms and without rounds.
    pub fn new(algorithm: &str, rounds_max: i32) -> Result<Self> {
        let is_graphx = match algorithm {
            "graphx" => true,
            "graphframes" => false,
            other => {
                return Err(illegal(format!(
                    "requirement failed: Supported algorithms are {{graphx, graphframes}}, but got {other}"
                )));
            }
        };
        require(
            rounds_max > 0,
            format!("Number of steps must be greater than 0, but got {rounds_max}"),
        )?;
        Ok(Self { rounds: usize::try_from(rounds_max).unwrap_or_default(), is_graphx })
    }
}

impl Algorithm for LabelPropagation {
    fn added(&self) -> Option<Vec<String>> {
        self.is_graphx.then(|| vec!["label".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        match self.is_graphx {
            true => Output::by_vertex(vertices, &[("label", SparkType::Long, true)]),
            false => Output::by_vertex(
                vertices,
                &[
                    ("_pregel_is_active", SparkType::Boolean, true),
                    ("label", SparkType::Long, true),
                ],
            ),
        }
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let votes = if self.is_graphx { Direction::Both } else { Direction::In };
        let labels = kernel::label_propagation(&input.graph, self.rounds, votes, watch)?;
        let labels = input.labels(labels);
        Ok(match self.is_graphx {
            true => vec![input.ids.to_array(), labels],
            false => {
                let rows = input.only_vertices()?;
                let is_active = Arc::new(BooleanArray::from(vec![true; input.ids.len()]));
                rows.of(vec![input.ids.to_array(), is_active, labels])?
            }
        })
    }
}

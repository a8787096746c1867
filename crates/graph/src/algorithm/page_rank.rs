//! PageRank, of all vertices, from one, and from several at once.

use super::error::{no_such_vertex, require};
use super::{Algorithm, Input, Output, VertexId};
use crate::kernel::{self, Watch};
use arrow::array::{ArrayRef, Float64Array};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

/// `pageRank`.
#[derive(Debug)]
pub struct PageRank {
    reset: f64,
    source: Option<VertexId>,
    until: Until,
}

#[derive(Debug, Clone, Copy)]
enum Until {
    Rounds(usize),
    Tolerance(f64),
}

fn check_reset(reset: f64) -> Result<()> {
    require(
        (0.0..=1.0).contains(&reset),
        format!("Random reset probability must belong to [0, 1], but got {reset}"),
    )
}

fn rounds(rounds_max: i32) -> Result<usize> {
    require(
        rounds_max > 0,
        format!("Number of iterations must be greater than 0, but got {rounds_max}"),
    )?;
    Ok(usize::try_from(rounds_max).unwrap_or_default())
}

impl PageRank {
    /// # Errors
    /// `IllegalArgumentException` for parameters out of range, and for none or both of `rounds_max` and `tolerance`.
    pub fn new(
        reset: f64,
        source: Option<VertexId>,
        rounds_max: Option<i32>,
        tolerance: Option<f64>,
    ) -> Result<Self> {
        check_reset(reset)?;
        let until = match (rounds_max, tolerance) {
            (Some(rounds_max), None) => Until::Rounds(rounds(rounds_max)?),
            (None, Some(tolerance)) => {
                require(
                    tolerance >= 0.0,
                    format!("Tolerance must be no less than 0, but got {tolerance}"),
                )?;
                Until::Tolerance(tolerance)
            }
            _ => {
                require(false, "Exactly one of maxIter() and tol() must be set")?;
                Until::Rounds(0)
            }
        };
        Ok(Self { reset, source, until })
    }
}

impl Algorithm for PageRank {
    fn added(&self) -> Option<Vec<String>> {
        Some(vec!["pagerank".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("pagerank", SparkType::Double, false)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let source = match &self.source {
            None => None,
            Some(id) => match input.number(id) {
                Some(number) => Some(number),
                // GraphX takes any long; nobody starts at one that is not there.
                None if !input.has_text_ids() => {
                    let zeros = Float64Array::from(vec![0.0; input.ids.len()]);
                    return Ok(vec![input.ids.to_array(), Arc::new(zeros)]);
                }
                None => return Err(missing(id)),
            },
        };
        let ranks = match self.until {
            Until::Rounds(rounds) => {
                kernel::page_rank(&input.graph, self.reset, source, rounds, watch)?
            }
            Until::Tolerance(tolerance) => {
                kernel::page_rank_until(&input.graph, self.reset, source, tolerance, watch)?
            }
        };
        Ok(vec![input.ids.to_array(), Arc::new(Float64Array::from(ranks))])
    }
}

fn missing(id: &VertexId) -> firesteel_common::SparkError {
    match id {
        VertexId::Long(id) => no_such_vertex(&id.to_string()),
        VertexId::Text(id) => no_such_vertex(id),
    }
}

/// `parallelPersonalizedPageRank`: a vector per vertex, with its rank from each of the sources.
#[derive(Debug)]
pub struct ParallelPersonalizedPageRank {
    reset: f64,
    sources: Vec<VertexId>,
    rounds: usize,
    /// How vectors look, which is MLlib's.
    vector: SparkType,
    make_vectors: fn(&[Vec<f64>], usize) -> Result<ArrayRef>,
}

impl ParallelPersonalizedPageRank {
    /// # Errors
    /// `IllegalArgumentException` for parameters out of range.
    pub fn new(
        reset: f64,
        sources: Vec<VertexId>,
        rounds_max: i32,
        vector: SparkType,
        make_vectors: fn(&[Vec<f64>], usize) -> Result<ArrayRef>,
    ) -> Result<Self> {
        check_reset(reset)?;
        require(!sources.is_empty(), "Source vertices Ids sourceIds must be provided")?;
        Ok(Self { reset, sources, rounds: rounds(rounds_max)?, vector, make_vectors })
    }
}

impl Algorithm for ParallelPersonalizedPageRank {
    fn added(&self) -> Option<Vec<String>> {
        Some(vec!["pageranks".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("pageranks", self.vector.clone(), true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let sources = self.sources.iter().map(|id| input.number(id).ok_or_else(|| missing(id)));
        let sources = sources.collect::<Result<Vec<_>>>()?;
        let ranks = kernel::parallel_personalized_page_rank(
            &input.graph,
            self.reset,
            &sources,
            self.rounds,
            watch,
        )?;
        Ok(vec![input.ids.to_array(), (self.make_vectors)(&ranks, input.ids.len())?])
    }
}

//! Triangles through each vertex.

use super::error::{illegal, require};
use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::{ArrayRef, Int64Array};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

/// `triangleCount`: direction, parallel edges and self-loops do not count. The approximate algorithm of GraphFrames
/// estimates with sketches; here it is exact as well, and answers with `id` and `count` alone.
#[derive(Debug)]
pub struct TriangleCount {
    is_bare: bool,
}

impl TriangleCount {
    /// # Errors
    /// `IllegalArgumentException` for other algorithms, and for sizes of sketches that there are not.
    pub fn new(algorithm: &str, lg_entries: i32) -> Result<Self> {
        let is_bare = match algorithm {
            "exact" => false,
            "approx" => true,
            other => {
                return Err(illegal(format!(
                    "requirement failed: Supported algorithms are {{exact, approx}}, but got {other}"
                )));
            }
        };
        require(
            !is_bare || (4..=26).contains(&lg_entries),
            format!("lgNomEntries must be between 4 and 26, but got {lg_entries}"),
        )?;
        Ok(Self { is_bare })
    }
}

impl Algorithm for TriangleCount {
    fn added(&self) -> Option<Vec<String>> {
        (!self.is_bare).then(|| vec!["count".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("count", SparkType::Long, true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let counts = kernel::triangle_count(&input.graph, watch)?;
        let counts: Int64Array = counts.into_iter().map(|count| count as i64).collect();
        let columns = vec![input.ids.to_array(), Arc::new(counts) as ArrayRef];
        match self.is_bare {
            true => input.only_vertices()?.of(columns),
            false => Ok(columns),
        }
    }
}

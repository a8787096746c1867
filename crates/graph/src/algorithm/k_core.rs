//! Core numbers.

use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::{ArrayRef, Int32Array};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

/// `k_core`: the largest k for which a vertex belongs to a part of the graph whose vertices all have k edge ends in it.
#[derive(Debug)]
pub struct KCore;

impl Algorithm for KCore {
    fn added(&self) -> Option<Vec<String>> {
        None
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[("kcore", SparkType::Integer, true)])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let cores = kernel::k_core(&input.graph, watch)?;
        let cores: Int32Array = cores.into_iter().map(|core| core as i32).collect();
        input.only_vertices()?.of(vec![input.ids.to_array(), Arc::new(cores)])
    }
}

//! A maximal independent set.

use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::ArrayRef;
use firesteel_common::{Result, StructType};

/// `maximal_independent_set`: the ids of its members.
#[derive(Debug)]
pub struct MaximalIndependentSet {
    pub seed: i64,
}

impl Algorithm for MaximalIndependentSet {
    fn added(&self) -> Option<Vec<String>> {
        None
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        Output::by_vertex(vertices, &[])
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let is_member =
            kernel::maximal_independent_set(&input.graph, self.seed.cast_unsigned(), watch)?;
        let members = (0..).zip(is_member).filter(|(_, is_member)| *is_member);
        Ok(vec![input.ids_of(members.map(|(number, _)| number).collect())?])
    }
}

//! Simple cycles.

use super::{Algorithm, Input, Output};
use crate::kernel::{self, Watch};
use arrow::array::{Array, ArrayRef, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::Field;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// `detectingCycles`: a row per simple cycle, the ids from the smallest on, which is there again at the end.
#[derive(Debug)]
pub struct DetectingCycles;

impl Algorithm for DetectingCycles {
    fn added(&self) -> Option<Vec<String>> {
        None
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        let id = super::field(vertices, "id")?;
        let cycles = SparkType::Array { element: Box::new(id.data_type), contains_null: true };
        let found = StructField::new("found_cycles", cycles, true);
        Ok(Output { schema: StructType { fields: vec![found] } })
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let (mut numbers, mut ends) = (Vec::new(), vec![0]);
        kernel::cycles(&input.graph, watch, &mut |cycle| {
            numbers.extend_from_slice(cycle);
            let end = i32::try_from(numbers.len());
            ends.push(end.map_err(|_| too_many())?);
            Ok(())
        })?;
        let ids = input.ids_of(numbers)?;
        let element = Arc::new(Field::new_list_field(ids.data_type().clone(), true));
        Ok(vec![Arc::new(ListArray::try_new(element, OffsetBuffer::new(ends.into()), ids, None)?)])
    }
}

fn too_many() -> SparkError {
    let message = "The cycles of the graph have more than 2147483647 vertices in all.";
    SparkError::new(ErrorKind::Resources, "", message)
}

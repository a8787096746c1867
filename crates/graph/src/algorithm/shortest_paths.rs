//! Lengths of shortest paths to landmarks.

use super::error::{illegal, no_such_vertex, require};
use super::{Algorithm, Input, Output, VertexId};
use crate::kernel::{self, NONE, Watch};
use arrow::array::{Array, ArrayRef, BooleanArray, Int32Array, MapArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use firesteel_common::{Result, SparkType, StructType};
use std::sync::Arc;

/// `shortestPaths`: for every vertex a map from landmarks to the number of edges of a shortest path to them, along edges
/// or either way; landmarks that cannot be reached are not in it.
#[derive(Debug)]
pub struct ShortestPaths {
    landmarks: Vec<VertexId>,
    is_directed: bool,
    /// GraphFrames' own algorithm answers without the vertices' other columns.
    is_graphx: bool,
}

impl ShortestPaths {
    /// # Errors
    /// `IllegalArgumentException` for other algorithms and without landmarks.
    pub fn new(landmarks: Vec<VertexId>, algorithm: &str, is_directed: bool) -> Result<Self> {
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
            !landmarks.is_empty(),
            "The landmarks parameter is required but has not been set.",
        )?;
        Ok(Self { landmarks, is_directed, is_graphx })
    }
}

impl Algorithm for ShortestPaths {
    fn added(&self) -> Option<Vec<String>> {
        self.is_graphx.then(|| vec!["distances".to_owned()])
    }

    fn output(&self, vertices: &StructType, _edges: &StructType) -> Result<Output> {
        let distances = SparkType::Map {
            key: Box::new(super::field(vertices, "id")?.data_type),
            value: Box::new(SparkType::Integer),
            value_contains_null: true,
        };
        let distances = ("distances", distances, true);
        match self.is_graphx {
            true => Output::by_vertex(vertices, &[distances]),
            false => Output::by_vertex(
                vertices,
                &[("_pregel_is_active", SparkType::Boolean, true), distances],
            ),
        }
    }

    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>> {
        let mut numbers = Vec::with_capacity(self.landmarks.len());
        for landmark in &self.landmarks {
            match input.number(landmark) {
                // One landmark given twice is one key.
                Some(number) if !numbers.contains(&number) => numbers.push(number),
                Some(_) => {}
                None => match landmark {
                    VertexId::Text(id) if self.is_graphx && input.has_text_ids() => {
                        return Err(no_such_vertex(id));
                    }
                    // GraphX takes any long; nobody reaches one that is not there.
                    _ => {}
                },
            }
        }
        let distances = match numbers.is_empty() {
            true => Vec::new(),
            false => kernel::shortest_paths(&input.graph, &numbers, self.is_directed, watch)?,
        };
        let maps = maps(input, &numbers, &distances)?;
        Ok(match self.is_graphx {
            true => vec![input.ids.to_array(), maps],
            false => {
                let is_active = Arc::new(BooleanArray::from(vec![true; input.ids.len()]));
                input.only_vertices()?.of(vec![input.ids.to_array(), is_active, maps])?
            }
        })
    }
}

/// A map per vertex, of the landmarks that it reaches.
fn maps(input: &Input, landmarks: &[u32], distances: &[Vec<u32>]) -> Result<ArrayRef> {
    let (mut ends, mut keys, mut values) = (vec![0], Vec::new(), Vec::new());
    for vertex in 0..input.ids.len() {
        for (landmark, distances) in landmarks.iter().zip(distances) {
            if distances[vertex] != NONE {
                keys.push(*landmark);
                values.push(distances[vertex] as i32);
            }
        }
        let end = i32::try_from(keys.len());
        ends.push(end.map_err(|_| illegal("The maps of distances hold too many entries."))?);
    }
    let keys = input.ids_of(keys)?;
    let fields = Fields::from(vec![
        Field::new("key", keys.data_type().clone(), false),
        Field::new("value", DataType::Int32, true),
    ]);
    let entries =
        StructArray::try_new(fields.clone(), vec![keys, Arc::new(Int32Array::from(values))], None)?;
    let entry = Arc::new(Field::new("entries", DataType::Struct(fields), false));
    let offsets = OffsetBuffer::new(ends.into());
    Ok(Arc::new(MapArray::try_new(entry, offsets, entries, None, false)?))
}

//! GraphFrames' algorithms: one file each says what it reads, which columns it gives, and which kernel makes them.
//!
//! ```text
//! parameters ── Algorithm ── output(schemas of vertices and edges) ──▶ Output: the table's columns
//!                         ── reads() ──▶ which columns to gather into an Input
//!                         ── run(Input) ──▶ the columns' values
//! ```
//!
//! Errors are GraphFrames'. Results are cast to the declared types by the caller, which knows them.

mod components;
mod cycles;
mod embeddings;
mod error;
mod independent_set;
mod k_core;
mod label_propagation;
mod neighborhood_labels;
mod page_rank;
mod shortest_paths;
mod strongly_connected;
mod svd_plus_plus;
mod triangle_count;

pub use components::ConnectedComponents;
pub use cycles::DetectingCycles;
pub use embeddings::{MakeVectors, RandomWalkEmbeddings, SequenceModel, WalkSource, Word2Vec};
pub use error::{no_such_vertex, require};
pub use independent_set::MaximalIndependentSet;
pub use k_core::KCore;
pub use label_propagation::LabelPropagation;
pub use neighborhood_labels::NeighborhoodAwareCdlp;
pub use page_rank::{PageRank, ParallelPersonalizedPageRank};
pub use shortest_paths::ShortestPaths;
pub use strongly_connected::StronglyConnectedComponents;
pub use svd_plus_plus::SvdPlusPlus;
pub use triangle_count::TriangleCount;

use crate::csr::{Graph, Strays, VertexIds};
use crate::kernel::{NONE, Watch};
use arrow::array::{ArrayRef, Int64Array, UInt32Array};
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkType, StructField, StructType};
use std::fmt::Debug;
use std::sync::Arc;

/// A vertex as a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VertexId {
    Long(i64),
    Text(String),
}

/// What an algorithm reads beside `id`, `src` and `dst`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// A column of the vertices.
    pub vertex_column: Option<String>,
    /// A column of the edges, as doubles.
    pub weight: Option<String>,
    /// What becomes of edges whose ends are no vertices.
    pub strays: Strays,
    /// Whether ready-made walks come with the graph: a third relation, whose column [`WALKS`] holds lists of ids.
    pub walks: bool,
}

/// The column of ready-made walks.
pub const WALKS: &str = "random_walk";

impl Default for Reads {
    fn default() -> Self {
        Self { vertex_column: None, weight: None, strays: Strays::Keep, walks: false }
    }
}

/// A graph as the kernels see it.
#[derive(Debug)]
pub struct Input {
    pub graph: Graph,
    pub ids: VertexIds,
    /// One weight an edge, in the pieces of `graph.edges()`; none if the algorithm reads no weights.
    pub weights: Vec<Vec<f64>>,
    /// The vertices' ids by rows.
    pub vertex_ids: Vec<ArrayRef>,
    /// [`Reads::vertex_column`] by rows; none if it is not read.
    pub vertex_column: Vec<ArrayRef>,
    /// Ready-made walks; none if they are not read.
    pub walks: Vec<ArrayRef>,
    /// How many ids are those of vertices.
    pub n_known: usize,
}

/// Some of the rows of a table, or all.
#[derive(Debug)]
pub struct Rows(Option<UInt32Array>);

impl Rows {
    /// These rows of columns.
    ///
    /// # Errors
    /// An internal error: a column is shorter.
    pub fn of(&self, columns: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
        match &self.0 {
            None => Ok(columns),
            Some(rows) => {
                let taken = columns.iter().map(|column| arrow::compute::take(column, rows, None));
                Ok(taken.collect::<Result<_, _>>()?)
            }
        }
    }
}

impl Input {
    /// Whether ids are strings, whose labels are their places among all ids.
    pub fn has_text_ids(&self) -> bool {
        matches!(self.ids, VertexIds::Text(_))
    }

    /// Labels given by numbers of vertices: their ids, or those numbers where ids are strings. [`NONE`] is null.
    pub fn labels(&self, numbers: Vec<u32>) -> ArrayRef {
        let labels: Int64Array = match &self.ids {
            VertexIds::Long(ids) => {
                let ids = ids.to_vec();
                let label = |number: u32| (number != NONE).then(|| ids[number as usize]);
                numbers.into_iter().map(label).collect()
            }
            VertexIds::Text(_) => {
                let label = |number: u32| (number != NONE).then_some(i64::from(number));
                numbers.into_iter().map(label).collect()
            }
        };
        Arc::new(labels)
    }

    /// The rows of a table by vertex that are of vertices with a row: an algorithm that is not joined to the vertices
    /// does not show ends of edges that are none.
    ///
    /// # Errors
    /// An internal error: ids are of two types.
    pub fn only_vertices(&self) -> Result<Rows> {
        if self.n_known == self.ids.len() {
            return Ok(Rows(None));
        }
        let mut numbers = Vec::with_capacity(self.n_known);
        for ids in &self.vertex_ids {
            numbers.extend(self.ids.numbers(ids)?.into_iter().flatten());
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Rows(Some(numbers.into())))
    }

    /// The ids of numbers.
    ///
    /// # Errors
    /// An internal error: a number is none.
    pub fn ids_of(&self, numbers: Vec<u32>) -> Result<ArrayRef> {
        let numbers = UInt32Array::from(numbers);
        Ok(arrow::compute::take(self.ids.to_array().as_ref(), &numbers, None)?)
    }

    /// The number of a vertex that is a parameter.
    pub fn number(&self, id: &VertexId) -> Option<u32> {
        match (&self.ids, id) {
            (VertexIds::Long(ids), VertexId::Long(id)) => ids.number(*id),
            (VertexIds::Text(ids), VertexId::Text(id)) => ids.number(id),
            _ => None,
        }
    }
}

/// The table that an algorithm gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// All columns; the first is `id` if the table is joined to the vertices.
    pub schema: StructType,
}

impl Output {
    /// `id` of the vertices and further columns.
    ///
    /// # Errors
    /// `FIELD_NOT_FOUND`, if the vertices have no `id`.
    pub fn by_vertex(vertices: &StructType, added: &[(&str, SparkType, bool)]) -> Result<Self> {
        let mut fields = vec![field(vertices, "id")?];
        fields.extend(added.iter().map(|(name, data_type, nullable)| {
            StructField::new(*name, data_type.clone(), *nullable)
        }));
        Ok(Self { schema: StructType { fields } })
    }

    /// The Arrow types of the columns.
    pub fn types(&self) -> Vec<DataType> {
        let fields = self.schema.fields.iter();
        fields.map(|field| field.to_arrow().data_type().clone()).collect()
    }
}

/// The field of this name.
///
/// # Errors
/// `FIELD_NOT_FOUND`.
pub fn field(schema: &StructType, name: &str) -> Result<StructField> {
    let found = schema.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    let found = found.ok_or_else(|| error::no_column(name, schema))?;
    Ok(StructField::new(name, found.data_type.clone(), found.nullable))
}

/// One method of GraphFrames, with checked parameters.
pub trait Algorithm: Debug + Send + Sync {
    fn reads(&self) -> Reads {
        Reads::default()
    }

    /// The columns that are added to the vertices; none: the table is the answer.
    fn added(&self) -> Option<Vec<String>>;

    /// The table's columns, for a graph with these columns.
    ///
    /// # Errors
    /// What the columns do not allow.
    fn output(&self, vertices: &StructType, edges: &StructType) -> Result<Output>;

    /// The values of the table's columns: types may differ from the declared ones where a cast makes them so.
    ///
    /// # Errors
    /// `OPERATION_CANCELED`; GraphFrames' errors for what only the data shows.
    fn run(&self, input: &Input, watch: &dyn Watch) -> Result<Vec<ArrayRef>>;
}

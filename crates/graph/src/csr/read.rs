//! From columns of ids to a graph over numbers.

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};

use super::graph::Graph;
use super::long_ids::LongIds;
use super::text_ids::TextIds;

/// The ids of a graph's vertices; a vertex's number is the place of its id in ascending order (strings by bytes).
#[derive(Debug)]
pub enum VertexIds {
    /// Any integer type; wider ones are longs, as in Spark.
    Long(LongIds),
    Text(TextIds),
}

/// The `id` columns of vertices, taken batch by batch.
#[derive(Debug)]
pub struct VertexReader {
    long: Vec<i64>,
    text: Vec<ArrayRef>,
    is_text: bool,
}

impl VertexReader {
    /// `id_type`: any integer or string type of Arrow.
    ///
    /// # Errors
    /// `IllegalArgumentException` for other types.
    pub fn new(id_type: &DataType) -> Result<Self> {
        let is_text = is_text(id_type);
        if !is_text && !id_type.is_integer() {
            return Err(illegal(format!(
                "Vertex ids must be integers or strings, but are of type {id_type}."
            )));
        }
        Ok(Self { long: Vec::new(), text: Vec::new(), is_text })
    }

    /// Takes a batch's ids. Repeated ids are one vertex.
    ///
    /// # Errors
    /// `IllegalArgumentException` for a null id.
    pub fn push(&mut self, ids: &ArrayRef) -> Result<()> {
        no_nulls(ids, "id")?;
        if self.is_text {
            self.text.push(texts(ids)?);
        } else {
            self.long.extend_from_slice(longs(ids)?.values());
        }
        Ok(())
    }

    /// Numbers the ids. Time O(n) if long ids lie close together, else O(n log n).
    ///
    /// # Errors
    /// `SparkException` beyond 2³² − 2 vertices.
    pub fn finish(self, n_threads: usize) -> Result<VertexIds> {
        let ids = if self.is_text {
            let ids = self.text.iter().flat_map(|array| array.as_string::<i64>().iter().flatten());
            TextIds::new(ids).map(VertexIds::Text)
        } else {
            LongIds::new(self.long, n_threads).map(VertexIds::Long)
        };
        ids.ok_or_else(|| {
            SparkError::new(
                ErrorKind::Execution,
                "",
                "A graph in memory has at most 4294967294 vertices.",
            )
        })
    }
}

/// Edges of one batch as numbers; those with an end that is no vertex stand apart.
#[derive(Debug, Default)]
pub struct EdgePiece {
    /// `[source, destination]`.
    pub edges: Vec<[u32; 2]>,
    /// One weight an edge if a weight column was given; of `edges` only.
    pub weights: Vec<f64>,
    /// Edges with an unknown end, long ids only; edges of unknown strings are dropped.
    strays: Vec<[i64; 2]>,
}

/// What becomes of edges with ends that are no vertices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strays {
    /// They go.
    Drop,
    /// Their unknown ends become vertices without a row: what GraphX does with long ids. (Strings lose the edge there, too.)
    Keep,
}

impl VertexIds {
    /// Number of vertices.
    pub fn len(&self) -> usize {
        match self {
            Self::Long(ids) => ids.len(),
            Self::Text(ids) => ids.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of a column of ids; `None` for unknown ids and nulls.
    ///
    /// # Errors
    /// An internal error if the column is of another kind than the vertices' ids.
    pub fn numbers(&self, ids: &ArrayRef) -> Result<Vec<Option<u32>>> {
        Ok(match self {
            Self::Long(known) => {
                longs(ids)?.iter().map(|id| id.and_then(|id| known.number(id))).collect()
            }
            Self::Text(known) => {
                let ids = texts(ids)?;
                ids.as_string::<i64>().iter().map(|id| id.and_then(|id| known.number(id))).collect()
            }
        })
    }

    /// All ids by their numbers: Int64 or Utf8.
    pub fn to_array(&self) -> ArrayRef {
        match self {
            Self::Long(ids) => std::sync::Arc::new(Int64Array::from(ids.to_vec())),
            Self::Text(ids) => {
                let all = (0..ids.len() as u32).map(|number| Some(ids.id(number)));
                std::sync::Arc::new(all.collect::<arrow::array::StringArray>())
            }
        }
    }

    /// Numbers a batch of edges. Any thread may do this; pieces are put together by [`graph`](Self::graph) in the order
    /// in which the caller gives them.
    ///
    /// # Errors
    /// `IllegalArgumentException` for a null `src`, `dst` or weight.
    pub fn edges(
        &self,
        src: &ArrayRef,
        dst: &ArrayRef,
        weight: Option<&ArrayRef>,
    ) -> Result<EdgePiece> {
        no_nulls(src, "src")?;
        no_nulls(dst, "dst")?;
        let weight = match weight {
            Some(weight) => {
                no_nulls(weight, "weight")?;
                Some(cast(weight, &DataType::Float64).map_err(internal)?)
            }
            None => None,
        };
        let weights = weight.as_ref().map(|weight| weight.as_primitive::<Float64Type>().values());
        let mut piece = EdgePiece { edges: Vec::with_capacity(src.len()), ..EdgePiece::default() };
        let mut keep = |row: usize, source: Option<u32>, target: Option<u32>| {
            let (Some(source), Some(target)) = (source, target) else { return false };
            piece.edges.push([source, target]);
            if let Some(weights) = weights {
                piece.weights.push(weights[row]);
            }
            true
        };
        match self {
            Self::Long(known) => {
                let (src, dst) = (longs(src)?, longs(dst)?);
                let mut strays = Vec::new();
                for (row, (source, target)) in src.values().iter().zip(dst.values()).enumerate() {
                    if !keep(row, known.number(*source), known.number(*target)) {
                        strays.push([*source, *target]);
                    }
                }
                piece.strays = strays;
            }
            Self::Text(known) => {
                let (src, dst) = (texts(src)?, texts(dst)?);
                let (src, dst) = (src.as_string::<i64>(), dst.as_string::<i64>());
                for row in 0..src.len() {
                    keep(row, known.number(src.value(row)), known.number(dst.value(row)));
                }
            }
        }
        Ok(piece)
    }

    /// Puts a graph together. With [`Strays::Keep`] the ids may grow by ends that no vertex row has: the answer's second
    /// part is the ids to use from then on. Weights of strays are lost: weighted graphs drop strays.
    ///
    /// # Errors
    /// `SparkException` beyond 2³² − 2 vertices.
    pub fn graph(
        self,
        pieces: Vec<EdgePiece>,
        strays: Strays,
        n_threads: usize,
    ) -> Result<(Graph, Self)> {
        let n_strays: usize = pieces.iter().map(|piece| piece.strays.len()).sum();
        let known = match self {
            Self::Long(known) if n_strays > 0 && strays == Strays::Keep => known,
            ids => {
                let edges = pieces.into_iter().map(|piece| piece.edges).collect();
                return Ok((Graph::new(ids.len(), edges)?, ids));
            }
        };
        let old = known.to_vec();
        let mut reader = VertexReader { long: old.clone(), text: Vec::new(), is_text: false };
        reader.long.extend(pieces.iter().flat_map(|piece| piece.strays.iter().flatten()));
        let ids = reader.finish(n_threads)?;
        let Self::Long(known) = &ids else {
            return Err(SparkError::internal("long ids became strings"));
        };
        let number = |id: &i64| known.number(*id).unwrap_or_default();
        let renumbered: Vec<u32> = old.iter().map(number).collect();
        let edges = pieces
            .into_iter()
            .map(|piece| {
                let mut edges = piece.edges;
                for end in edges.iter_mut().flatten() {
                    *end = renumbered[*end as usize];
                }
                edges.extend(
                    piece.strays.iter().map(|[source, target]| [number(source), number(target)]),
                );
                edges
            })
            .collect();
        Ok((Graph::new(ids.len(), edges)?, ids))
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn longs(ids: &ArrayRef) -> Result<Int64Array> {
    Ok(cast(ids, &DataType::Int64).map_err(internal)?.as_primitive::<Int64Type>().clone())
}

fn texts(ids: &ArrayRef) -> Result<ArrayRef> {
    cast(ids, &DataType::LargeUtf8).map_err(internal)
}

fn no_nulls(ids: &ArrayRef, column: &str) -> Result<()> {
    if ids.null_count() > 0 {
        return Err(illegal(format!("The graph has a null in column `{column}`.")));
    }
    Ok(())
}

fn illegal(message: String) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

fn internal(error: impl std::fmt::Display) -> SparkError {
    SparkError::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int32Array, StringArray};

    use super::*;

    fn read(ids: ArrayRef) -> VertexIds {
        let mut reader = VertexReader::new(ids.data_type()).unwrap();
        reader.push(&ids).unwrap();
        reader.finish(2).unwrap()
    }

    #[test]
    fn unknown_ends_are_kept_or_dropped() {
        let vertices: ArrayRef = Arc::new(Int32Array::from(vec![30, 10]));
        let src: ArrayRef = Arc::new(Int64Array::from(vec![10, 20, 30]));
        let dst: ArrayRef = Arc::new(Int64Array::from(vec![30, 10, 5]));
        for (strays, expected) in
            [(Strays::Drop, vec![[0, 1]]), (Strays::Keep, vec![[1, 3], [2, 1], [3, 0]])]
        {
            let ids = read(Arc::clone(&vertices));
            let piece = ids.edges(&src, &dst, None).unwrap();
            let (graph, ids) = ids.graph(vec![piece], strays, 1).unwrap();
            assert_eq!(graph.edges().concat(), expected);
            assert_eq!(ids.len(), graph.len());
            let numbers = ids.numbers(&vertices).unwrap();
            assert_eq!(numbers.iter().flatten().count(), 2);
        }
    }

    #[test]
    fn strings_are_numbered_in_their_order() {
        let ids = read(Arc::new(StringArray::from(vec!["c", "a", "b", "a"])));
        let src: ArrayRef = Arc::new(StringArray::from(vec!["a", "x"]));
        let dst: ArrayRef = Arc::new(StringArray::from(vec!["c", "a"]));
        let weight: ArrayRef = Arc::new(Int32Array::from(vec![3, 4]));
        let piece = ids.edges(&src, &dst, Some(&weight)).unwrap();
        assert_eq!(piece.weights, [3.0]);
        let (graph, ids) = ids.graph(vec![piece], Strays::Keep, 1).unwrap();
        assert_eq!(graph.edges().concat(), [[0, 2]]);
        assert_eq!(
            ids.to_array().as_string::<i32>().iter().flatten().collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn nulls_are_refused() {
        let nulls: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
        assert!(VertexReader::new(nulls.data_type()).unwrap().push(&nulls).is_err());
        assert!(VertexReader::new(&DataType::Float64).is_err());
    }
}

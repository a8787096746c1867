//! A graph in memory: edges as pairs of vertex numbers, and adjacency made when somebody asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use firesteel_common::Result;

use super::adjacency::{Adjacency, Direction};

/// Edges over vertices `0..n`, as they were given: parallel edges and self-loops included.
///
/// Memory: 8 bytes an edge for the pairs; `Out` and `In` 4 more each, `Both` 8 more. At most 8 bytes an edge of adjacency
/// are kept, so that a graph takes at most 16 bytes an edge and 8 a vertex.
#[derive(Debug)]
pub struct Graph {
    n: usize,
    edges: Vec<Vec<[u32; 2]>>,
    made: Mutex<Vec<(Direction, Arc<Adjacency>)>>,
}

impl Graph {
    /// A graph from pieces of edges `[source, destination]`; all numbers must be below `n`.
    ///
    /// # Errors
    /// An internal error if a number is not.
    pub fn new(n: usize, edges: Vec<Vec<[u32; 2]>>) -> Result<Self> {
        let highest = edges.iter().flatten().map(|[source, target]| *source.max(target)).max();
        if highest.is_some_and(|highest| highest as usize >= n) {
            return Err(firesteel_common::SparkError::internal(
                "an edge has a vertex that the graph has not",
            ));
        }
        Ok(Self { n, edges, made: Mutex::default() })
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.n
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    pub fn n_edges(&self) -> usize {
        self.edges.iter().map(Vec::len).sum()
    }

    /// The edges in the order in which they were given, in pieces.
    pub fn edges(&self) -> &[Vec<[u32; 2]>] {
        &self.edges
    }

    /// The adjacency of a direction, if it is made already.
    pub fn ready(&self, direction: Direction) -> Option<Arc<Adjacency>> {
        self.made()
            .iter()
            .find(|(made, _)| *made == direction)
            .map(|(_, adjacency)| Arc::clone(adjacency))
    }

    /// The adjacency of a direction; made at the first call, then kept until another takes its room.
    ///
    /// # Errors
    /// `SparkException` beyond 2³² − 1 entries.
    pub fn adjacency(&self, direction: Direction, n_threads: usize) -> Result<Arc<Adjacency>> {
        if let Some(adjacency) = self.ready(direction) {
            return Ok(adjacency);
        }
        let mut made = self.made();
        // Another thread may have made it meanwhile; the lock is held on, so that two do not make it twice.
        if let Some((_, adjacency)) = made.iter().find(|(made, _)| *made == direction) {
            return Ok(Arc::clone(adjacency));
        }
        // `Out` and `In` together are as large as `Both`.
        made.retain(|(kept, _)| *kept != Direction::Both && direction != Direction::Both);
        let adjacency = Arc::new(Adjacency::new(self.n, &self.edges, direction, n_threads)?);
        made.push((direction, Arc::clone(&adjacency)));
        Ok(adjacency)
    }

    /// Bytes that the graph takes now.
    pub fn size_bytes(&self) -> usize {
        let adjacency: usize = self
            .made()
            .iter()
            .map(|(_, adjacency)| 4 * (adjacency.n_entries() + adjacency.len()))
            .sum();
        self.edges.iter().map(|piece| 8 * piece.capacity()).sum::<usize>() + adjacency
    }

    fn made(&self) -> MutexGuard<'_, Vec<(Direction, Arc<Adjacency>)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacency_takes_at_most_eight_bytes_an_edge() {
        let graph = Graph::new(3, vec![vec![[0, 1], [1, 2]]]).unwrap();
        graph.adjacency(Direction::Out, 1).unwrap();
        graph.adjacency(Direction::In, 1).unwrap();
        assert!(graph.ready(Direction::Out).is_some());
        assert_eq!(graph.size_bytes(), 2 * 16 + 2 * 12);
        graph.adjacency(Direction::Both, 1).unwrap();
        assert!(graph.ready(Direction::Out).is_none());
        assert!(graph.ready(Direction::In).is_none());
        assert!(Graph::new(2, vec![vec![[0, 2]]]).is_err());
    }
}

//! Degrees of all vertices, without adjacency.

use crate::csr::{Direction, Graph};
use crate::threads;

/// Edge ends at every vertex; a self-loop has two. Time O(n + m), memory 4 bytes a vertex and thread.
pub fn degrees(graph: &Graph, n_threads: usize) -> Vec<u32> {
    if let Some(both) = graph.ready(Direction::Both) {
        return (0..both.len() as u32).map(|vertex| both.degree(vertex)).collect();
    }
    counts(graph, n_threads, |counts, [source, target]| {
        counts[source as usize] += 1;
        counts[target as usize] += 1;
    })
}

/// Edges that leave every vertex.
pub fn out_degrees(graph: &Graph, n_threads: usize) -> Vec<u32> {
    if let Some(out) = graph.ready(Direction::Out) {
        return (0..out.len() as u32).map(|vertex| out.degree(vertex)).collect();
    }
    counts(graph, n_threads, |counts, [source, _]| counts[source as usize] += 1)
}

fn counts(
    graph: &Graph,
    n_threads: usize,
    count: impl Fn(&mut [u32], [u32; 2]) + Sync,
) -> Vec<u32> {
    let pieces: Vec<&[[u32; 2]]> =
        graph.edges().iter().flat_map(|piece| piece.chunks(1 << 18)).collect();
    let counts = threads::fold_parts(
        n_threads,
        pieces,
        || vec![0u32; graph.len()],
        |counts, piece| piece.iter().for_each(|edge| count(counts, *edge)),
    );
    let mut counts = counts.into_iter();
    let mut sums = counts.next().unwrap_or_default();
    for other in counts {
        sums.iter_mut().zip(other).for_each(|(sum, count)| *sum += count);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_have_two_ends() {
        let graph = Graph::new(3, vec![vec![[0, 1]], vec![[0, 0], [0, 1]]]).unwrap();
        assert_eq!(degrees(&graph, 2), [4, 2, 0]);
        assert_eq!(out_degrees(&graph, 2), [3, 0, 0]);
        graph.adjacency(Direction::Both, 1).unwrap();
        assert_eq!(degrees(&graph, 2), [4, 2, 0]);
    }
}

//! Connected components, directions ignored.
//!
//! Union-find over the edges as they were read, no adjacency needed: trees grow by compare-and-swap from the larger root
//! to the smaller, so that a root is always the smallest vertex of its tree (Jayanti and Tarjan, "Concurrent disjoint
//! set union", 2021, with splitting of paths).

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Direction, Graph};
use crate::threads;

/// Edges between two looks at the flag of interruption.
const BLOCK: usize = 1 << 16;

/// For every vertex the smallest vertex of its component. Isolated vertices are their own.
///
/// Time O((n + m) α(n)) expected, memory 4 bytes a vertex.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn connected_components(graph: &Graph, watch: &dyn Watch) -> Result<Vec<u32>> {
    let n_threads = watch.n_threads();
    let mut parents: Vec<AtomicU32> = (0..graph.len() as u32).map(AtomicU32::new).collect();
    let blocks: Vec<&[[u32; 2]]> =
        graph.edges().iter().flat_map(|piece| piece.chunks(BLOCK)).collect();
    let total = blocks.len();
    threads::on_parts(n_threads, blocks, |block| {
        if watch.check().is_ok() {
            block.iter().for_each(|[a, b]| unite(&parents, *a, *b));
        }
    });
    watch.check()?;
    watch.progress(total, total);
    // Parents are never larger than their children: one ascending pass ends at the roots.
    let mut roots = Vec::with_capacity(parents.len());
    for (vertex, parent) in parents.iter_mut().enumerate() {
        let parent = *parent.get_mut();
        roots.push(if parent as usize == vertex { parent } else { roots[parent as usize] });
    }
    Ok(roots)
}

/// As GraphX: every vertex learns the smallest vertex that is at most `n_rounds` edges away, either way.
///
/// Time O(rounds · (n + m)), memory 8 bytes a vertex and the adjacency `Both`.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn connected_components_in_rounds(
    graph: &Graph,
    n_rounds: usize,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    // A path of as many edges as there are vertices is the longest: more rounds change nothing.
    if n_rounds >= graph.len() {
        return connected_components(graph, watch);
    }
    let n_threads = watch.n_threads();
    let rows = graph.adjacency(Direction::Both, n_threads)?;
    let ranges = rows.balanced(n_threads * 8);
    let mut lowest: Vec<u32> = (0..graph.len() as u32).collect();
    let mut next = lowest.clone();
    for round in 0..n_rounds {
        watch.check()?;
        let parts = ranges.iter().zip(threads::cut(&mut next, &ranges)).collect();
        threads::on_parts(n_threads, parts, |(range, next): (&Range<usize>, &mut [u32])| {
            for (vertex, next) in range.clone().zip(next) {
                let near = rows.row(vertex as u32).iter().map(|other| lowest[*other as usize]);
                *next = near.fold(lowest[vertex], u32::min);
            }
        });
        let is_still = lowest == next;
        std::mem::swap(&mut lowest, &mut next);
        watch.progress(round + 1, n_rounds);
        if is_still {
            break;
        }
    }
    Ok(lowest)
}

#[inline]
fn unite(parents: &[AtomicU32], a: u32, b: u32) {
    let (mut a, mut b) = (a, b);
    loop {
        a = root(parents, a);
        b = root(parents, b);
        if a == b {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        if parents[high as usize]
            .compare_exchange(high, low, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
        {
            return;
        }
    }
}

#[inline]
fn root(parents: &[AtomicU32], mut vertex: u32) -> u32 {
    loop {
        let parent = parents[vertex as usize].load(Ordering::Relaxed);
        if parent == vertex {
            return vertex;
        }
        let grandparent = parents[parent as usize].load(Ordering::Relaxed);
        if grandparent == parent {
            return parent;
        }
        // Whoever loses this race loses nothing: the other thread stored an ancestor, too.
        let _ = parents[vertex as usize].compare_exchange_weak(
            parent,
            grandparent,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        vertex = grandparent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;

    fn components(n: usize, edges: &[[u32; 2]]) -> Vec<u32> {
        let pieces = edges.chunks(2).map(<[_]>::to_vec).collect();
        connected_components(&Graph::new(n, pieces).unwrap(), &Unwatched(2)).unwrap()
    }

    #[test]
    fn the_smallest_vertex_names_a_component() {
        assert_eq!(components(0, &[]), [0u32; 0]);
        assert_eq!(components(3, &[]), [0, 1, 2]);
        assert_eq!(components(6, &[[5, 4], [2, 5], [1, 1], [3, 0], [0, 3]]), [0, 1, 2, 0, 2, 2]);
    }

    #[test]
    fn rounds_reach_so_far() {
        let graph = Graph::new(5, vec![vec![[0, 1], [2, 1], [2, 3]]]).unwrap();
        let after =
            |n_rounds| connected_components_in_rounds(&graph, n_rounds, &Unwatched(2)).unwrap();
        assert_eq!(after(1), [0, 0, 1, 2, 4]);
        assert_eq!(after(2), [0, 0, 0, 1, 4]);
        assert_eq!(after(3), [0, 0, 0, 0, 4]);
        assert_eq!(after(100), [0, 0, 0, 0, 4]);
    }

    #[test]
    fn a_long_path_in_any_order() {
        let edges: Vec<[u32; 2]> =
            (0..9999).map(|i| (i * 7919) % 9999).map(|i| [i + 1, i]).collect();
        assert!(components(10_001, &edges).iter().take(10_000).all(|root| *root == 0));
        assert_eq!(components(10_001, &edges)[10_000], 10_000);
    }
}

//! Core numbers of all vertices.
//!
//! Level by level, vertices whose degree has come down to the level are taken away together with what falls below it on
//! account of that (Kabir and Madduri, "Parallel k-core decomposition on multicore platforms", 2017). The answer is the
//! fixed point of the h-index iteration that GraphFrames runs (Lü and others, 2016).

use std::sync::atomic::{AtomicU32, Ordering};

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};
use crate::threads;

/// Fewer vertices than this are looked through by one thread.
const MIN_FOR_THREADS: usize = 1 << 12;

/// For every vertex the largest `k` such that it belongs to a part of the graph in which everybody has `k` edge ends.
///
/// Degrees are those of the undirected multigraph, as in GraphFrames: parallel and opposite edges count each, a self-loop
/// twice. For simple graphs that is the usual core number.
///
/// Time O(n + m + levels · vertices left), memory 12 bytes a vertex and the adjacency `Both`.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn k_core(graph: &Graph, watch: &dyn Watch) -> Result<Vec<u32>> {
    let n_threads = watch.n_threads();
    let rows = graph.adjacency(Direction::Both, n_threads)?;
    let degrees: Vec<AtomicU32> =
        (0..graph.len() as u32).map(|vertex| AtomicU32::new(rows.degree(vertex))).collect();
    let mut left: Vec<u32> = (0..graph.len() as u32).collect();
    let mut level = 0;
    while !left.is_empty() {
        watch.check()?;
        let split = split(&left, &degrees, level, n_threads);
        let at_level: usize = split.iter().map(|(now, _, _)| now.len()).sum();
        let lowest = split.iter().map(|(_, _, lowest)| *lowest).min().unwrap_or(level);
        let n_before = left.len();
        let (now, later): (Vec<_>, Vec<_>) =
            split.into_iter().map(|(now, later, _)| (now, later)).unzip();
        left = later.concat();
        if at_level == 0 {
            level = lowest;
            continue;
        }
        if at_level < MIN_FOR_THREADS && n_before < MIN_FOR_THREADS {
            peel(&rows, &degrees, level, now.concat());
        } else {
            // A thread follows to the end what it sets off; blocks keep the threads equally busy.
            let starts = now.concat();
            let blocks: Vec<&[u32]> = starts.chunks(64).collect();
            threads::on_parts(n_threads, blocks, |block| {
                peel(&rows, &degrees, level, block.to_vec())
            });
        }
        level += 1;
        watch.progress(graph.len() - left.len(), graph.len());
    }
    Ok(degrees.into_iter().map(AtomicU32::into_inner).collect())
}

/// Vertices at the level, those above it, and the lowest degree of these. Vertices below the level are done.
fn split(
    left: &[u32],
    degrees: &[AtomicU32],
    level: u32,
    n_threads: usize,
) -> Vec<(Vec<u32>, Vec<u32>, u32)> {
    let n_threads = if left.len() < MIN_FOR_THREADS { 1 } else { n_threads };
    let block = left.len().div_ceil(n_threads).max(1);
    threads::fold_blocks(
        n_threads,
        left.len(),
        block,
        || (Vec::new(), Vec::new(), u32::MAX),
        |(now, later, lowest), range| {
            for vertex in &left[range] {
                let degree = degrees[*vertex as usize].load(Ordering::Relaxed);
                if degree == level {
                    now.push(*vertex);
                } else if degree > level {
                    later.push(*vertex);
                    *lowest = degree.min(*lowest);
                }
            }
        },
    )
}

/// Takes the vertices away, and whoever comes down to the level because of that. Their degrees stay at the level, which
/// is their core number; the list of those left drops them when it is split the next time.
fn peel(rows: &Adjacency, degrees: &[AtomicU32], level: u32, mut stack: Vec<u32>) {
    while let Some(vertex) = stack.pop() {
        for other in rows.row(vertex) {
            let degree = &degrees[*other as usize];
            if degree.load(Ordering::Relaxed) > level {
                let before = degree.fetch_sub(1, Ordering::Relaxed);
                if before == level + 1 {
                    stack.push(*other);
                } else if before <= level {
                    // Another thread was quicker: the vertex is at the level already.
                    degree.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    fn cores(n: usize, edges: &[[u32; 2]]) -> Vec<u32> {
        k_core(&Graph::new(n, vec![edges.to_vec()]).unwrap(), &Unwatched(2)).unwrap()
    }

    #[test]
    fn small_graphs() {
        assert_eq!(cores(6, &[[0, 1], [1, 2], [2, 0], [0, 3], [3, 4]]), [2, 2, 2, 1, 1, 0]);
        assert_eq!(cores(4, &[[0, 1], [0, 2], [0, 3]]), [1, 1, 1, 1]);
        // An edge there and back, and a loop.
        assert_eq!(cores(3, &[[0, 1], [1, 0], [2, 2]]), [2, 2, 2]);
        assert_eq!(cores(2, &[[0, 0], [0, 1]]), [2, 1]);
        assert_eq!(cores(0, &[]), [0u32; 0]);
    }

    #[test]
    fn the_fixed_point_of_h_indices() {
        let n = 2000;
        let edges = random_edges(n, 20_000, 4);
        let graph = Graph::new(n as usize, vec![edges.clone()]).unwrap();
        let rows = graph.adjacency(Direction::Both, 1).unwrap();
        let mut expected: Vec<u32> = (0..n).map(|v| rows.degree(v)).collect();
        loop {
            let h_index = |v: u32| {
                let mut values: Vec<u32> =
                    rows.row(v).iter().map(|u| expected[*u as usize]).collect();
                values.sort_unstable_by(|a, b| b.cmp(a));
                values.iter().enumerate().take_while(|(i, value)| **value > *i as u32).count()
                    as u32
            };
            let next: Vec<u32> = (0..n).map(h_index).collect();
            if next == expected {
                break;
            }
            expected = next;
        }
        assert_eq!(cores(n as usize, &edges), expected);
    }
}

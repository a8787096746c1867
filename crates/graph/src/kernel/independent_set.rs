//! A maximal independent set.
//!
//! Every vertex draws a priority; in rounds, those that come before all their undecided neighbours enter and their
//! neighbours leave (Luby 1986; with fixed priorities, Blelloch, Fineman and Shun, "Greedy sequential maximal independent
//! set and matching are parallel on average", 2012). GraphFrames runs Ghaffari's algorithm (2016), whose choice is random
//! as well.

use std::sync::atomic::{AtomicU8, Ordering};

use firesteel_common::Result;

use super::mix::mix;
use super::watch::Watch;
use crate::csr::{Direction, Graph};
use crate::threads;

const UNDECIDED: u8 = 0;
const INSIDE: u8 = 1;
const OUTSIDE: u8 = 2;

/// Whether each vertex belongs to the set: no two neighbours do, and everybody else has a neighbour that does. Directions
/// and self-loops do not count; isolated vertices belong. The same seed gives the same set on any number of threads.
///
/// Time O((n + m) log n) expected, memory 9 bytes a vertex and the adjacency `Both`.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn maximal_independent_set(graph: &Graph, seed: u64, watch: &dyn Watch) -> Result<Vec<bool>> {
    let n_threads = watch.n_threads();
    let rows = graph.adjacency(Direction::Both, n_threads)?;
    let state: Vec<AtomicU8> = (0..graph.len()).map(|_| AtomicU8::new(UNDECIDED)).collect();
    let is = |vertex: u32, what: u8| state[vertex as usize].load(Ordering::Relaxed) == what;
    let priority = |vertex: u32| (mix(seed ^ mix(u64::from(vertex))), vertex);
    let mut left: Vec<u32> = (0..graph.len() as u32).collect();
    while !left.is_empty() {
        watch.check()?;
        // Two vertices that are neighbours never both come first, so that entering at once does no harm; whoever sees a
        // neighbour enter early leaves a round sooner or later, but never enters.
        threads::on_blocks(n_threads, left.len(), 1 << 12, |range| {
            for vertex in &left[range] {
                let own = priority(*vertex);
                let is_first = rows.row(*vertex).iter().all(|other| {
                    other == vertex
                        || is(*other, OUTSIDE)
                        || (is(*other, UNDECIDED) && own < priority(*other))
                });
                if is_first {
                    state[*vertex as usize].store(INSIDE, Ordering::Relaxed);
                }
            }
        });
        threads::on_blocks(n_threads, left.len(), 1 << 12, |range| {
            for vertex in &left[range] {
                if is(*vertex, UNDECIDED)
                    && rows.row(*vertex).iter().any(|other| other != vertex && is(*other, INSIDE))
                {
                    state[*vertex as usize].store(OUTSIDE, Ordering::Relaxed);
                }
            }
        });
        left.retain(|vertex| is(*vertex, UNDECIDED));
        watch.progress(graph.len() - left.len(), graph.len());
    }
    Ok(state.into_iter().map(|state| state.into_inner() == INSIDE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    #[test]
    fn independent_and_maximal() {
        for seed in 0..20 {
            let n = 200;
            let edges = random_edges(n, 300, seed);
            let graph = Graph::new(n as usize, vec![edges.clone()]).unwrap();
            let inside = maximal_independent_set(&graph, seed, &Unwatched(2)).unwrap();
            assert_eq!(inside, maximal_independent_set(&graph, seed, &Unwatched(1)).unwrap());
            let mut is_covered = inside.clone();
            for [a, b] in edges.into_iter().filter(|[a, b]| a != b) {
                assert!(!(inside[a as usize] && inside[b as usize]));
                is_covered[a as usize] |= inside[b as usize];
                is_covered[b as usize] |= inside[a as usize];
            }
            assert!(is_covered.iter().all(|is| *is));
        }
    }

    #[test]
    fn complete_and_empty_graphs() {
        let edges: Vec<[u32; 2]> = (0..5).flat_map(|a| (0..5).map(move |b| [a, b])).collect();
        let graph = Graph::new(7, vec![edges]).unwrap();
        let inside = maximal_independent_set(&graph, 42, &Unwatched(2)).unwrap();
        assert_eq!(inside[..5].iter().filter(|is| **is).count(), 1);
        assert_eq!(inside[5..], [true, true]);
    }
}

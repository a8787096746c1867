//! Breadth-first search from several vertices, and distances to landmarks.
//!
//! Levels are expanded from the frontier; while the frontier holds a large part of the edges, from the other side: every
//! vertex that is not reached yet looks for one neighbour in the frontier (Beamer, Asanović and Patterson,
//! "Direction-optimizing breadth-first search", 2012).

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use firesteel_common::Result;

use super::NONE;
use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};
use crate::threads;

/// Levels of fewer edges are made by one thread: starting another takes longer.
const MIN_EDGES_FOR_THREADS: usize = 1 << 15;

/// The frontier looks for the others while it has fewer than 1 / ALPHA of the edges that are left.
const ALPHA: usize = 14;

/// For every vertex the number of edges on a shortest way from any of `sources`, [`NONE`] if there is none or it is longer
/// than `longest`. Edges are walked as `direction` says: `Out` from source to destination.
///
/// Time O(n + m), memory 4 bytes a vertex beside the adjacency.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn levels(
    graph: &Graph,
    sources: &[u32],
    direction: Direction,
    longest: u32,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let n_threads = watch.n_threads();
    let rows = Rows::of(graph, direction, false, n_threads)?;
    search(&rows, sources, longest, n_threads, watch)
}

/// For every landmark, in the order given, the length of a shortest way from each vertex TO it along edges ([`NONE`] if
/// there is none); with `is_directed` false, along edges either way.
///
/// Time O(landmarks · (n + m)); landmarks are searched at the same time. Memory 4 bytes a vertex and landmark.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn shortest_paths(
    graph: &Graph,
    landmarks: &[u32],
    is_directed: bool,
    watch: &dyn Watch,
) -> Result<Vec<Vec<u32>>> {
    let n_threads = watch.n_threads();
    let direction = if is_directed { Direction::In } else { Direction::Both };
    let rows = Rows::of(graph, direction, landmarks.len() > 2, n_threads)?;
    // As many searches at once as there are threads; what is left shares them.
    let n_alone = landmarks.len() / n_threads * n_threads;
    let mut found: Vec<Result<Vec<u32>>> = landmarks.iter().map(|_| Ok(Vec::new())).collect();
    let work = found.iter_mut().zip(landmarks).take(n_alone).collect();
    threads::on_parts(n_threads, work, |(found, landmark)| {
        *found = search(&rows, &[*landmark], NONE - 1, 1, watch);
    });
    for (found, landmark) in found.iter_mut().zip(landmarks).skip(n_alone) {
        *found = search(&rows, &[*landmark], NONE - 1, n_threads, watch);
    }
    found.into_iter().collect()
}

/// Rows to walk along, and the rows that say who walks here, if they are at hand.
struct Rows {
    forth: std::sync::Arc<Adjacency>,
    back: Option<std::sync::Arc<Adjacency>>,
}

impl Rows {
    fn of(
        graph: &Graph,
        direction: Direction,
        is_long_work: bool,
        n_threads: usize,
    ) -> Result<Self> {
        let opposite = match direction {
            Direction::Out => Direction::In,
            Direction::In => Direction::Out,
            Direction::Both => Direction::Both,
        };
        let forth = graph.adjacency(direction, n_threads)?;
        let back = match graph.ready(opposite) {
            None if is_long_work => Some(graph.adjacency(opposite, n_threads)?),
            ready => ready,
        };
        Ok(Self { forth, back })
    }
}

fn search(
    rows: &Rows,
    sources: &[u32],
    longest: u32,
    n_threads: usize,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let forth = &*rows.forth;
    let found: Vec<AtomicU32> = (0..forth.len()).map(|_| AtomicU32::new(NONE)).collect();
    let mut frontier = Vec::with_capacity(sources.len());
    for source in sources {
        if found[*source as usize].swap(0, Ordering::Relaxed) == NONE {
            frontier.push(*source);
        }
    }
    let mut n_left = forth.n_entries();
    let mut level = 0;
    while !frontier.is_empty() && level < longest {
        watch.check()?;
        let n_edges: usize = frontier.iter().map(|vertex| forth.degree(*vertex) as usize).sum();
        let from_others = n_edges > n_left / ALPHA && frontier.len() > forth.len() / 1024;
        n_left -= n_edges.min(n_left);
        frontier = match &rows.back {
            Some(back) if from_others => {
                let next = threads::fold_blocks(
                    n_threads,
                    forth.len(),
                    1 << 14,
                    Vec::new,
                    |next, range| look_back(back, &found, level, range, next),
                );
                next.concat()
            }
            _ if n_edges < MIN_EDGES_FOR_THREADS || n_threads == 1 => {
                let mut next = Vec::new();
                expand(forth, &found, level, &frontier, &mut next);
                next
            }
            _ => {
                let next = threads::fold_blocks(
                    n_threads,
                    frontier.len(),
                    256,
                    Vec::new,
                    |next, range| expand(forth, &found, level, &frontier[range], next),
                );
                next.concat()
            }
        };
        level += 1;
        watch.progress(level as usize, level as usize + 1);
    }
    Ok(found.into_iter().map(AtomicU32::into_inner).collect())
}

fn expand(
    forth: &Adjacency,
    found: &[AtomicU32],
    level: u32,
    frontier: &[u32],
    next: &mut Vec<u32>,
) {
    for vertex in frontier {
        for target in forth.row(*vertex) {
            let place = &found[*target as usize];
            // Two threads may come here at once: the one that swaps has it.
            if place.load(Ordering::Relaxed) == NONE
                && place
                    .compare_exchange(NONE, level + 1, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok()
            {
                next.push(*target);
            }
        }
    }
}

fn look_back(
    back: &Adjacency,
    found: &[AtomicU32],
    level: u32,
    range: Range<usize>,
    next: &mut Vec<u32>,
) {
    for vertex in range {
        if found[vertex].load(Ordering::Relaxed) == NONE
            && back
                .row(vertex as u32)
                .iter()
                .any(|other| found[*other as usize].load(Ordering::Relaxed) == level)
        {
            found[vertex].store(level + 1, Ordering::Relaxed);
            next.push(vertex as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    fn graph(n: usize, edges: &[[u32; 2]]) -> Graph {
        Graph::new(n, vec![edges.to_vec()]).unwrap()
    }

    #[test]
    fn levels_along_against_and_across() {
        // 0 → 1 → 2 → 3, 0 → 2, 4 alone
        let graph = graph(5, &[[0, 1], [1, 2], [2, 3], [0, 2]]);
        let watch = Unwatched(2);
        assert_eq!(levels(&graph, &[0], Direction::Out, 9, &watch).unwrap(), [0, 1, 1, 2, NONE]);
        assert_eq!(levels(&graph, &[0], Direction::Out, 1, &watch).unwrap(), [0, 1, 1, NONE, NONE]);
        assert_eq!(
            levels(&graph, &[2, 4, 2], Direction::In, 9, &watch).unwrap(),
            [1, 1, 0, NONE, 0]
        );
        assert_eq!(levels(&graph, &[3], Direction::Both, 9, &watch).unwrap(), [2, 2, 1, 0, NONE]);
        assert_eq!(levels(&graph, &[], Direction::Out, 9, &watch).unwrap(), [NONE; 5]);
    }

    #[test]
    fn distances_are_to_landmarks() {
        let graph = graph(4, &[[0, 1], [1, 2], [2, 2], [3, 1]]);
        let found = shortest_paths(&graph, &[2, 0, 2], true, &Unwatched(2)).unwrap();
        assert_eq!(found, [vec![2, 1, 0, 2], vec![0, NONE, NONE, NONE], vec![2, 1, 0, 2]]);
        let found = shortest_paths(&graph, &[3], false, &Unwatched(2)).unwrap();
        assert_eq!(found, [vec![2, 1, 2, 0]]);
    }

    #[test]
    fn both_ways_of_expanding_agree() {
        // A dense graph, whose second level is looked for from the other side, against one thread without reverse rows.
        let n = 5000;
        let edges = random_edges(n, 60_000, 1);
        let one = graph(n as usize, &edges);
        let plain = levels(&one, &[1], Direction::Out, 99, &Unwatched(1)).unwrap();
        let two = graph(n as usize, &edges);
        two.adjacency(Direction::In, 2).unwrap();
        assert_eq!(levels(&two, &[1], Direction::Out, 99, &Unwatched(2)).unwrap(), plain);
        assert!(plain.iter().filter(|level| **level != NONE).count() > 1000);
    }
}

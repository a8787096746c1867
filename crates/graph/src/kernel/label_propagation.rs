//! Communities by label propagation, in rounds (Raghavan, Albert and Kumara, 2007; synchronous as in GraphX).
//!
//! A vertex takes the label that most of its edges bring, the smallest of those that tie. Vertices of which no neighbour
//! has changed its label in the last round are left out: their neighbours would vote as before.

use std::ops::Range;

use firesteel_common::Result;

use super::NONE;
use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};
use crate::threads;

/// Labels after `n_iterations` rounds; every vertex begins with its own number.
///
/// `votes` says who votes for a vertex: `Both` is GraphX's algorithm (either end of an edge for the other), `In` that of
/// GraphFrames (sources for destinations). Parallel edges count each. Under `Both`, a vertex without votes keeps its label;
/// under `In`, it gets [`NONE`] (null), and a null label is no vote.
///
/// Time O(n_iterations · (n + m)) at most, memory 9 bytes a vertex and 4 more a thread.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn label_propagation(
    graph: &Graph,
    n_iterations: usize,
    votes: Direction,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let n_threads = watch.n_threads();
    let n = graph.len();
    let rows = graph.adjacency(votes, n_threads)?;
    // Rows of those who hear of a change; without them everybody asks everybody again.
    let hearers = match votes {
        Direction::Both => Some(std::sync::Arc::clone(&rows)),
        Direction::In => graph.ready(Direction::Out),
        Direction::Out => graph.ready(Direction::In),
    };
    let keeps_own = votes == Direction::Both;
    let mut labels: Vec<u32> = (0..n as u32).collect();
    let mut next = labels.clone();
    let mut is_due = vec![true; n];
    let ranges = rows.balanced(n_threads * 16);
    for iteration in 0..n_iterations {
        watch.check()?;
        let parts = ranges.iter().zip(threads::cut(&mut next, &ranges)).collect();
        let states = threads::fold_parts(
            n_threads,
            parts,
            || (Ballot::new(n), Vec::new()),
            |(ballot, changed), (range, next): (&Range<usize>, &mut [u32])| {
                for (vertex, next) in range.clone().zip(next) {
                    if !is_due[vertex] {
                        *next = labels[vertex];
                        continue;
                    }
                    let otherwise = if keeps_own { labels[vertex] } else { NONE };
                    *next = ballot.winner(rows.row(vertex as u32), &labels).unwrap_or(otherwise);
                    if *next != labels[vertex] {
                        changed.push(vertex as u32);
                    }
                }
            },
        );
        std::mem::swap(&mut labels, &mut next);
        watch.progress(iteration + 1, n_iterations);
        let changed: Vec<Vec<u32>> = states.into_iter().map(|(_, changed)| changed).collect();
        let n_changed: usize = changed.iter().map(Vec::len).sum();
        if n_changed == 0 {
            break;
        }
        if let Some(hearers) = &hearers {
            mark(hearers, &changed, n_changed, &mut is_due);
        }
    }
    Ok(labels)
}

/// Who hears of the changes is due; with many changes that is everybody, which is quicker to write down.
fn mark(hearers: &Adjacency, changed: &[Vec<u32>], n_changed: usize, is_due: &mut [bool]) {
    let everybody = n_changed > is_due.len() / 8;
    is_due.fill(everybody);
    if !everybody {
        for vertex in changed.iter().flatten() {
            hearers.row(*vertex).iter().for_each(|hearer| is_due[*hearer as usize] = true);
        }
    }
}

/// Counts votes; all counts are zero between two calls.
struct Ballot {
    counts: Vec<u32>,
}

impl Ballot {
    fn new(n: usize) -> Self {
        Self { counts: vec![0; n] }
    }

    fn winner(&mut self, voters: &[u32], labels: &[u32]) -> Option<u32> {
        if let [only] = voters {
            return Some(labels[*only as usize]).filter(|label| *label != NONE);
        }
        let (mut most, mut winner) = (0, NONE);
        for voter in voters {
            let label = labels[*voter as usize];
            if label != NONE {
                let count = &mut self.counts[label as usize];
                *count += 1;
                if *count > most || (*count == most && label < winner) {
                    (most, winner) = (*count, label);
                }
            }
        }
        for voter in voters {
            let label = labels[*voter as usize];
            if label != NONE {
                self.counts[label as usize] = 0;
            }
        }
        (most > 0).then_some(winner)
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
    fn cliques_agree_each() {
        let mut edges = vec![[0, 5]];
        for base in [0, 5] {
            edges.extend((0..5).flat_map(|i| (0..i).map(move |j| [base + i, base + j])));
        }
        let labels =
            label_propagation(&graph(10, &edges), 20, Direction::Both, &Unwatched(2)).unwrap();
        assert!(labels[..5].iter().all(|label| *label == labels[0]));
        assert!(labels[5..].iter().all(|label| *label == labels[5]));
        assert_ne!(labels[0], labels[5]);
    }

    #[test]
    fn the_smallest_label_wins_a_tie_and_parallel_edges_count() {
        // 2 — 0, 2 — 1: a tie for 2; with 2 — 1 twice none. Vertex 3 is alone.
        let tie =
            label_propagation(&graph(4, &[[2, 1], [0, 2]]), 1, Direction::Both, &Unwatched(1))
                .unwrap();
        assert_eq!(tie, [2, 2, 0, 3]);
        let twice = graph(4, &[[2, 1], [0, 2], [1, 2]]);
        assert_eq!(
            label_propagation(&twice, 1, Direction::Both, &Unwatched(1)).unwrap(),
            [2, 2, 1, 3]
        );
        // Two rounds: 0 and 1 bring 2 back.
        assert_eq!(
            label_propagation(&twice, 2, Direction::Both, &Unwatched(2)).unwrap(),
            [1, 1, 2, 3]
        );
    }

    #[test]
    fn directed_votes_leave_nulls() {
        // 0 → 1 → 2: nobody votes for 0, so in the second round nobody for 1.
        let path = graph(3, &[[0, 1], [1, 2]]);
        assert_eq!(
            label_propagation(&path, 1, Direction::In, &Unwatched(1)).unwrap(),
            [NONE, 0, 1]
        );
        assert_eq!(
            label_propagation(&path, 2, Direction::In, &Unwatched(1)).unwrap(),
            [NONE, NONE, 0]
        );
        assert_eq!(label_propagation(&path, 3, Direction::In, &Unwatched(1)).unwrap(), [NONE; 3]);
    }

    #[test]
    fn leaving_out_the_unchanged_changes_nothing() {
        let n = 3000u32;
        let edges = random_edges(n, 9000, 3);
        for direction in [Direction::Both, Direction::In] {
            let fast = graph(n as usize, &edges);
            fast.adjacency(Direction::Out, 1).unwrap();
            let found = label_propagation(&fast, 12, direction, &Unwatched(2)).unwrap();
            let rows = fast.adjacency(direction, 1).unwrap();
            let mut labels: Vec<u32> = (0..n).collect();
            for _ in 0..12 {
                let mut ballot = Ballot::new(n as usize);
                let winner = |v: u32| {
                    let own = if direction == Direction::Both { labels[v as usize] } else { NONE };
                    ballot.winner(rows.row(v), &labels).unwrap_or(own)
                };
                labels = (0..n).map(winner).collect();
            }
            assert_eq!(found, labels);
        }
    }
}

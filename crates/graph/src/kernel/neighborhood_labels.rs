//! Communities by label propagation in which neighbours with common neighbours weigh more.
//!
//! GraphFrames' `neighborhood_aware_cdlp`: the weight of an edge is 1 (or 0 if direct links are ignored) plus a multiple of
//! the number of neighbours that its ends have in common. GraphFrames estimates that number by sketches; here it is exact.

use std::ops::Range;

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};
use crate::threads;

/// How edges weigh and vote.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NeighborhoodVotes {
    /// Weight of a common neighbour; not negative.
    pub multiplier: f64,
    /// Whether an edge weighs only what its ends have in common.
    pub ignores_direct_links: bool,
    /// Whether sources vote for destinations only; else edges are made symmetric and distinct first.
    pub is_directed: bool,
    /// Rounds at most; it ends earlier when nothing changes.
    pub n_iterations: usize,
}

/// Labels after the rounds, from `labels`, one a vertex (numbers that ascend as the labels themselves do). A vertex takes
/// the label of most weight, the LARGEST of those that tie; without votes it keeps its own.
///
/// Neighbours of a vertex are sources and destinations of its edges, itself left out only if it is no neighbour of its
/// own. Time O(Σ over edges of the degrees of their ends) once and O(n + m) a round. Memory 12 bytes an edge, 8 bytes a
/// vertex and thread.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn neighborhood_label_propagation(
    graph: &Graph,
    mut labels: Vec<u32>,
    votes: NeighborhoodVotes,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let n_threads = watch.n_threads();
    let n = graph.len();
    let near =
        Adjacency::new(n, graph.edges(), Direction::Both, n_threads)?.without_repeats(n_threads);
    let directed =
        if votes.is_directed { Some(graph.adjacency(Direction::In, n_threads)?) } else { None };
    let voters = directed.as_deref().unwrap_or(&near);
    let weights = weights(voters, &near, votes, watch)?;
    let n_labels = labels.iter().max().map_or(0, |highest| *highest as usize + 1);
    let ranges = voters.balanced(n_threads * 16);
    let mut next = labels.clone();
    for iteration in 0..votes.n_iterations {
        watch.check()?;
        let parts = ranges.iter().zip(threads::cut(&mut next, &ranges)).collect();
        let changes = threads::fold_parts(
            n_threads,
            parts,
            || (vec![0.0; n_labels], 0usize),
            |(sums, n_changed), (range, next): (&Range<usize>, &mut [u32])| {
                for (vertex, next) in range.clone().zip(next) {
                    *next =
                        winner(voters, &weights, vertex, &labels, sums).unwrap_or(labels[vertex]);
                    *n_changed += usize::from(*next != labels[vertex]);
                }
            },
        );
        std::mem::swap(&mut labels, &mut next);
        watch.progress(iteration + 1, votes.n_iterations);
        if changes.iter().all(|(_, n_changed)| *n_changed == 0) {
            break;
        }
    }
    Ok(labels)
}

fn winner(
    voters: &Adjacency,
    weights: &[f64],
    vertex: usize,
    labels: &[u32],
    sums: &mut [f64],
) -> Option<u32> {
    let start = voters.offsets()[vertex] as usize;
    let row = voters.row(vertex as u32);
    for (voter, weight) in row.iter().zip(&weights[start..]) {
        sums[labels[*voter as usize] as usize] += weight;
    }
    let best = row
        .iter()
        .map(|voter| labels[*voter as usize])
        .map(|label| (sums[label as usize], label))
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then(left.cmp(right)));
    row.iter().for_each(|voter| sums[labels[*voter as usize] as usize] = 0.0);
    best.map(|(_, label)| label)
}

/// One weight an entry of `voters`.
fn weights(
    voters: &Adjacency,
    near: &Adjacency,
    votes: NeighborhoodVotes,
    watch: &dyn Watch,
) -> Result<Vec<f64>> {
    let base = if votes.ignores_direct_links { 0.0 } else { 1.0 };
    let mut weights = vec![base; voters.n_entries()];
    if votes.multiplier == 0.0 {
        return Ok(weights);
    }
    let ranges = voters.balanced(watch.n_threads() * 32);
    let spans: Vec<Range<usize>> = ranges
        .iter()
        .map(|range| voters.offsets()[range.start] as usize..voters.offsets()[range.end] as usize)
        .collect();
    let parts = ranges.iter().zip(threads::cut(&mut weights, &spans)).collect();
    threads::fold_parts(
        watch.n_threads(),
        parts,
        || vec![u32::MAX; near.len()],
        |marks, (range, weights): (&Range<usize>, &mut [f64])| {
            let mut weights = weights.iter_mut();
            for vertex in range.clone().take_while(|_| watch.check().is_ok()) {
                let vertex = vertex as u32;
                near.row(vertex).iter().for_each(|other| marks[*other as usize] = vertex);
                for (voter, weight) in voters.row(vertex).iter().zip(&mut weights) {
                    let in_common = near
                        .row(*voter)
                        .iter()
                        .filter(|third| marks[**third as usize] == vertex)
                        .count();
                    *weight += votes.multiplier * in_common as f64;
                }
            }
        },
    );
    watch.check()?;
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;

    fn labels_of(
        n: u32,
        edges: &[[u32; 2]],
        labels: Option<Vec<u32>>,
        multiplier: f64,
        ignores_direct_links: bool,
    ) -> Vec<u32> {
        let graph = Graph::new(n as usize, vec![edges.to_vec()]).unwrap();
        let votes = NeighborhoodVotes {
            multiplier,
            ignores_direct_links,
            is_directed: true,
            n_iterations: 1,
        };
        let labels = labels.unwrap_or_else(|| (0..n).collect());
        neighborhood_label_propagation(&graph, labels, votes, &Unwatched(2)).unwrap()
    }

    #[test]
    fn a_circle_hands_labels_on() {
        assert_eq!(labels_of(3, &[[0, 1], [1, 2], [2, 0]], None, 0.5, false), [2, 0, 1]);
    }

    #[test]
    fn common_neighbors_weigh() {
        // 0, 1, 2 → 3 with labels A, B, B; 0 and 3 have 6 and 7 in common.
        let edges = [[0, 3], [1, 3], [2, 3], [3, 6], [3, 7], [0, 6], [0, 7]];
        let labels = || Some(vec![0, 1, 1, 2, 3, 4, 5, 6]);
        assert_eq!(labels_of(8, &edges, labels(), 0.1, false)[3], 1);
        assert_eq!(labels_of(8, &edges, labels(), 1.0, false)[3], 0);
        assert_eq!(labels_of(8, &edges, labels(), 0.25, true)[3], 0);
        assert_eq!(labels_of(8, &edges, labels(), 0.25, false)[3], 1);
    }

    #[test]
    fn the_largest_label_wins_a_tie() {
        assert_eq!(labels_of(3, &[[0, 2], [1, 2]], None, 0.5, false), [0, 1, 1]);
    }
}

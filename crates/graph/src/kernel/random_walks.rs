//! Random walks with restarts.

use firesteel_common::Result;

use super::mix::{Stream, mix};
use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};
use crate::threads;

/// GraphFrames' `RandomWalkWithRestart`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomWalkParams {
    /// Whether walks follow edges from source to destination only; else parallel edges count once.
    pub is_directed: bool,
    /// A vertex with more neighbours than this walks to a sample of them, drawn anew in every batch.
    pub max_neighbors: usize,
    pub walks_per_vertex: usize,
    pub n_batches: usize,
    /// Vertices of a walk in each batch.
    pub batch_size: usize,
    /// Probability that a step goes back to where the walk began.
    pub restart_probability: f64,
    pub seed: u64,
}

/// Walks of equal length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walks {
    /// Vertices of a walk: `n_batches · batch_size`.
    pub length: usize,
    /// All walks one after another; a vertex's walks stand together.
    pub steps: Vec<u32>,
}

impl Walks {
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.steps.chunks_exact(self.length.max(1))
    }
}

/// Walks from every vertex that has a neighbour to walk to. A walk begins with its first vertex; where it cannot go on, it
/// goes back there. The same seed gives the same walks on any number of threads.
///
/// Time O(n_batches · (n + m) + steps), memory 4 bytes a step, and 4 an edge for the samples.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn random_walks(graph: &Graph, params: RandomWalkParams, watch: &dyn Watch) -> Result<Walks> {
    let n_threads = watch.n_threads();
    let rows = if params.is_directed {
        Adjacency::new(graph.len(), graph.edges(), Direction::Out, n_threads)?
    } else {
        Adjacency::new(graph.len(), graph.edges(), Direction::Both, n_threads)?
            .without_repeats(n_threads)
    };
    let length = params.n_batches * params.batch_size;
    let starts: Vec<u32> = (0..graph.len() as u32)
        .filter(|vertex| rows.degree(*vertex) > 0)
        .flat_map(|vertex| std::iter::repeat_n(vertex, params.walks_per_vertex))
        .collect();
    let mut steps = vec![0; starts.len() * length];
    let mut at = starts.clone();
    for batch in 0..params.n_batches {
        watch.check()?;
        let samples =
            samples(&rows, params.max_neighbors, mix(params.seed.wrapping_add(batch as u64)));
        let block = 1 << 10;
        let parts = starts
            .chunks(block)
            .zip(at.chunks_mut(block))
            .zip(steps.chunks_mut((block * length).max(1)))
            .enumerate()
            .collect();
        threads::on_parts(
            n_threads,
            parts,
            |(part, ((starts, at), steps)): (usize, ((&[u32], &mut [u32]), &mut [u32]))| {
                for (walk, (start, at)) in starts.iter().zip(at).enumerate() {
                    let number = (part * block + walk) * params.n_batches + batch;
                    let mut stream = Stream::new(params.seed, number as u64);
                    let from = walk * length + batch * params.batch_size;
                    for step in &mut steps[from..from + params.batch_size] {
                        *step = *at;
                        let is_restart = stream.uniform() <= params.restart_probability;
                        let near = samples.as_ref().unwrap_or(&rows).row(*at);
                        *at = match near.len() {
                            _ if is_restart => *start,
                            0 => *start,
                            n => near[stream.below(n)],
                        };
                    }
                }
            },
        );
        watch.progress(batch + 1, params.n_batches);
    }
    Ok(Walks { length, steps })
}

/// Rows cut down to samples of at most so many neighbours; `None` if all are short enough.
pub fn samples(rows: &Adjacency, max_neighbors: usize, seed: u64) -> Option<Adjacency> {
    let max = u32::try_from(max_neighbors).unwrap_or(u32::MAX);
    if (0..rows.len() as u32).all(|vertex| rows.degree(vertex) <= max) {
        return None;
    }
    let mut offsets = vec![0u32; rows.len() + 1];
    let mut targets = Vec::new();
    let mut order: Vec<(u64, u32)> = Vec::new();
    for vertex in 0..rows.len() {
        let row = rows.row(vertex as u32);
        if row.len() <= max_neighbors {
            targets.extend_from_slice(row);
        } else {
            order.clear();
            let rank = |(place, target): (usize, &u32)| {
                (
                    mix(seed ^ mix((vertex as u64) << 32 | u64::from(*target)) ^ place as u64),
                    *target,
                )
            };
            order.extend(row.iter().enumerate().map(rank));
            order.select_nth_unstable(max_neighbors);
            order.truncate(max_neighbors);
            // The order of a row depends on how edges were read; that of a sample does not.
            order.sort_unstable();
            targets.extend(order.iter().map(|(_, target)| *target));
        }
        offsets[vertex + 1] = targets.len() as u32;
    }
    Some(Adjacency::from_rows(offsets, targets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;

    const PARAMS: RandomWalkParams = RandomWalkParams {
        is_directed: false,
        max_neighbors: 50,
        walks_per_vertex: 10,
        n_batches: 5,
        batch_size: 5,
        restart_probability: 0.1,
        seed: 42,
    };

    /// a b c d e f of the friends graph; g is alone.
    const FRIENDS: [[u32; 2]; 8] = [[0, 1], [1, 2], [2, 1], [5, 2], [4, 5], [4, 3], [3, 0], [0, 4]];

    #[test]
    fn walks_follow_edges() {
        let graph = Graph::new(7, vec![FRIENDS.to_vec()]).unwrap();
        let walks = random_walks(&graph, PARAMS, &Unwatched(2)).unwrap();
        assert_eq!(walks, random_walks(&graph, PARAMS, &Unwatched(1)).unwrap());
        assert_eq!((walks.iter().count(), walks.length), (60, 25));
        for walk in walks.iter() {
            for pair in walk.windows(2) {
                let is_edge = FRIENDS.iter().any(|[a, b]| [*a, *b] == *pair || [*b, *a] == *pair);
                assert!(is_edge || pair[1] == walk[0], "{walk:?}");
            }
        }
        assert!(walks.iter().any(|walk| walk.iter().any(|vertex| *vertex != walk[0])));
    }

    #[test]
    fn restarts_and_dead_ends() {
        let graph = Graph::new(3, vec![vec![[0, 1], [1, 2]]]).unwrap();
        let params = RandomWalkParams {
            restart_probability: 1.0,
            walks_per_vertex: 1,
            is_directed: true,
            ..PARAMS
        };
        assert_eq!(
            random_walks(&graph, params, &Unwatched(1)).unwrap().steps,
            [[0; 25], [1; 25]].concat()
        );
        let params = RandomWalkParams { restart_probability: 0.0, n_batches: 1, ..params };
        assert_eq!(
            random_walks(&graph, params, &Unwatched(1)).unwrap().steps,
            [0, 1, 2, 0, 1, 1, 2, 1, 2, 1]
        );
    }

    #[test]
    fn samples_are_no_longer_than_asked() {
        let edges: Vec<[u32; 2]> = (1..100).map(|target| [0, target]).collect();
        let rows = Adjacency::new(100, &[edges], Direction::Both, 1).unwrap();
        let cut = samples(&rows, 7, 1).unwrap();
        assert_eq!((cut.degree(0), cut.degree(5)), (7, 1));
        assert_ne!(cut.row(0), samples(&rows, 7, 2).unwrap().row(0));
        assert!(samples(&rows, 99, 1).is_none());
    }
}

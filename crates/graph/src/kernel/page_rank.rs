//! PageRank as GraphX defines it.
//!
//! A step is `r(v) = reset + (1 − reset) · Σ r(u) / outdegree(u)` over the edges u → v, parallel ones included; what
//! vertices without out-edges hold is lost; at the end ranks are scaled so that they add up to the number of vertices
//! (personalised: to 1). GraphX: `org.apache.spark.graphx.lib.PageRank`; the method: Page and others, 1999.

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Direction, Graph};
use crate::threads;

/// Parts a thread, so that a thread that is slow does not hold up the others.
const PARTS_PER_THREAD: usize = 8;

/// Ranks after `n_iterations` steps; all vertices start at 1, or the source alone.
///
/// Time O(n_iterations · (n + m)), memory 16 bytes a vertex and the adjacency `In`. Sums are added in the order of edges,
/// so that answers do not depend on the number of threads.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn page_rank(
    graph: &Graph,
    reset: f64,
    source: Option<u32>,
    n_iterations: usize,
    watch: &dyn Watch,
) -> Result<Vec<f64>> {
    let n_threads = watch.n_threads();
    let into = graph.adjacency(Direction::In, n_threads)?;
    let shares = shares(graph, n_threads);
    let ranges = into.balanced(n_threads * PARTS_PER_THREAD);
    let mut ranks = start(graph.len(), source);
    let mut given: Vec<f64> = ranks.iter().zip(&shares).map(|(rank, share)| rank * share).collect();
    let mut next_given = vec![0.0; graph.len()];
    for iteration in 0..n_iterations {
        watch.check()?;
        let slices = threads::cut(&mut ranks, &ranges)
            .into_iter()
            .zip(threads::cut(&mut next_given, &ranges));
        let parts = ranges.iter().zip(slices).collect();
        threads::on_parts(
            n_threads,
            parts,
            |(range, (ranks, next)): (&std::ops::Range<usize>, (&mut [f64], &mut [f64]))| {
                for ((vertex, rank), next) in range.clone().zip(ranks).zip(next) {
                    let sum: f64 =
                        into.row(vertex as u32).iter().map(|other| given[*other as usize]).sum();
                    let jump = if source.is_none_or(|source| source as usize == vertex) {
                        reset
                    } else {
                        0.0
                    };
                    *rank = jump + (1.0 - reset) * sum;
                    *next = *rank * shares[vertex];
                }
            },
        );
        std::mem::swap(&mut given, &mut next_given);
        watch.progress(iteration + 1, n_iterations);
    }
    normalize(&mut ranks, source.is_some());
    Ok(ranks)
}

/// Ranks by passing on changes until no change above `tolerance` is left.
///
/// A vertex sends its last change to its neighbours while it is above the tolerance and it has been sent something in the
/// round before. Time O(n + m) a round; rounds about log(tolerance) / log(1 − reset).
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn page_rank_until(
    graph: &Graph,
    reset: f64,
    source: Option<u32>,
    tolerance: f64,
    watch: &dyn Watch,
) -> Result<Vec<f64>> {
    let n_threads = watch.n_threads();
    let n = graph.len();
    let into = graph.adjacency(Direction::In, n_threads)?;
    let shares = shares(graph, n_threads);
    let ranges = into.balanced(n_threads * PARTS_PER_THREAD);
    // The first message reaches everybody.
    let first = match source {
        Some(_) => 0.0,
        None => (1.0 - reset) * (reset / (1.0 - reset)),
    };
    let mut ranks = vec![first; n];
    if let Some(source) = source {
        ranks[source as usize] = 1.0;
    }
    let sends = |change: f64, vertex: usize| {
        if change > tolerance { change * shares[vertex] } else { f64::NAN }
    };
    let mut sent: Vec<f64> =
        ranks.iter().enumerate().map(|(vertex, change)| sends(*change, vertex)).collect();
    let mut next_sent = vec![f64::NAN; n];
    let mut round = 0;
    while sent.iter().any(|sent| !sent.is_nan()) {
        watch.check()?;
        let slices = threads::cut(&mut ranks, &ranges)
            .into_iter()
            .zip(threads::cut(&mut next_sent, &ranges));
        let parts = ranges.iter().zip(slices).collect();
        threads::on_parts(
            n_threads,
            parts,
            |(range, (ranks, next)): (&std::ops::Range<usize>, (&mut [f64], &mut [f64]))| {
                for ((vertex, rank), next) in range.clone().zip(ranks).zip(next) {
                    let (mut sum, mut is_reached) = (0.0, false);
                    for other in into.row(vertex as u32) {
                        let message = sent[*other as usize];
                        if !message.is_nan() {
                            sum += message;
                            is_reached = true;
                        }
                    }
                    *next = f64::NAN;
                    if is_reached {
                        let old = *rank;
                        *rank = old + (1.0 - reset) * sum;
                        *next = sends(*rank - old, vertex);
                    }
                }
            },
        );
        std::mem::swap(&mut sent, &mut next_sent);
        round += 1;
        watch.progress(round, round + 1);
    }
    normalize(&mut ranks, source.is_some());
    Ok(ranks)
}

/// Personalised ranks of several sources at once: one vector of ranks a source, in the order of `sources`.
///
/// Time O(sources · n_iterations · (n + m)); eight sources share a pass over the edges. Memory 16 bytes a vertex for each
/// of those, beside the answer.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn parallel_personalized_page_rank(
    graph: &Graph,
    reset: f64,
    sources: &[u32],
    n_iterations: usize,
    watch: &dyn Watch,
) -> Result<Vec<Vec<f64>>> {
    const LANES: usize = 8;
    let n_threads = watch.n_threads();
    let into = graph.adjacency(Direction::In, n_threads)?;
    let shares = shares(graph, n_threads);
    let ranges = into.balanced(n_threads * PARTS_PER_THREAD);
    let n_rounds = sources.len().div_ceil(LANES) * n_iterations;
    let mut answers = Vec::with_capacity(sources.len());
    for (group_index, group) in sources.chunks(LANES).enumerate() {
        let mut ranks = vec![[0.0; LANES]; graph.len()];
        for (lane, source) in group.iter().enumerate() {
            ranks[*source as usize][lane] = 1.0;
        }
        let mut next = vec![[0.0; LANES]; graph.len()];
        for iteration in 0..n_iterations {
            watch.check()?;
            let parts = ranges.iter().zip(threads::cut(&mut next, &ranges)).collect();
            threads::on_parts(
                n_threads,
                parts,
                |(range, next): (&std::ops::Range<usize>, &mut [[f64; LANES]])| {
                    for (vertex, next) in range.clone().zip(next) {
                        let mut sums = [0.0; LANES];
                        for other in into.row(vertex as u32) {
                            let share = shares[*other as usize];
                            for (sum, rank) in sums.iter_mut().zip(&ranks[*other as usize]) {
                                *sum += rank * share;
                            }
                        }
                        *next = sums.map(|sum| sum * (1.0 - reset));
                    }
                },
            );
            for (lane, source) in group.iter().enumerate() {
                next[*source as usize][lane] += reset;
            }
            std::mem::swap(&mut ranks, &mut next);
            watch.progress(group_index * n_iterations + iteration + 1, n_rounds);
        }
        for lane in 0..group.len() {
            let mut ranks: Vec<f64> = ranks.iter().map(|ranks| ranks[lane]).collect();
            normalize(&mut ranks, true);
            answers.push(ranks);
        }
    }
    Ok(answers)
}

/// What part of its rank a vertex gives along each of its edges: 1 / outdegree, 0 without out-edges.
fn shares(graph: &Graph, n_threads: usize) -> Vec<f64> {
    let degrees = super::degrees::out_degrees(graph, n_threads);
    degrees
        .into_iter()
        .map(|degree| if degree == 0 { 0.0 } else { 1.0 / f64::from(degree) })
        .collect()
}

fn start(n: usize, source: Option<u32>) -> Vec<f64> {
    match source {
        None => vec![1.0; n],
        Some(source) => {
            let mut ranks = vec![0.0; n];
            ranks[source as usize] = 1.0;
            ranks
        }
    }
}

/// Ranks that are all zero stay so, as 0 / 0 would help nobody.
fn normalize(ranks: &mut [f64], is_personalized: bool) {
    let sum: f64 = ranks.iter().sum();
    if sum > 0.0 {
        let factor = if is_personalized { 1.0 } else { ranks.len() as f64 } / sum;
        ranks.iter_mut().for_each(|rank| *rank *= factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;

    fn graph(n: usize, edges: &[[u32; 2]]) -> Graph {
        Graph::new(n, vec![edges.to_vec()]).unwrap()
    }

    fn close(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-12, "{actual} {expected}");
        }
    }

    #[test]
    fn two_steps_by_hand() {
        // 0 → 1, 0 → 1, 0 → 2, 1 → 2; 2 loses what it has. With reset 0.1:
        // step 1: r0 = .1, r1 = .1 + .9·2/3 = .7, r2 = .1 + .9·(1/3 + 1) = 1.3
        // step 2: r0 = .1, r1 = .1 + .9·2/3·.1 = .16, r2 = .1 + .9·(.1/3 + .7) = .76; sum 1.02
        let graph = graph(3, &[[0, 1], [0, 1], [0, 2], [1, 2]]);
        let ranks = page_rank(&graph, 0.1, None, 2, &Unwatched(2)).unwrap();
        close(&ranks, &[0.1 * 3.0 / 1.02, 0.16 * 3.0 / 1.02, 0.76 * 3.0 / 1.02]);
    }

    #[test]
    fn personalized_ranks_add_up_to_one() {
        // 0 ⇄ 1, 2 → 0. From 0 with reset 0.5: (1, 0, 0) → (.5, .5, 0) → (.75, .25, 0).
        let graph = graph(3, &[[0, 1], [1, 0], [2, 0]]);
        let ranks = page_rank(&graph, 0.5, Some(0), 2, &Unwatched(1)).unwrap();
        close(&ranks, &[0.75, 0.25, 0.0]);
        let many = parallel_personalized_page_rank(&graph, 0.5, &[0, 2], 2, &Unwatched(2)).unwrap();
        close(&many[0], &[0.75, 0.25, 0.0]);
        // (0, 0, 1) → (.5, 0, .5) → (.25, .25, .5).
        close(&many[1], &[0.25, 0.25, 0.5]);
    }

    #[test]
    fn changes_below_the_tolerance_are_not_passed_on() {
        // A circle: everybody is alike.
        let circle = graph(3, &[[0, 1], [1, 2], [2, 0]]);
        close(
            &page_rank_until(&circle, 0.15, None, 1e-6, &Unwatched(2)).unwrap(),
            &[1.0, 1.0, 1.0],
        );
        // 0 → 1 with tolerance 1: nobody sends, all have the reset probability.
        let pair = graph(2, &[[0, 1]]);
        close(&page_rank_until(&pair, 0.15, None, 1.0, &Unwatched(1)).unwrap(), &[1.0, 1.0]);
        // With tolerance 0: r0 = .15, r1 = .15 + .85 · .15.
        let sum = 0.15 + 0.2775;
        let expected = [0.15 * 2.0 / sum, 0.2775 * 2.0 / sum];
        close(&page_rank_until(&pair, 0.15, None, 0.0, &Unwatched(1)).unwrap(), &expected);
        // Personalised: the source has 1 and sends; without a way back it keeps it.
        close(
            &page_rank_until(&pair, 0.15, Some(0), 0.01, &Unwatched(1)).unwrap(),
            &[1.0 / 1.85, 0.85 / 1.85],
        );
    }
}

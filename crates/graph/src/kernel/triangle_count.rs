//! Triangles through every vertex, exactly.
//!
//! Vertices are numbered anew by degree and every edge points to the end of higher degree, so that no row is longer than
//! √(2m); a triangle is found once, at its lowest vertex, by looking up its neighbours' neighbours in a bitmap of its own
//! (Chiba and Nishizeki 1985; "forward" in Latapy, "Main-memory triangle computations", 2008).

use std::ops::Range;

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Adjacency, Graph};
use crate::threads;

/// For every vertex the number of triangles that it is part of. Directions, parallel edges and self-loops do not count.
///
/// Time O(m^1.5) at worst, memory 4 bytes an edge, 16 bytes a vertex and 9 more a thread.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn triangle_count(graph: &Graph, watch: &dyn Watch) -> Result<Vec<u64>> {
    let n_threads = watch.n_threads();
    let n = graph.len();
    let ranks = ranks_by_degree(graph, n_threads);
    let rows = Adjacency::from_entries(
        n,
        graph.edges(),
        &|[a, b]| {
            let (a, b) = (ranks[a as usize], ranks[b as usize]);
            [(a != b).then(|| [a.min(b), a.max(b)]), None]
        },
        n_threads,
    )?;
    watch.check()?;
    let rows = rows.without_repeats(n_threads);
    watch.check()?;
    let ranges = parts(&rows, n_threads);
    let n_parts = ranges.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let counts = threads::fold_parts(
        n_threads,
        ranges,
        || Finder::new(n),
        |finder, range| {
            if watch.check().is_ok() {
                range.for_each(|vertex| finder.at(&rows, vertex as u32));
                watch
                    .progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, n_parts);
            }
        },
    );
    watch.check()?;
    let sum = |rank: u32| counts.iter().map(|finder| finder.counts[rank as usize]).sum();
    Ok(ranks.into_iter().map(sum).collect())
}

/// The place of every vertex by degree; equal degrees by number. Counting sort.
fn ranks_by_degree(graph: &Graph, n_threads: usize) -> Vec<u32> {
    let degrees = super::degrees::degrees(graph, n_threads);
    let highest = degrees.iter().copied().max().unwrap_or(0) as usize;
    let mut starts = vec![0u32; highest + 2];
    degrees.iter().for_each(|degree| starts[*degree as usize + 1] += 1);
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    degrees
        .into_iter()
        .map(|degree| {
            let place = &mut starts[degree as usize];
            *place += 1;
            *place - 1
        })
        .collect()
}

/// Ranges of vertices; those with long rows are where the work is, and they come last: smaller ranges towards the end.
fn parts(rows: &Adjacency, n_threads: usize) -> Vec<Range<usize>> {
    rows.balanced(n_threads * 64)
}

struct Finder {
    is_near: Vec<u64>,
    found: Vec<u32>,
    counts: Vec<u64>,
}

impl Finder {
    fn new(n: usize) -> Self {
        Self { is_near: vec![0; n.div_ceil(64)], found: Vec::new(), counts: vec![0; n] }
    }

    fn at(&mut self, rows: &Adjacency, vertex: u32) {
        let near = rows.row(vertex);
        if near.len() < 2 {
            return;
        }
        for other in near {
            self.is_near[*other as usize / 64] |= 1 << (other % 64);
        }
        let mut total = 0;
        for other in near {
            let far = rows.row(*other);
            if self.found.len() < far.len() {
                self.found.resize(far.len(), 0);
            }
            // Hits are written down without a branch: whether the next is one cannot be foretold.
            let mut n_found = 0;
            for third in far {
                self.found[n_found] = *third;
                n_found += (self.is_near[*third as usize / 64] >> (third % 64) & 1) as usize;
            }
            self.found[..n_found].iter().for_each(|third| self.counts[*third as usize] += 1);
            self.counts[*other as usize] += n_found as u64;
            total += n_found as u64;
        }
        self.counts[vertex as usize] += total;
        for other in near {
            self.is_near[*other as usize / 64] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    fn triangles(n: usize, edges: &[[u32; 2]]) -> Vec<u64> {
        triangle_count(&Graph::new(n, vec![edges.to_vec()]).unwrap(), &Unwatched(2)).unwrap()
    }

    #[test]
    fn small_graphs() {
        assert_eq!(triangles(3, &[[0, 1], [1, 2], [2, 0]]), [1, 1, 1]);
        assert_eq!(triangles(4, &[[0, 1], [1, 2], [2, 3]]), [0, 0, 0, 0]);
        // Two triangles that share vertex 0; edges back and forth, repeated, and loops.
        let edges = [[0, 1], [1, 2], [2, 0], [0, 2], [2, 0], [3, 0], [4, 3], [0, 4], [4, 4]];
        assert_eq!(triangles(5, &edges), [2, 1, 1, 1, 1]);
        assert_eq!(triangles(0, &[]), [0u64; 0]);
    }

    #[test]
    fn complete_graphs_have_all() {
        let n = 100u64;
        let edges: Vec<[u32; 2]> =
            (0..n as u32).flat_map(|a| (0..a).map(move |b| [a, b])).collect();
        assert_eq!(triangles(n as usize, &edges), vec![(n - 1) * (n - 2) / 2; n as usize]);
    }

    #[test]
    fn as_many_as_by_trying_all() {
        let n = 60u32;
        let edges = random_edges(n, 300, 2);
        let is_edge =
            |a: u32, b: u32| a != b && edges.iter().any(|edge| *edge == [a, b] || *edge == [b, a]);
        let mut expected = vec![0; n as usize];
        for a in 0..n {
            for b in 0..a {
                for c in 0..b {
                    if is_edge(a, b) && is_edge(b, c) && is_edge(a, c) {
                        [a, b, c].iter().for_each(|v| expected[*v as usize] += 1);
                    }
                }
            }
        }
        assert!(expected.iter().sum::<u64>() > 100);
        assert_eq!(triangles(n as usize, &edges), expected);
    }
}

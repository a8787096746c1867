//! Sketches of who can be reached in so many steps.
//!
//! The rounds of HyperANF (Boldi, Rosa and Vigna 2011) over any sketch of sets, with GraphFrames' rule: the sketch of hop k
//! is the union of the neighbours' sketches of hop k − 1, not of one's own.

use std::ops::Range;

use firesteel_common::Result;

use super::watch::Watch;
use crate::csr::{Direction, Graph};
use crate::threads;

/// A set of which only an estimate is kept.
pub trait Sketch: Clone + Send + Sync {
    /// Adds what the other has.
    ///
    /// # Errors
    /// If the two cannot be united.
    fn unite(&mut self, other: &Self) -> Result<()>;
}

/// For hops 0 to `n_hops`, the sketch of every vertex with an edge out of it; `None` for other vertices, and where no
/// neighbour has a sketch. `own` makes the sketch of a vertex alone.
///
/// Time O(n_hops · m) unions, memory n_hops + 1 sketches a vertex.
///
/// # Errors
/// What `own` or a union fails with; `OPERATION_CANCELED`.
pub fn hyper_anf<S: Sketch>(
    graph: &Graph,
    n_hops: usize,
    own: &(dyn Fn(u32) -> Result<S> + Sync),
    watch: &dyn Watch,
) -> Result<Vec<Vec<Option<S>>>> {
    let n_threads = watch.n_threads();
    let out = graph.adjacency(Direction::Out, n_threads)?;
    let ranges = out.balanced(n_threads * 16);
    let mut hops: Vec<Vec<Option<S>>> = Vec::with_capacity(n_hops + 1);
    for hop in 0..=n_hops {
        watch.check()?;
        let mut sketches: Vec<Option<S>> = vec![None; graph.len()];
        let last = hops.last();
        let of_vertex = |vertex: usize| -> Result<Option<S>> {
            let row = out.row(vertex as u32);
            let Some(last) = last else {
                return if row.is_empty() { Ok(None) } else { own(vertex as u32).map(Some) };
            };
            let mut sketches = row.iter().filter_map(|other| last[*other as usize].as_ref());
            let Some(mut union) = sketches.next().cloned() else { return Ok(None) };
            for sketch in sketches {
                union.unite(sketch)?;
            }
            Ok(Some(union))
        };
        let parts = ranges.iter().zip(threads::cut(&mut sketches, &ranges)).collect();
        let results = threads::fold_parts(
            n_threads,
            parts,
            || Ok(()),
            |result: &mut Result<()>, (range, sketches): (&Range<usize>, &mut [Option<S>])| {
                for (vertex, sketch) in range.clone().zip(sketches) {
                    if result.is_ok() {
                        *result = of_vertex(vertex).map(|found| *sketch = found);
                    }
                }
            },
        );
        results.into_iter().collect::<Result<()>>()?;
        hops.push(sketches);
        watch.progress(hop + 1, n_hops + 1);
    }
    Ok(hops)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::kernel::Unwatched;

    impl Sketch for BTreeSet<u32> {
        fn unite(&mut self, other: &Self) -> Result<()> {
            self.extend(other);
            Ok(())
        }
    }

    fn sizes(n: usize, edges: &[[u32; 2]], vertex: usize) -> Vec<Option<usize>> {
        let graph = Graph::new(n, vec![edges.to_vec()]).unwrap();
        let hops =
            hyper_anf(&graph, 3, &|vertex| Ok(BTreeSet::from([vertex])), &Unwatched(2)).unwrap();
        hops.iter().map(|hop| hop[vertex].as_ref().map(BTreeSet::len)).collect()
    }

    #[test]
    fn hops_by_hand() {
        let edges = [[1, 2], [1, 3], [2, 4], [3, 4], [4, 5], [5, 1]];
        let expected = [[2, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 2], [1, 2, 1]];
        for (vertex, expected) in (1..=5).zip(expected) {
            let found: Vec<usize> = sizes(6, &edges, vertex).into_iter().flatten().collect();
            assert_eq!(found[1..], expected, "{vertex}");
            assert_eq!(found[0], 1);
        }
        // Who has no edge out has no sketch, and counts for nobody.
        assert_eq!(sizes(3, &[[0, 1]], 0), [Some(1), None, None, None]);
        assert_eq!(sizes(3, &[[0, 1]], 1), [None; 4]);
    }
}

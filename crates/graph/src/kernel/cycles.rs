//! All simple cycles.
//!
//! Johnson's algorithm (1975): from every vertex as the smallest of its cycles, depth first through larger vertices of its
//! strongly connected component, with vertices blocked that are known to lead nowhere. GraphFrames runs Rocha and Thatte's
//! (2015), which finds the same cycles by messages.

use firesteel_common::Result;

use super::strongly_connected::strongly_connected_components;
use super::watch::Watch;
use crate::csr::{Adjacency, Graph};

/// Steps between two looks at the flag of interruption.
const STEPS: usize = 1 << 14;

/// Hands every simple cycle to `take`, once: its vertices from the smallest on, which is there again at the end. Directed;
/// parallel edges count once; a self-loop is a cycle of one vertex. Cycles come by their smallest vertex.
///
/// Time O((n + m)(c + 1)) for `c` cycles, of which there may be exponentially many. Memory 12 bytes an edge, some more a
/// vertex.
///
/// # Errors
/// What `take` fails with; `OPERATION_CANCELED`.
pub fn cycles(
    graph: &Graph,
    watch: &dyn Watch,
    take: &mut dyn FnMut(&[u32]) -> Result<()>,
) -> Result<()> {
    let components = strongly_connected_components(graph, usize::MAX, watch)?;
    let within = |[a, b]: [u32; 2]| {
        [(components[a as usize] == components[b as usize]).then_some([a, b]), None]
    };
    let rows = Adjacency::from_entries(graph.len(), graph.edges(), &within, watch.n_threads())?;
    let rows = rows.without_repeats(watch.n_threads());
    let mut search = Search {
        rows: &rows,
        is_blocked: vec![false; graph.len()],
        waits: vec![Vec::new(); graph.len()],
        touched: Vec::new(),
        steps: 0,
    };
    for start in 0..graph.len() as u32 {
        search.from(start, watch, take)?;
        if start % (1 << 12) == 0 {
            watch.progress(start as usize, graph.len());
        }
    }
    Ok(())
}

struct Search<'a> {
    rows: &'a Adjacency,
    is_blocked: Vec<bool>,
    /// Who is to be unblocked together with a vertex.
    waits: Vec<Vec<u32>>,
    touched: Vec<u32>,
    steps: usize,
}

impl Search<'_> {
    fn from(
        &mut self,
        start: u32,
        watch: &dyn Watch,
        take: &mut dyn FnMut(&[u32]) -> Result<()>,
    ) -> Result<()> {
        let mut path = vec![start];
        // Per vertex of the path: place in its row, whether a cycle was found beyond it.
        let mut frames = vec![(0usize, false)];
        self.block(start);
        while let (Some(vertex), Some((place, has_found))) =
            (path.last().copied(), frames.last_mut())
        {
            self.steps += 1;
            if self.steps.is_multiple_of(STEPS) {
                watch.check()?;
            }
            let row = self.rows.row(vertex);
            if let Some(target) = row.get(*place).copied() {
                *place += 1;
                if target == start {
                    *has_found = true;
                    path.push(start);
                    take(&path)?;
                    path.pop();
                } else if target > start && !self.is_blocked[target as usize] {
                    self.block(target);
                    path.push(target);
                    frames.push((0, false));
                }
                continue;
            }
            let has_found = *has_found;
            path.pop();
            frames.pop();
            if has_found {
                self.unblock(vertex);
                if let Some((_, above)) = frames.last_mut() {
                    *above = true;
                }
            } else {
                for target in row.iter().filter(|target| **target > start) {
                    let waits = &mut self.waits[*target as usize];
                    if !waits.contains(&vertex) {
                        waits.push(vertex);
                    }
                    self.touched.push(*target);
                }
            }
        }
        for vertex in std::mem::take(&mut self.touched) {
            self.is_blocked[vertex as usize] = false;
            self.waits[vertex as usize].clear();
        }
        Ok(())
    }

    fn block(&mut self, vertex: u32) {
        self.is_blocked[vertex as usize] = true;
        self.touched.push(vertex);
    }

    fn unblock(&mut self, vertex: u32) {
        let mut stack = vec![vertex];
        while let Some(vertex) = stack.pop() {
            self.is_blocked[vertex as usize] = false;
            let freed = std::mem::take(&mut self.waits[vertex as usize]);
            stack.extend(freed.into_iter().filter(|waiting| self.is_blocked[*waiting as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    fn all(n: usize, edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        let graph = Graph::new(n, vec![edges.to_vec()]).unwrap();
        cycles(&graph, &Unwatched(2), &mut |cycle| {
            found.push(cycle.to_vec());
            Ok(())
        })
        .unwrap();
        found.sort();
        found
    }

    #[test]
    fn small_graphs() {
        assert_eq!(all(6, &[[1, 2], [2, 3], [3, 1], [1, 4], [2, 5]]), [vec![1, 2, 3, 1]]);
        let edges = [[1, 2], [2, 1], [1, 3], [3, 1], [2, 5], [5, 1]];
        assert_eq!(all(6, &edges), [vec![1, 2, 1], vec![1, 2, 5, 1], vec![1, 3, 1]]);
        assert_eq!(all(2, &[[0, 0], [0, 1], [0, 1], [1, 0]]), [vec![0, 0], vec![0, 1, 0]]);
        assert_eq!(all(3, &[[0, 1], [1, 2]]), Vec::<Vec<u32>>::new());
    }

    #[test]
    fn complete_graphs_have_all_circles() {
        // K5: 10 pairs, 20 circles of three, 30 of four, 24 of five.
        let edges: Vec<[u32; 2]> =
            (0..5).flat_map(|a| (0..5).map(move |b| [a, b])).filter(|[a, b]| a != b).collect();
        assert_eq!(all(5, &edges).len(), 84);
    }

    #[test]
    fn as_many_as_by_trying_all() {
        for seed in 0..10 {
            let edges = random_edges(14, 30, seed);
            let mut expected = Vec::new();
            for start in 0..14 {
                let mut paths = vec![vec![start]];
                while let Some(path) = paths.pop() {
                    let mut targets: Vec<u32> = edges
                        .iter()
                        .filter(|[a, _]| *a == path[path.len() - 1])
                        .map(|[_, b]| *b)
                        .collect();
                    targets.sort_unstable();
                    targets.dedup();
                    for target in targets {
                        let longer = [path.as_slice(), &[target]].concat();
                        if target == start {
                            expected.push(longer);
                        } else if target > start && !path.contains(&target) {
                            paths.push(longer);
                        }
                    }
                }
            }
            expected.sort();
            assert_eq!(all(14, &edges), expected, "{seed}");
        }
    }
}

//! Strongly connected components.
//!
//! The component of a vertex with many edges is found by two searches, forward and backward, on all threads; the rest by
//! Tarjan's algorithm (1972, in Pearce's form of 2016, without recursion). GraphX instead runs rounds of colouring (Orzan
//! 2004), and when its rounds are used up, vertices keep their own ids: that is replayed on the graph of components.

use firesteel_common::Result;

use super::NONE;
use super::search::levels;
use super::watch::Watch;
use crate::csr::{Adjacency, Direction, Graph};

/// For every vertex the smallest vertex of its strongly connected component, as far as `n_rounds` rounds of GraphX's
/// algorithm find it; other vertices are their own.
///
/// A round takes away what has no edges in or no edges out until nothing of the kind is left, and all but the last then
/// colour every vertex by the smallest that reaches it; the components of vertices with their own colour are found.
///
/// Time O(n + m), and O(n + m) a round that is needed. Memory 20 bytes a vertex, and the adjacency both `Out` and `In`.
///
/// # Errors
/// `OPERATION_CANCELED`.
pub fn strongly_connected_components(
    graph: &Graph,
    n_rounds: usize,
    watch: &dyn Watch,
) -> Result<Vec<u32>> {
    let n = graph.len();
    let found = components(graph, watch)?;
    let mut smallest = vec![NONE; found.n];
    for (vertex, component) in found.of.iter().enumerate() {
        // Vertices ascend: the first is the smallest.
        let first = &mut smallest[*component as usize];
        *first = (*first).min(vertex as u32);
    }
    let is_found = if found.n == 1 && n_rounds > 1 {
        vec![true]
    } else {
        rounds(graph, &found, &smallest, n_rounds, watch)?
    };
    let label = |(vertex, component): (usize, &u32)| {
        if is_found[*component as usize] { smallest[*component as usize] } else { vertex as u32 }
    };
    debug_assert_eq!(found.of.len(), n);
    Ok(found.of.iter().enumerate().map(label).collect())
}

/// Components of all vertices, numbered so that edges between components lead from higher numbers to lower ones, except
/// for the component `first` that was found by searching.
struct Components {
    of: Vec<u32>,
    n: usize,
}

fn components(graph: &Graph, watch: &dyn Watch) -> Result<Components> {
    let n_threads = watch.n_threads();
    let out = graph.adjacency(Direction::Out, n_threads)?;
    let into = graph.adjacency(Direction::In, n_threads)?;
    let weight = |vertex: u32| u64::from(out.degree(vertex)) * u64::from(into.degree(vertex));
    let pivot = (0..graph.len() as u32)
        .max_by_key(|vertex| weight(*vertex))
        .filter(|vertex| weight(*vertex) > 1);
    let mut of = vec![NONE; graph.len()];
    let mut n = 0;
    if let Some(pivot) = pivot {
        let forward = levels(graph, &[pivot], Direction::Out, NONE - 1, watch)?;
        let backward = levels(graph, &[pivot], Direction::In, NONE - 1, watch)?;
        for ((component, forward), backward) in of.iter_mut().zip(&forward).zip(&backward) {
            if *forward != NONE && *backward != NONE {
                *component = 0;
            }
        }
        n = 1;
    }
    tarjan(&out, &mut of, &mut n, watch)?;
    Ok(Components { of, n })
}

/// Pearce's form of Tarjan's algorithm over the vertices that have no component yet.
fn tarjan(out: &Adjacency, of: &mut [u32], n: &mut usize, watch: &dyn Watch) -> Result<()> {
    // Lowest visit number that a vertex reaches; 0: not visited. Numbers start at 1.
    let mut low = vec![0u32; of.len()];
    let mut visit = 0;
    let mut waiting: Vec<u32> = Vec::new();
    // Vertex, place in its row, its own visit number.
    let mut path: Vec<(u32, u32, u32)> = Vec::new();
    for start in 0..of.len() as u32 {
        if start % (1 << 16) == 0 {
            watch.check()?;
        }
        if of[start as usize] != NONE || low[start as usize] != 0 {
            continue;
        }
        visit += 1;
        low[start as usize] = visit;
        path.push((start, 0, visit));
        while let Some((vertex, place, own)) = path.last_mut() {
            let row = out.row(*vertex);
            let at = *vertex as usize;
            let mut child = None;
            while let Some(target) = row.get(*place as usize) {
                let seen = low[*target as usize];
                if of[*target as usize] != NONE {
                    *place += 1;
                } else if seen == 0 {
                    child = Some(*target);
                    break;
                } else {
                    low[at] = low[at].min(seen);
                    *place += 1;
                }
            }
            if let Some(child) = child {
                visit += 1;
                low[child as usize] = visit;
                path.push((child, 0, visit));
                continue;
            }
            let (vertex, own) = (*vertex, *own);
            path.pop();
            if low[at] == own {
                // The root of a component: what waits since it was visited belongs to it.
                while let Some(member) =
                    waiting.last().copied().filter(|member| low[*member as usize] >= own)
                {
                    of[member as usize] = *n as u32;
                    waiting.pop();
                }
                of[at] = *n as u32;
                *n += 1;
            } else {
                waiting.push(vertex);
            }
        }
    }
    Ok(())
}

/// Which components GraphX finds in so many rounds.
fn rounds(
    graph: &Graph,
    found: &Components,
    smallest: &[u32],
    n_rounds: usize,
    watch: &dyn Watch,
) -> Result<Vec<bool>> {
    let n = found.n;
    let mut size = vec![0u32; n];
    found.of.iter().for_each(|component| size[*component as usize] += 1);
    let mut is_found = vec![false; n];
    // Edges between components, and components that hold a cycle: these are never without edges in or out.
    let mut between: Vec<[u32; 2]> = Vec::new();
    let mut has_cycle: Vec<bool> = size.iter().map(|size| *size > 1).collect();
    let mut n_large = has_cycle.iter().filter(|is_large| **is_large).count();
    if n_large == 0 {
        return Ok(is_found);
    }
    for [source, target] in graph.edges().iter().flatten() {
        let (a, b) = (found.of[*source as usize], found.of[*target as usize]);
        if a != b {
            between.push([a, b]);
        } else if source == target {
            has_cycle[a as usize] = true;
        }
    }
    let order = topological(n, &between)?;
    let mut is_left = vec![true; n];
    for round in 0..n_rounds {
        watch.check()?;
        trim(n, &between, &has_cycle, &mut is_left)?;
        if round + 1 == n_rounds || n_large == 0 {
            break;
        }
        between.retain(|[a, b]| is_left[*a as usize] && is_left[*b as usize]);
        let out = Adjacency::new(n, &[std::mem::take(&mut between)], Direction::Out, 1)?;
        let mut color = smallest.to_vec();
        for component in &order {
            if is_left[*component as usize] {
                let own = color[*component as usize];
                for target in out.row(*component) {
                    color[*target as usize] = color[*target as usize].min(own);
                }
            }
        }
        for component in 0..n {
            if is_left[component] && color[component] == smallest[component] {
                is_found[component] = true;
                is_left[component] = false;
                n_large -= usize::from(size[component] > 1);
            }
        }
        for source in 0..n as u32 {
            between.extend(out.row(source).iter().map(|target| [source, *target]));
        }
        between.retain(|[a, b]| is_left[*a as usize] && is_left[*b as usize]);
        watch.progress(round + 1, n_rounds);
    }
    Ok(is_found)
}

/// Takes away single vertices without edges in or without edges out, again and again.
fn trim(n: usize, between: &[[u32; 2]], has_cycle: &[bool], is_left: &mut [bool]) -> Result<()> {
    for direction in [Direction::Out, Direction::In] {
        let mut degrees = vec![0u32; n];
        let live = |edge: &&[u32; 2], is_left: &[bool]| {
            is_left[edge[0] as usize] && is_left[edge[1] as usize]
        };
        for [a, b] in between.iter().filter(|edge| live(edge, is_left)) {
            degrees[if direction == Direction::Out { *b } else { *a } as usize] += 1;
        }
        let rows = Adjacency::new(n, &[between.to_vec()], direction, 1)?;
        let mut stack: Vec<u32> = (0..n as u32)
            .filter(|c| {
                is_left[*c as usize] && !has_cycle[*c as usize] && degrees[*c as usize] == 0
            })
            .collect();
        while let Some(component) = stack.pop() {
            is_left[component as usize] = false;
            for other in rows.row(component) {
                let at = *other as usize;
                if is_left[at] {
                    degrees[at] -= 1;
                    if degrees[at] == 0 && !has_cycle[at] {
                        stack.push(*other);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Components in an order in which edges lead forward.
fn topological(n: usize, between: &[[u32; 2]]) -> Result<Vec<u32>> {
    let rows = Adjacency::new(n, &[between.to_vec()], Direction::Out, 1)?;
    let mut degrees = vec![0u32; n];
    between.iter().for_each(|[_, target]| degrees[*target as usize] += 1);
    let mut order: Vec<u32> =
        (0..n as u32).filter(|component| degrees[*component as usize] == 0).collect();
    let mut at = 0;
    while let Some(component) = order.get(at).copied() {
        for target in rows.row(component) {
            degrees[*target as usize] -= 1;
            if degrees[*target as usize] == 0 {
                order.push(*target);
            }
        }
        at += 1;
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Unwatched;
    use crate::kernel::random_edges::random_edges;

    fn components_of(n: usize, edges: &[[u32; 2]], n_rounds: usize) -> Vec<u32> {
        let graph = Graph::new(n, vec![edges.to_vec()]).unwrap();
        strongly_connected_components(&graph, n_rounds, &Unwatched(2)).unwrap()
    }

    #[test]
    fn cycles_are_components() {
        assert_eq!(components_of(5, &[], 3), [0, 1, 2, 3, 4]);
        assert_eq!(components_of(3, &[[0, 1], [1, 2], [2, 0]], 5), [0, 0, 0]);
        // Two cycles 1-2 and 3-4-5, an edge between them, a tail and a head.
        let edges = [[0, 1], [1, 2], [2, 1], [2, 3], [3, 4], [4, 5], [5, 3], [5, 6]];
        assert_eq!(components_of(7, &edges, 5), [0, 1, 1, 3, 3, 3, 6]);
        // One round only takes away; the second colours: the cycle behind has the colour of the one before, so it waits.
        assert_eq!(components_of(7, &edges, 1), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(components_of(7, &edges, 2), [0, 1, 1, 3, 4, 5, 6]);
        assert_eq!(components_of(7, &edges, 3), [0, 1, 1, 3, 3, 3, 6]);
        // If the smaller ids are behind, one colouring finds both.
        let back = [[3, 4], [4, 3], [4, 1], [1, 2], [2, 1]];
        assert_eq!(components_of(5, &back, 2), [0, 1, 1, 3, 3]);
    }

    #[test]
    fn the_same_as_by_reaching_each_other() {
        let n = 120u32;
        for seed in 1..30 {
            let edges = random_edges(n, 180, seed);
            let mut reaches = vec![vec![false; n as usize]; n as usize];
            for start in 0..n as usize {
                let mut stack = vec![start as u32];
                reaches[start][start] = true;
                while let Some(vertex) = stack.pop() {
                    for [a, b] in &edges {
                        if *a == vertex && !reaches[start][*b as usize] {
                            reaches[start][*b as usize] = true;
                            stack.push(*b);
                        }
                    }
                }
            }
            let expected: Vec<u32> = (0..n as usize)
                .map(|v| (0..n as usize).find(|u| reaches[v][*u] && reaches[*u][v]).unwrap() as u32)
                .collect();
            assert_eq!(components_of(n as usize, &edges, 1000), expected, "{seed}");
        }
    }
}

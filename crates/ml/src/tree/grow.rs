//! Trains the trees of a forest together, in groups of nodes that Spark would split in one pass: random numbers
//! are drawn in its order, so that a seed gives its trees.

use super::best_split::{Candidate, Described, Histogram, NodeRows};
use super::bins::{Bins, Code};
use super::feature_subset;
use super::layout::Layout;
use super::node::{Inner, Node, Tree};
use super::scala_order::map_order;
use super::split::{Categories, Split};
use super::tasks;
use crate::error;
use crate::job::Job;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;
use parking_lot::Mutex;

/// Rows from which a node's features are shared among threads.
const LARGE_NODE_ROWS: usize = 4096;

/// What trees are grown from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub bins: &'a Bins,
    pub labels: &'a [f64],
    /// None: all rows weigh 1.
    pub weights: Option<&'a [f64]>,
    /// How often each row counts, by tree; none: once.
    pub counts: Option<&'a [Vec<u8>]>,
}

/// A node that is being trained.
#[derive(Debug)]
struct Growing {
    tree: u32,
    /// 1 is the root; children of n are 2n and 2n + 1.
    id: u32,
    rows: Vec<u32>,
    /// Known from the parent's split, but of the root.
    described: Option<Described>,
    /// Whether some split was allowed, or none was looked for.
    is_valid: bool,
    inner: Option<(f64, Split, usize, usize)>,
}

impl Growing {
    fn level(&self) -> usize {
        self.id.ilog2() as usize
    }
}

/// # Errors
/// Spark's: trees too deep; `OPERATION_CANCELED`.
pub(super) fn grow(
    sample: Sample<'_>,
    layout: &Layout,
    thresholds: &[Vec<f64>],
    seed: i64,
    job: &dyn Job,
) -> Result<Vec<Tree>> {
    match sample.bins {
        Bins::Small(columns) => Grower { columns, sample, layout, thresholds, job }.run(seed),
        Bins::Middle(columns) => Grower { columns, sample, layout, thresholds, job }.run(seed),
        Bins::Large(columns) => Grower { columns, sample, layout, thresholds, job }.run(seed),
    }
}

struct Grower<'a, C> {
    columns: &'a [Vec<C>],
    sample: Sample<'a>,
    layout: &'a Layout,
    thresholds: &'a [Vec<f64>],
    job: &'a dyn Job,
}

/// A node of the group at hand with the features that it may be split by.
struct Chosen {
    node: usize,
    features: Vec<u32>,
}

impl<C: Code> Grower<'_, C> {
    fn run(&self, seed: i64) -> Result<Vec<Tree>> {
        let layout = self.layout;
        if layout.growth.max_depth > 30 {
            return Err(error::requirement(format!(
                "DecisionTree currently only supports maxDepth <= 30, but was given maxDepth = {}.",
                layout.growth.max_depth
            )));
        }
        let n_trees = layout.growth.n_trees;
        let mut nodes: Vec<Growing> = (0..n_trees as u32).map(|tree| self.root(tree)).collect();
        let mut stack: Vec<usize> = (0..n_trees).collect();
        let mut random = JavaRandom::new(seed);
        let subsets = self.subsets();
        let mut n_done = 0;
        while !stack.is_empty() {
            let group = self.choose(&mut stack, &mut random);
            let found = self.split(&nodes, &group, &subsets)?;
            let parts = self.part(&mut nodes, &group, &found)?;
            n_done += group.len();
            self.job.progress(n_done, n_done + stack.len());
            self.apply(&mut nodes, &mut stack, group, found, parts);
        }
        Ok((0..n_trees).map(|root| finished(layout, &nodes, root)).collect())
    }

    fn root(&self, tree: u32) -> Growing {
        let all = 0..self.sample.labels.len() as u32;
        let rows = match self.sample.counts {
            Some(counts) => {
                let counts = &counts[tree as usize];
                all.filter(|row| counts[*row as usize] > 0).collect()
            }
            None => all.collect(),
        };
        Growing { tree, id: 1, rows, described: None, is_valid: true, inner: None }
    }

    /// Subsets of categories of each unordered feature, one per split.
    fn subsets(&self) -> Vec<Vec<Categories>> {
        let layout = self.layout;
        let of = |feature: usize| match layout.arity[feature] {
            Some(arity) if layout.is_unordered[feature] => (1..=layout.n_splits(feature))
                .map(|bits| {
                    let chosen: Vec<u32> =
                        (0..arity as u32).rev().filter(|bit| bits >> bit & 1 == 1).collect();
                    Categories::new(&chosen, arity)
                })
                .collect(),
            _ => Vec::new(),
        };
        (0..layout.n_features).map(of).collect()
    }

    /// Nodes from the top of the stack whose statistics Spark would hold in memory together.
    fn choose(&self, stack: &mut Vec<usize>, random: &mut JavaRandom) -> Vec<Chosen> {
        let layout = self.layout;
        let mut group = Vec::new();
        let mut bytes = 0;
        while let Some(node) = stack.last().copied() {
            let subset = layout.takes_subsets().then(|| {
                feature_subset::draw(
                    layout.n_features,
                    layout.n_features_per_node,
                    random.next_long(),
                )
            });
            let own_bytes = layout.node_bytes(subset.as_deref());
            if bytes != 0 && bytes + own_bytes > layout.growth.memory_max {
                break;
            }
            stack.pop();
            bytes += own_bytes;
            let mut features = subset.unwrap_or_else(|| (0..layout.n_features as u32).collect());
            features.retain(|feature| layout.n_splits(*feature as usize) > 0);
            group.push(Chosen { node, features });
        }
        group
    }

    fn rows_of<'b>(&'b self, node: &'b Growing) -> NodeRows<'b> {
        NodeRows {
            rows: &node.rows,
            labels: self.sample.labels,
            weights: self.sample.weights,
            counts: self.sample.counts.map(|counts| counts[node.tree as usize].as_slice()),
        }
    }

    /// What describes a root whose features have no splits at all.
    fn described(&self, node: &Growing) -> Described {
        let layout = self.layout;
        let mut histogram = Histogram::default();
        let constant = vec![vec![C::of(0); self.sample.labels.len()]];
        let mut single = layout.clone();
        (single.arity, single.n_bins, single.is_unordered) = (vec![None], vec![1], vec![false]);
        histogram.fill(&single, &constant, &[0], self.rows_of(node));
        histogram.describe(&single)
    }

    /// The best split of each node of the group, with what describes the node.
    fn split(
        &self,
        nodes: &[Growing],
        group: &[Chosen],
        subsets: &[Vec<Categories>],
    ) -> Result<Vec<(Described, Option<Candidate>)>> {
        let layout = self.layout;
        // All splits of a root are measured against the same description.
        let parents: Vec<Mutex<Option<Described>>> =
            group.iter().map(|chosen| Mutex::new(nodes[chosen.node].described.clone())).collect();
        let unknown: Vec<usize> =
            (0..group.len()).filter(|at| nodes[group[*at].node].described.is_none()).collect();
        tasks::run(self.job, unknown.len(), Histogram::default, |histogram, task| {
            let chosen = &group[unknown[task]];
            let node = &nodes[chosen.node];
            let mut parent = None;
            match chosen.features.first() {
                Some(first) => {
                    let first = [*first];
                    histogram.fill(layout, self.columns, &first, self.rows_of(node));
                    histogram.best(layout, &first, 0, subsets, self.thresholds, &mut parent);
                }
                None => parent = Some(self.described(node)),
            }
            *parents[unknown[task]].lock() = parent;
            Ok(())
        })?;
        let parents: Vec<Described> = parents
            .into_iter()
            .map(|parent| {
                let none = || Described::new(layout, vec![0.0; layout.n_stats()], 0.0);
                parent.into_inner().unwrap_or_else(none)
            })
            .collect();

        let mut pieces: Vec<(usize, std::ops::Range<usize>)> = Vec::new();
        for (at, chosen) in group.iter().enumerate() {
            let n = chosen.features.len();
            let n_pieces = if nodes[chosen.node].rows.len() < LARGE_NODE_ROWS {
                1
            } else {
                2 * self.job.n_threads()
            };
            let size = n.div_ceil(n_pieces).max(1);
            pieces.extend((0..n).step_by(size).map(|from| (at, from..(from + size).min(n))));
        }
        let best: Vec<Mutex<Option<Candidate>>> = pieces.iter().map(|_| Mutex::new(None)).collect();
        tasks::run(self.job, pieces.len(), Histogram::default, |histogram, task| {
            let (at, range) = &pieces[task];
            let features = &group[*at].features[range.clone()];
            histogram.fill(layout, self.columns, features, self.rows_of(&nodes[group[*at].node]));
            let mut parent = Some(parents[*at].clone());
            let mut own: Option<Candidate> = None;
            for position in 0..features.len() {
                let found = histogram.best(
                    layout,
                    features,
                    position,
                    subsets,
                    self.thresholds,
                    &mut parent,
                );
                if own.as_ref().is_none_or(|own| found.gain > own.gain) {
                    own = Some(found);
                }
            }
            *best[task].lock() = own;
            Ok(())
        })?;
        let mut found: Vec<(Described, Option<Candidate>)> =
            parents.into_iter().map(|parent| (parent, None)).collect();
        for ((at, _), own) in pieces.into_iter().zip(best) {
            let best = &mut found[at].1;
            if let Some(own) = own.into_inner()
                && best.as_ref().is_none_or(|best| own.gain > best.gain)
            {
                *best = Some(own);
            }
        }
        Ok(found)
    }

    fn is_leaf(&self, node: &Growing, best: Option<&Candidate>) -> bool {
        best.is_none_or(|best| best.gain <= 0.0 || best.sides.is_none())
            || node.level() == self.layout.growth.max_depth
    }

    /// Rows of the children of each node that is split.
    fn part(
        &self,
        nodes: &mut [Growing],
        group: &[Chosen],
        found: &[(Described, Option<Candidate>)],
    ) -> Result<Vec<(Vec<u32>, Vec<u32>)>> {
        let done: Vec<Mutex<(Vec<u32>, Vec<u32>)>> =
            group.iter().map(|_| Mutex::default()).collect();
        let shared: &[Growing] = nodes;
        tasks::run(
            self.job,
            group.len(),
            || (),
            |(), task| {
                let node = &shared[group[task].node];
                let best = found[task].1.as_ref();
                let last_level = node.level() + 1 >= self.layout.growth.max_depth;
                if self.is_leaf(node, best) || last_level {
                    return Ok(());
                }
                if let Some(best) = best {
                    *done[task].lock() = self.sides(&node.rows, &best.split);
                }
                Ok(())
            },
        )?;
        for chosen in group {
            nodes[chosen.node].rows = Vec::new();
        }
        Ok(done.into_iter().map(Mutex::into_inner).collect())
    }

    fn sides(&self, rows: &[u32], split: &Split) -> (Vec<u32>, Vec<u32>) {
        let column = &self.columns[split.feature()];
        match split {
            Split::Continuous { feature, threshold } => {
                let last = self.thresholds[*feature].partition_point(|own| own < threshold);
                rows.iter().partition(|row| column[**row as usize].bin() <= last)
            }
            Split::Categorical { left, .. } => {
                rows.iter().partition(|row| left.contains(column[**row as usize].bin()))
            }
        }
    }

    /// Makes children, and pushes those that are to be split.
    fn apply(
        &self,
        nodes: &mut Vec<Growing>,
        stack: &mut Vec<usize>,
        group: Vec<Chosen>,
        found: Vec<(Described, Option<Candidate>)>,
        parts: Vec<(Vec<u32>, Vec<u32>)>,
    ) {
        let mut trees: Vec<u32> = Vec::new();
        for chosen in &group {
            let tree = nodes[chosen.node].tree;
            if !trees.contains(&tree) {
                trees.push(tree);
            }
        }
        let mut results: Vec<Option<_>> = found.into_iter().zip(parts).map(Some).collect();
        for tree in map_order(&trees) {
            for (at, chosen) in group.iter().enumerate() {
                if nodes[chosen.node].tree != tree {
                    continue;
                }
                let Some(((described, best), (left_rows, right_rows))) = results[at].take() else {
                    continue;
                };
                let node = &mut nodes[chosen.node];
                node.described = Some(described);
                node.is_valid = best.as_ref().is_some_and(|best| best.sides.is_some());
                if self.is_leaf(node, best.as_ref()) {
                    continue;
                }
                let Some(Candidate { gain, split, sides: Some((left, right)) }) = best else {
                    continue;
                };
                let (id, children_level) = (node.id, node.level() + 1);
                let first = nodes.len();
                nodes[chosen.node].inner = Some((gain, split, first, first + 1));
                for (side, (described, rows)) in
                    [(left, left_rows), (right, right_rows)].into_iter().enumerate()
                {
                    let is_leaf =
                        children_level == self.layout.growth.max_depth || described.impurity == 0.0;
                    if !is_leaf {
                        stack.push(first + side);
                    }
                    nodes.push(Growing {
                        tree,
                        id: 2 * id + side as u32,
                        rows: if is_leaf { Vec::new() } else { rows },
                        described: Some(described),
                        is_valid: true,
                        inner: None,
                    });
                }
            }
        }
    }
}

/// The tree below a root, without splits whose sides predict the same.
fn finished(layout: &Layout, nodes: &[Growing], root: usize) -> Tree {
    let mut tree = Tree { nodes: Vec::new() };
    add_node(layout, nodes, root, &mut tree);
    tree
}

fn add_node(layout: &Layout, nodes: &[Growing], at: usize, tree: &mut Tree) {
    let node = &nodes[at];
    let none = || Described::new(layout, vec![0.0; layout.n_stats()], 0.0);
    let described = node.described.clone().unwrap_or_else(none);
    let own = tree.nodes.len();
    tree.nodes.push(Node {
        prediction: layout.growth.impurity.predict(&described.stats),
        // Spark's word for a leaf that no split was allowed for.
        impurity: if node.is_valid { described.impurity } else { -1.0 },
        stats: described.stats,
        n_rows: described.n_rows as i64,
        inner: None,
    });
    let Some((gain, split, left, right)) = &node.inner else { return };
    add_node(layout, nodes, *left, tree);
    let right_at = tree.nodes.len();
    add_node(layout, nodes, *right, tree);
    let is_leaf = |at: usize| tree.nodes[at].inner.is_none();
    if is_leaf(own + 1)
        && is_leaf(right_at)
        && tree.nodes[own + 1].prediction == tree.nodes[right_at].prediction
    {
        tree.nodes[own].prediction = tree.nodes[own + 1].prediction;
        tree.nodes.truncate(own + 1);
        return;
    }
    tree.nodes[own].inner = Some(Inner {
        gain: *gain,
        split: split.clone(),
        left: own as u32 + 1,
        right: right_at as u32,
    });
}

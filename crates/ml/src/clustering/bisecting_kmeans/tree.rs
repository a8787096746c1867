//! The tree of clusters (`ClusteringTreeNode`).

use super::split::{Cluster, ROOT, distance_to};
use crate::clustering::kmeans::closest::Distance;
use crate::data::RowView;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A node; leaves are clusters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Node {
    /// Spark's number: leaves from 0 up, others from -1 down.
    pub index: i32,
    pub n_rows: i64,
    #[serde(with = "crate::wire::doubles")]
    pub center: Vec<f64>,
    pub cost: f64,
    /// Distance to the farther child.
    pub height: f64,
    /// Positions of both children, or none.
    pub children: Vec<usize>,
}

/// Nodes, the root first; children lie behind their parents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tree {
    pub(super) distance: Distance,
    pub(super) nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn of(clusters: &BTreeMap<u64, Cluster>, distance: Distance) -> Self {
        let mut tree = Self { distance, nodes: Vec::new() };
        let (mut leaf, mut inner) = (0, -1);
        tree.grow(clusters, ROOT, &mut leaf, &mut inner);
        tree
    }

    fn grow(
        &mut self,
        clusters: &BTreeMap<u64, Cluster>,
        number: u64,
        leaf: &mut i32,
        inner: &mut i32,
    ) -> Option<usize> {
        let cluster = clusters.get(&number)?;
        let children: Vec<u64> = [2 * number, 2 * number + 1]
            .into_iter()
            .filter(|at| clusters.contains_key(at))
            .collect();
        let next = if children.is_empty() { &mut *leaf } else { &mut *inner };
        let index = *next;
        *next += if children.is_empty() { 1 } else { -1 };
        let farthest = children
            .iter()
            .filter_map(|child| clusters.get(child))
            .map(|child| self.distance.between(&cluster.center, &child.center))
            .fold(0.0, f64::max);
        let at = self.nodes.len();
        self.nodes.push(Node {
            index,
            n_rows: cluster.n_rows,
            center: cluster.center.clone(),
            cost: cluster.cost,
            height: farthest.sqrt(),
            children: Vec::new(),
        });
        let children =
            children.iter().filter_map(|child| self.grow(clusters, *child, leaf, inner)).collect();
        self.nodes[at].children = children;
        Some(at)
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.children.is_empty())
    }

    pub(super) fn n_features(&self) -> usize {
        self.nodes.first().map_or(0, |root| root.center.len())
    }

    /// The cluster of a row and the distance to its centre.
    pub(super) fn predict(&self, row: RowView<'_>) -> (i32, f64) {
        let Some(mut node) = self.nodes.first() else { return (0, 0.0) };
        let mut cost = distance_to(row, &node.center, self.distance);
        while !node.children.is_empty() {
            let mut best = (node, f64::INFINITY);
            for child in node.children.iter().filter_map(|child| self.nodes.get(*child)) {
                let distance = distance_to(row, &child.center, self.distance);
                if distance < best.1 {
                    best = (child, distance);
                }
            }
            if best.1 == f64::INFINITY {
                break;
            }
            (node, cost) = best;
        }
        (node.index, cost)
    }
}

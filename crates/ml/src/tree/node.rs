//! A trained tree: nodes in pre-order, as Spark saves them.

use super::impurity::Impurity;
use super::split::Split;
use crate::linalg::double_text;
use serde::{Deserialize, Serialize};

/// A node of a [`Tree`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    #[serde(with = "super::exact")]
    pub prediction: f64,
    #[serde(with = "super::exact")]
    pub impurity: f64,
    /// Weights of the classes, or weight, sum and sum of squares of the labels.
    #[serde(with = "crate::wire::doubles")]
    pub stats: Vec<f64>,
    /// Rows, not weighted.
    pub n_rows: i64,
    /// None: a leaf.
    pub inner: Option<Inner>,
}

/// What an inner node has more than a leaf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inner {
    #[serde(with = "super::exact")]
    pub gain: f64,
    pub split: Split,
    /// Positions of the children.
    pub left: u32,
    pub right: u32,
}

/// A decision tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// In pre-order; the first is the root.
    pub nodes: Vec<Node>,
}

impl Tree {
    /// Position of the leaf that a row comes to; `value` gives the row's value of a feature.
    #[inline]
    pub fn leaf(&self, value: impl Fn(usize) -> f64) -> usize {
        let mut at = 0;
        while let Some(inner) = &self.nodes[at].inner {
            let goes_left = inner.split.goes_left(value(inner.split.feature()));
            at = if goes_left { inner.left } else { inner.right } as usize;
        }
        at
    }

    /// The node of [`Tree::leaf`].
    pub fn node_of(&self, value: impl Fn(usize) -> f64) -> &Node {
        &self.nodes[self.leaf(value)]
    }

    /// For each node its number among the leaves, from left to right; meaningless for inner nodes.
    pub fn leaf_numbers(&self) -> Vec<u32> {
        let mut n_leaves = 0;
        let number = |node: &Node| {
            let own = n_leaves;
            n_leaves += u32::from(node.inner.is_none());
            own
        };
        self.nodes.iter().map(number).collect()
    }

    pub fn n_leaves(&self) -> usize {
        self.nodes.iter().filter(|node| node.inner.is_none()).count()
    }

    /// Edges from the root to the deepest leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(inner) = &node.inner {
                depths[inner.left as usize] = depths[at] + 1;
                depths[inner.right as usize] = depths[at] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Bytes that it takes, about.
    pub fn size_bytes(&self) -> u64 {
        let own = |node: &Node| size_of::<Node>() + 8 * node.stats.len();
        self.nodes.iter().map(own).sum::<usize>() as u64
    }

    /// The rules, indented by `indent` blanks, as `toDebugString` shows them.
    pub fn write_text(&self, indent: usize, out: &mut String) {
        self.write_node(0, indent, out);
    }

    fn write_node(&self, at: usize, indent: usize, out: &mut String) {
        use std::fmt::Write;
        let node = &self.nodes[at];
        // Writing to a string does not fail.
        let _ = match &node.inner {
            None => writeln!(out, "{:indent$}Predict: {}", "", double_text(node.prediction)),
            Some(inner) => {
                let _ = writeln!(out, "{:indent$}If ({})", "", inner.split.text(true));
                self.write_node(inner.left as usize, indent + 1, out);
                let _ = writeln!(out, "{:indent$}Else ({})", "", inner.split.text(false));
                self.write_node(inner.right as usize, indent + 1, out);
                Ok(())
            }
        };
    }

    /// Adds the weighted gain of every split to its feature.
    pub fn add_importances(&self, impurity: Impurity, out: &mut [f64]) {
        for node in &self.nodes {
            if let Some(inner) = &node.inner {
                out[inner.split.feature()] += inner.gain * impurity.weight(&node.stats);
            }
        }
    }
}

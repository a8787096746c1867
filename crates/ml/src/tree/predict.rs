//! What models of trees compute per row.

use super::model::Kind;
use super::node::Tree;
use crate::error;
use crate::function::FunctionKind;
use crate::linalg::{VectorColumn, VectorColumnBuilder, VectorView};
use arrow::array::{ArrayRef, Float64Builder};
use firesteel_common::Result;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// Trees with their weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Predictor {
    pub kind: Kind,
    pub trees: Vec<Tree>,
    #[serde(with = "crate::wire::doubles")]
    pub weights: Vec<f64>,
    pub n_features: usize,
    /// 0: regression.
    pub n_classes: usize,
}

impl Predictor {
    /// The entries of a row.
    ///
    /// # Errors
    /// The row is shorter than those that the trees were trained on.
    pub(super) fn row<'a>(&self, vector: VectorView<'a>) -> Result<Cow<'a, [f64]>> {
        if vector.size() < self.n_features {
            return Err(error::failed(format!(
                "Index {} out of bounds for length {}",
                vector.size(),
                vector.size()
            )));
        }
        Ok(match vector {
            VectorView::Dense(values) => Cow::Borrowed(values),
            VectorView::Sparse { .. } => Cow::Owned(vector.to_dense()),
        })
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// Raw predictions of the classes.
    pub(super) fn raw(&self, row: &[f64]) -> Vec<f64> {
        match self.kind {
            Kind::BoostedClassifier => {
                let margin = self.margin(row);
                vec![-margin, margin]
            }
            Kind::Classifier => match self.trees.first() {
                Some(tree) => tree.node_of(|feature| row[feature]).stats.clone(),
                None => vec![0.0; self.n_classes],
            },
            _ => {
                let mut votes = vec![0.0; self.n_classes];
                for tree in &self.trees {
                    let stats = &tree.node_of(|feature| row[feature]).stats;
                    let total: f64 = stats.iter().sum();
                    if total != 0.0 {
                        votes
                            .iter_mut()
                            .zip(stats)
                            .for_each(|(vote, weight)| *vote += weight / total);
                    }
                }
                votes
            }
        }
    }

    fn margin(&self, row: &[f64]) -> f64 {
        let of = |tree: &Tree| tree.node_of(|feature| row[feature]).prediction;
        self.trees.iter().zip(&self.weights).map(|(tree, weight)| of(tree) * weight).sum()
    }

    /// The prediction of a regression.
    pub(super) fn predict(&self, row: &[f64]) -> f64 {
        match self.kind {
            Kind::ForestRegressor => {
                let of = |tree: &Tree| tree.node_of(|feature| row[feature]).prediction;
                self.trees.iter().map(of).sum::<f64>() / self.trees.len() as f64
            }
            _ => self.margin(row),
        }
    }

    /// Number of the leaf in each tree.
    pub(super) fn leaves(&self, row: &[f64]) -> Vec<f64> {
        let of = |tree: &Tree| {
            let leaf = tree.leaf(|feature| row[feature]);
            tree.nodes[..leaf].iter().filter(|node| node.inner.is_none()).count() as f64
        };
        self.trees.iter().map(of).collect()
    }

    fn variance(&self, row: &[f64]) -> f64 {
        self.trees.first().map_or(0.0, |tree| {
            super::impurity::Impurity::Variance.of(&tree.node_of(|feature| row[feature]).stats)
        })
    }
}

fn numbers(
    predictor: &Predictor,
    columns: &[ArrayRef],
    n_rows: usize,
    of: impl Fn(&[f64]) -> f64,
) -> Result<ArrayRef> {
    let features = VectorColumn::new(&columns[0])?;
    let mut out = Float64Builder::with_capacity(n_rows);
    for row in 0..n_rows {
        match features.get(row) {
            None => out.append_null(),
            Some(vector) => out.append_value(of(&predictor.row(vector)?)),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn vectors(
    predictor: &Predictor,
    columns: &[ArrayRef],
    n_rows: usize,
    of: impl Fn(&[f64]) -> Vec<f64>,
) -> Result<ArrayRef> {
    let features = VectorColumn::new(&columns[0])?;
    let mut out = VectorColumnBuilder::with_capacity(n_rows, n_rows * predictor.n_classes);
    for row in 0..n_rows {
        match features.get(row) {
            None => out.push_null(),
            Some(vector) => out.push_dense(&of(&predictor.row(vector)?)),
        }
    }
    out.finish()
}

pub(super) static RAW: FunctionKind<Predictor> =
    FunctionKind::<Predictor>::new("tree.raw", |predictor, columns, n_rows| {
        vectors(predictor, columns, n_rows, |row| predictor.raw(row))
    })
    .in_spark("ProbabilisticClassificationModel");

pub(super) static PREDICT: FunctionKind<Predictor> =
    FunctionKind::<Predictor>::new("tree.predict", |predictor, columns, n_rows| {
        numbers(predictor, columns, n_rows, |row| predictor.predict(row))
    })
    .in_spark("PredictionModel");

pub(super) static VARIANCE: FunctionKind<Predictor> =
    FunctionKind::<Predictor>::new("tree.variance", |predictor, columns, n_rows| {
        numbers(predictor, columns, n_rows, |row| predictor.variance(row))
    });

pub(super) static LEAF: FunctionKind<Predictor> =
    FunctionKind::<Predictor>::new("tree.leaf", |predictor, columns, n_rows| {
        // Numbers of leaves are looked up, not counted again for every row.
        let numbers_of: Vec<Vec<u32>> = predictor.trees.iter().map(Tree::leaf_numbers).collect();
        let leaf = |tree: usize, row: &[f64]| {
            f64::from(numbers_of[tree][predictor.trees[tree].leaf(|feature| row[feature])])
        };
        if predictor.kind.is_ensemble() {
            let all =
                |row: &[f64]| (0..predictor.trees.len()).map(|tree| leaf(tree, row)).collect();
            vectors(predictor, columns, n_rows, all)
        } else {
            numbers(predictor, columns, n_rows, |row| leaf(0, row))
        }
    });

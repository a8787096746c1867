//! Gradient boosting: each tree fits what the trees before it left (`GradientBoostedTrees`).

use super::bagging;
use super::bins::{Bins, Code};
use super::grow::{Sample, grow};
use super::loss::Loss;
use super::node::Tree;
use super::split::Split;
use super::tasks;
use super::training::Training;
use crate::data::Instances;
use firesteel_common::Result;
use parking_lot::Mutex;

/// Rows that one thread updates at a time.
const CHUNK_ROWS: usize = 16_384;

/// How to boost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boosting {
    pub loss: Loss,
    pub n_iterations: usize,
    pub step_size: f64,
    pub subsampling_rate: f64,
    pub validation_tol: f64,
    pub seed: i64,
}

/// Trees with their weights. `validation`: training stops when the error on these rows falls no more.
pub(super) fn boost(
    training: &Training,
    validation: Option<&Instances>,
    boosting: Boosting,
) -> Result<(Vec<Tree>, Vec<f64>)> {
    let n_rows = training.labels.len();
    let mut labels = training.labels.clone();
    let mut predictions = vec![0.0; n_rows];
    let mut validation = validation.map(|rows| Validation::new(rows, boosting.loss));
    let (mut trees, mut weights) = (Vec::new(), Vec::new());
    let (mut best_error, mut n_best) = (0.0, 1);
    for iteration in 0..boosting.n_iterations {
        let seed = boosting.seed.wrapping_add(iteration as i64);
        let counts =
            bagging::counts(&training.partitions, 1, boosting.subsampling_rate, false, seed);
        let sample = Sample {
            bins: &training.bins,
            labels: &labels,
            weights: training.weights.as_deref(),
            counts: counts.as_deref(),
        };
        let grown =
            grow(sample, &training.layout, &training.thresholds, seed, training.job.as_ref())?;
        let weight = if iteration == 0 { 1.0 } else { boosting.step_size };
        for tree in grown {
            update(training, &tree, weight, boosting.loss, &mut predictions, &mut labels)?;
            if let Some(validation) = &mut validation {
                validation.add(&tree, weight);
            }
            trees.push(tree);
            weights.push(weight);
        }
        if let Some(validation) = &validation {
            let error = validation.error();
            if iteration == 0 {
                best_error = error;
            } else if best_error - error < boosting.validation_tol * error.max(0.01) {
                break;
            } else if error < best_error {
                best_error = error;
                n_best = iteration + 1;
            }
        }
        training.job.progress(iteration + 1, boosting.n_iterations);
    }
    if validation.is_some() {
        trees.truncate(n_best);
        weights.truncate(n_best);
    }
    Ok((trees, weights))
}

/// Adds a tree to the predictions, and makes the labels what is left to fit.
fn update(
    training: &Training,
    tree: &Tree,
    weight: f64,
    loss: Loss,
    predictions: &mut [f64],
    labels: &mut [f64],
) -> Result<()> {
    match &training.bins {
        Bins::Small(columns) => {
            update_from(columns, training, tree, weight, loss, predictions, labels)
        }
        Bins::Middle(columns) => {
            update_from(columns, training, tree, weight, loss, predictions, labels)
        }
        Bins::Large(columns) => {
            update_from(columns, training, tree, weight, loss, predictions, labels)
        }
    }
}

fn update_from<C: Code>(
    columns: &[Vec<C>],
    training: &Training,
    tree: &Tree,
    weight: f64,
    loss: Loss,
    predictions: &mut [f64],
    labels: &mut [f64],
) -> Result<()> {
    // For each inner node the last bin that goes left.
    let last_left: Vec<usize> = tree
        .nodes
        .iter()
        .map(|node| match node.inner.as_ref().map(|inner| &inner.split) {
            Some(Split::Continuous { feature, threshold }) => {
                training.thresholds[*feature].partition_point(|own| own < threshold)
            }
            _ => 0,
        })
        .collect();
    let prediction_of = |row: usize| {
        let mut at = 0;
        while let Some(inner) = &tree.nodes[at].inner {
            let bin = columns[inner.split.feature()][row].bin();
            let goes_left = match &inner.split {
                Split::Continuous { .. } => bin <= last_left[at],
                Split::Categorical { left, .. } => left.contains(bin),
            };
            at = if goes_left { inner.left } else { inner.right } as usize;
        }
        tree.nodes[at].prediction
    };
    let chunks: Vec<Mutex<(&mut [f64], &mut [f64])>> = predictions
        .chunks_mut(CHUNK_ROWS)
        .zip(labels.chunks_mut(CHUNK_ROWS))
        .map(Mutex::new)
        .collect();
    tasks::run(
        training.job.as_ref(),
        chunks.len(),
        || (),
        |(), task| {
            let mut chunk = chunks[task].lock();
            let (predictions, labels) = &mut *chunk;
            let from = task * CHUNK_ROWS;
            for (at, (prediction, label)) in
                predictions.iter_mut().zip(labels.iter_mut()).enumerate()
            {
                *prediction += prediction_of(from + at) * weight;
                *label = -loss.gradient(*prediction, training.labels[from + at]);
            }
            Ok(())
        },
    )
}

/// Rows that training does not see.
struct Validation<'a> {
    rows: &'a Instances,
    loss: Loss,
    labels: Vec<f64>,
    predictions: Vec<f64>,
}

impl<'a> Validation<'a> {
    fn new(rows: &'a Instances, loss: Loss) -> Self {
        let labels: Vec<f64> = rows
            .blocks
            .iter()
            .flat_map(|block| block.labels.iter())
            .map(|label| if loss == Loss::Logistic { 2.0 * label - 1.0 } else { *label })
            .collect();
        let predictions = vec![0.0; labels.len()];
        Self { rows, loss, labels, predictions }
    }

    fn add(&mut self, tree: &Tree, weight: f64) {
        let rows =
            self.rows.blocks.iter().flat_map(|block| (0..block.n_rows()).map(|row| block.row(row)));
        for (prediction, row) in self.predictions.iter_mut().zip(rows) {
            *prediction += tree.node_of(|feature| row.get(feature)).prediction * weight;
        }
    }

    /// Mean loss.
    fn error(&self) -> f64 {
        let weights = self
            .rows
            .blocks
            .iter()
            .flat_map(|block| (0..block.n_rows()).map(|row| block.weight(row)));
        let rows = self.predictions.iter().zip(&self.labels).zip(weights);
        let (sum, weight) = rows.fold((0.0, 0.0), |(sum, total), ((prediction, label), weight)| {
            (sum + self.loss.error(*prediction, *label) * weight, total + weight)
        });
        sum / weight
    }
}

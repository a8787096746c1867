//! Layers of a perceptron: outputs, and the loss with its gradient (`org.apache.spark.ml.ann`).

use crate::data::RowView;
use crate::linalg::kernels::gemm_rows;
use firesteel_common::random::XorShiftRandom;

/// Sizes of the layers. Weights lie one layer after the other: a matrix column by column (a row per output), then
/// the biases.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    sizes: Vec<usize>,
}

/// A block of rows: inputs row by row, and the class of each.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    inputs: Vec<f64>,
    classes: Vec<usize>,
}

impl Batch {
    pub(super) fn with_capacity(n_rows: usize, n_inputs: usize) -> Self {
        Self { inputs: Vec::with_capacity(n_rows * n_inputs), classes: Vec::with_capacity(n_rows) }
    }

    pub(super) fn push(&mut self, row: RowView<'_>, n_inputs: usize, class: usize) {
        match row {
            RowView::Dense(values) => self.inputs.extend_from_slice(values),
            RowView::Sparse(..) => {
                let from = self.inputs.len();
                self.inputs.resize(from + n_inputs, 0.0);
                row.for_each_nonzero(|feature, value| self.inputs[from + feature] = value);
            }
        }
        self.classes.push(class);
    }

    pub(super) fn n_rows(&self) -> usize {
        self.classes.len()
    }
}

impl Network {
    /// `sizes`: inputs, hidden layers, classes; two at least.
    pub(super) fn new(sizes: Vec<usize>) -> Self {
        Self { sizes }
    }

    pub(super) fn n_inputs(&self) -> usize {
        self.sizes.first().copied().unwrap_or(0)
    }

    pub(super) fn n_classes(&self) -> usize {
        self.sizes.last().copied().unwrap_or(0)
    }

    pub(super) fn n_weights(&self) -> usize {
        self.sizes.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
    }

    /// Weights to start from: uniform, narrower the more inputs a layer has.
    pub(super) fn initial_weights(&self, seed: i64) -> Vec<f64> {
        let mut random = XorShiftRandom::new(seed);
        let mut weights = Vec::with_capacity(self.n_weights());
        for pair in self.sizes.windows(2) {
            let root = (pair[0] as f64).sqrt();
            weights.extend(
                (0..(pair[0] + 1) * pair[1]).map(|_| (random.next_double() * 4.8 - 2.4) / root),
            );
        }
        weights
    }

    /// What each layer puts out for rows of inputs; the last are not normalised.
    fn outputs(&self, weights: &[f64], inputs: &[f64]) -> Vec<Vec<f64>> {
        let n_rows = inputs.len() / self.n_inputs().max(1);
        let n_layers = self.sizes.len() - 1;
        let mut outputs: Vec<Vec<f64>> = Vec::with_capacity(n_layers);
        let mut rest = weights;
        for (layer, pair) in self.sizes.windows(2).enumerate() {
            let (n_in, n_out) = (pair[0], pair[1]);
            let (matrix, after) = rest.split_at(n_in * n_out);
            let (biases, after) = after.split_at(n_out);
            rest = after;
            let mut by_output = vec![0.0; n_in * n_out];
            transpose(matrix, n_out, &mut by_output);
            let mut own: Vec<f64> = biases.iter().copied().cycle().take(n_rows * n_out).collect();
            let before = if layer == 0 { inputs } else { outputs[layer - 1].as_slice() };
            gemm_rows(before, &by_output, n_in, &mut own);
            if layer + 1 < n_layers {
                own.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
            }
            outputs.push(own);
        }
        outputs
    }

    /// Raw predictions of one row.
    pub(super) fn raw(&self, weights: &[f64], row: &[f64]) -> Vec<f64> {
        self.outputs(weights, row).pop().unwrap_or_default()
    }

    /// Raw predictions of many rows, row by row.
    pub(super) fn raw_many(&self, weights: &[f64], rows: &[f64]) -> Vec<f64> {
        self.raw(weights, rows)
    }

    /// Mean cross-entropy of the rows of a batch; adds its gradient to `gradient`.
    pub(super) fn loss(&self, weights: &[f64], batch: &Batch, gradient: &mut [f64]) -> f64 {
        let n_rows = batch.n_rows();
        let share = 1.0 / n_rows as f64;
        let outputs = self.outputs(weights, &batch.inputs);
        let n_layers = outputs.len();
        let n_classes = self.n_classes();
        let mut loss = 0.0;
        // Derivative of the loss by what goes into the activation of a layer; from the top down.
        let mut delta = outputs.last().cloned().unwrap_or_default();
        for (own, class) in delta.chunks_mut(n_classes).zip(&batch.classes) {
            let largest = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            own.iter_mut().for_each(|value| *value = (*value - largest).exp());
            let sum: f64 = own.iter().sum();
            own.iter_mut().for_each(|value| *value /= sum);
            loss -= own[*class].ln();
            own[*class] -= 1.0;
        }
        let mut end = weights.len();
        for layer in (0..n_layers).rev() {
            let (n_in, n_out) = (self.sizes[layer], self.sizes[layer + 1]);
            let start = end - (n_in + 1) * n_out;
            let matrix = &weights[start..start + n_in * n_out];
            let before =
                if layer == 0 { batch.inputs.as_slice() } else { outputs[layer - 1].as_slice() };
            let (to_matrix, to_biases) = gradient[start..end].split_at_mut(n_in * n_out);
            delta.chunks(n_out).for_each(|delta| {
                to_biases.iter_mut().zip(delta).for_each(|(to, delta)| *to += share * delta);
            });
            let (mut inputs, mut deltas) = (vec![0.0; before.len()], vec![0.0; delta.len()]);
            transpose(before, n_in, &mut inputs);
            transpose(&delta, n_out, &mut deltas);
            deltas.iter_mut().for_each(|delta| *delta *= share);
            gemm_rows(&inputs, &deltas, n_rows, to_matrix);
            if layer > 0 {
                let mut lower = vec![0.0; n_rows * n_in];
                gemm_rows(&delta, matrix, n_out, &mut lower);
                lower.iter_mut().zip(before).for_each(|(lower, out)| *lower *= out * (1.0 - out));
                delta = lower;
            }
            end = start;
        }
        loss * share
    }
}

/// `to[col][row] = from[row][col]` for rows of `n_cols` entries.
fn transpose(from: &[f64], n_cols: usize, to: &mut [f64]) {
    let n_rows = from.len() / n_cols.max(1);
    for (row, values) in from.chunks(n_cols.max(1)).enumerate() {
        for (col, value) in values.iter().enumerate() {
            to[col * n_rows + row] = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradient_is_that_of_the_loss() {
        let network = Network::new(vec![2, 3, 2]);
        let weights = network.initial_weights(7);
        let mut batch = Batch::with_capacity(3, 2);
        for (row, class) in [([0.5, -1.0], 0), ([2.0, 0.3], 1), ([-0.7, 0.1], 1)] {
            batch.push(RowView::Dense(&row), 2, class);
        }
        let mut gradient = vec![0.0; network.n_weights()];
        network.loss(&weights, &batch, &mut gradient);
        let mut ignored = vec![0.0; network.n_weights()];
        for at in 0..weights.len() {
            let mut moved = weights.clone();
            moved[at] += 1e-6;
            let above = network.loss(&moved, &batch, &mut ignored);
            moved[at] -= 2e-6;
            let below = network.loss(&moved, &batch, &mut ignored);
            assert!((gradient[at] - (above - below) / 2e-6).abs() < 1e-8);
        }
    }
}

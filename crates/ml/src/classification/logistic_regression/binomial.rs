//! The logistic loss over a block: `BinaryLogisticBlockAggregator`.

use crate::data::Block;

/// Loss, and the gradient by the features as they are (`n`), then by the margin (1).
#[derive(Debug)]
pub(super) struct BinomialSums {
    pub loss: f64,
    pub gradient: Vec<f64>,
    margins: Vec<f64>,
}

impl BinomialSums {
    pub(super) fn new(n: usize) -> Self {
        Self { loss: 0.0, gradient: vec![0.0; n + 1], margins: Vec::new() }
    }

    /// Adds a block; margins are `coefficients · x + offset`.
    pub(super) fn add(&mut self, block: &Block, coefficients: &[f64], offset: f64) {
        let n = coefficients.len();
        block.margins(coefficients, offset, &mut self.margins);
        let mut sum = 0.0;
        for (row, margin) in self.margins.iter_mut().enumerate() {
            let weight = block.weight(row);
            let label = block.labels[row];
            let m = *margin;
            // ln(1 + exp(-|m|)) serves both signs without overflow.
            let small = (-m.abs()).exp();
            let positive_part = if m > 0.0 { m } else { 0.0 };
            self.loss +=
                weight * (small.ln_1p() + positive_part - if label > 0.0 { m } else { 0.0 });
            let probability = if m >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
            *margin = weight * (probability - label);
            sum += *margin;
        }
        self.gradient[n] += sum;
        block.add_rows(&self.margins, &mut self.gradient[..n]);
    }
}

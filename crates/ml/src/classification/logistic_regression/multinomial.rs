//! The softmax loss over a block: `MultinomialLogisticBlockAggregator`.

use crate::data::{Block, Features};
use crate::linalg::kernels;

/// Loss, and the gradient: per class the features as they are (`n` each), then the margins of all classes.
#[derive(Debug)]
pub(super) struct MultinomialSums {
    n: usize,
    n_classes: usize,
    pub loss: f64,
    /// `n_classes × n`, row major.
    pub gradient: Vec<f64>,
    /// One per class.
    pub margin_gradient: Vec<f64>,
    margins: Vec<f64>,
}

impl MultinomialSums {
    pub(super) fn new(n: usize, n_classes: usize) -> Self {
        Self {
            n,
            n_classes,
            loss: 0.0,
            gradient: vec![0.0; n * n_classes],
            margin_gradient: vec![0.0; n_classes],
            margins: Vec::new(),
        }
    }

    /// Adds a block; `coefficients` are `n_classes × n`, row major, `offsets` one per class.
    pub(super) fn add(&mut self, block: &Block, coefficients: &[f64], offsets: &[f64]) {
        let (n, k) = (self.n, self.n_classes);
        let n_rows = block.n_rows();
        self.margins.clear();
        for _ in 0..n_rows {
            self.margins.extend_from_slice(offsets);
        }
        match &block.features {
            Features::Dense(values) => {
                kernels::gemm_rows(values, coefficients, n, &mut self.margins);
            }
            Features::Sparse { .. } => {
                for row in 0..n_rows {
                    let view = block.row(row);
                    for class in 0..k {
                        self.margins[row * k + class] +=
                            view.dot(&coefficients[class * n..(class + 1) * n]);
                    }
                }
            }
        }
        for (row, margins) in self.margins.chunks_exact_mut(k).enumerate() {
            let weight = block.weight(row);
            let label = block.labels[row] as usize;
            let most = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let of_label = margins[label];
            let mut sum = 0.0;
            for margin in margins.iter_mut() {
                *margin = (*margin - most).exp();
                sum += *margin;
            }
            self.loss += weight * (sum.ln() + most - of_label);
            for (class, margin) in margins.iter_mut().enumerate() {
                *margin = weight * (*margin / sum - f64::from(u8::from(class == label)));
            }
        }
        for row in 0..n_rows {
            let factors = &self.margins[row * k..(row + 1) * k];
            kernels::axpy(1.0, factors, &mut self.margin_gradient);
            let view = block.row(row);
            for (class, factor) in factors.iter().enumerate() {
                view.add_to(*factor, &mut self.gradient[class * n..(class + 1) * n]);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &MultinomialSums) {
        self.loss += other.loss;
        kernels::axpy(1.0, &other.gradient, &mut self.gradient);
        kernels::axpy(1.0, &other.margin_gradient, &mut self.margin_gradient);
    }
}

//! The inverse Hessian as L-BFGS approximates it (Nocedal and Wright, algorithm 7.4).

use super::Failed;
use crate::linalg::kernels::{axpy, dot, scale};
use std::collections::VecDeque;

/// Steps and changes of the gradient, the newest first.
#[derive(Debug)]
pub(super) struct InverseHessian {
    n_max: usize,
    steps: VecDeque<Vec<f64>>,
    changes: VecDeque<Vec<f64>>,
}

impl InverseHessian {
    pub(super) fn new(n_max: usize) -> Self {
        Self { n_max, steps: VecDeque::new(), changes: VecDeque::new() }
    }

    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.changes.clear();
    }

    /// Takes in a step from `(x, gradient)` to `(new_x, new_gradient)`.
    pub(super) fn update(
        &mut self,
        x: &[f64],
        gradient: &[f64],
        new_x: &[f64],
        new_gradient: &[f64],
    ) {
        let difference =
            |new: &[f64], old: &[f64]| new.iter().zip(old).map(|(n, o)| n - o).collect();
        self.steps.push_front(difference(new_x, x));
        self.changes.push_front(difference(new_gradient, gradient));
        self.steps.truncate(self.n_max);
        self.changes.truncate(self.n_max);
    }

    /// The direction of descent: minus the approximation times `gradient`.
    pub(super) fn direction(&self, gradient: &[f64]) -> Result<Vec<f64>, Failed> {
        let mut direction = gradient.to_vec();
        let factor = match (self.steps.front(), self.changes.front()) {
            (Some(step), Some(change)) => {
                let curvature = dot(step, change);
                if curvature < 0.0 || curvature.is_nan() {
                    return Err(Failed::Search);
                }
                curvature / dot(change, change)
            }
            _ => 1.0,
        };
        let mut factors = Vec::with_capacity(self.steps.len());
        for (step, change) in self.steps.iter().zip(&self.changes) {
            let curvature = dot(step, change);
            let own = dot(step, &direction) / curvature;
            if own.is_nan() {
                return Err(Failed::Search);
            }
            axpy(-own, change, &mut direction);
            factors.push((own, curvature));
        }
        scale(factor, &mut direction);
        let pairs = self.steps.iter().zip(&self.changes).zip(&factors);
        for ((step, change), (own, curvature)) in pairs.rev() {
            let beta = dot(change, &direction) / curvature;
            axpy(own - beta, step, &mut direction);
        }
        scale(-1.0, &mut direction);
        Ok(direction)
    }
}

//! What a factorization machine predicts, and the gradient of its loss.

use crate::data::RowView;

/// Shape of the coefficients: factors row by row (a row per feature), then linear ones and the intercept, where
/// they are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    pub n_features: usize,
    pub n_factors: usize,
    pub fit_linear: bool,
    pub fit_intercept: bool,
    /// Classification: logistic loss; else squared.
    pub is_classifier: bool,
}

impl Machine {
    pub(super) fn n_coefficients(&self) -> usize {
        self.intercept() + usize::from(self.fit_intercept)
    }

    fn linear(&self) -> usize {
        self.n_features * self.n_factors
    }

    fn intercept(&self) -> usize {
        self.linear() + if self.fit_linear { self.n_features } else { 0 }
    }

    /// Factors, linear coefficients and intercept; zeros for what is not fitted.
    pub(super) fn parts(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
        let factors = coefficients[..self.linear()].to_vec();
        let linear = match self.fit_linear {
            true => coefficients[self.linear()..self.intercept()].to_vec(),
            false => vec![0.0; self.n_features],
        };
        let intercept = if self.fit_intercept { coefficients[self.intercept()] } else { 0.0 };
        (factors, linear, intercept)
    }

    /// Adds the gradient of a row's loss to `gradient` and gives the loss. `sums` is room for two numbers per factor.
    pub(super) fn add_loss(
        &self,
        coefficients: &[f64],
        row: RowView<'_>,
        label: f64,
        sums: &mut [f64],
        gradient: &mut [f64],
    ) -> f64 {
        let n_factors = self.n_factors;
        let linear = self.linear();
        let mut raw = if self.fit_intercept { coefficients[self.intercept()] } else { 0.0 };
        let (sums, squares) = sums.split_at_mut(n_factors);
        sums.fill(0.0);
        squares.fill(0.0);
        row.for_each_nonzero(|feature, value| {
            if self.fit_linear {
                raw += coefficients[linear + feature] * value;
            }
            let factors = &coefficients[feature * n_factors..(feature + 1) * n_factors];
            for ((sum, square), factor) in sums.iter_mut().zip(&mut *squares).zip(factors) {
                let product = factor * value;
                *sum += product;
                *square += product * product;
            }
        });
        for (sum, square) in sums.iter().zip(&*squares) {
            raw += 0.5 * (sum * sum - square);
        }
        let (loss, slope) = match self.is_classifier {
            true => {
                let margin = if label > 0.0 { -raw } else { raw };
                let loss = if margin > 0.0 {
                    margin + (-margin).exp().ln_1p()
                } else {
                    margin.exp().ln_1p()
                };
                (loss, 1.0 / (1.0 + (-raw).exp()) - label)
            }
            false => ((raw - label) * (raw - label), 2.0 * (raw - label)),
        };
        row.for_each_nonzero(|feature, value| {
            let at = feature * n_factors;
            let factors = &coefficients[at..at + n_factors];
            for ((gradient, sum), factor) in
                gradient[at..at + n_factors].iter_mut().zip(&*sums).zip(factors)
            {
                *gradient += slope * (value * sum - factor * value * value);
            }
            if self.fit_linear {
                gradient[linear + feature] += slope * value;
            }
        });
        if self.fit_intercept {
            gradient[self.intercept()] += slope;
        }
        loss
    }
}

/// The prediction of a row before a link, from the parts of a machine.
pub(super) fn raw(
    factors: &[f64],
    linear: &[f64],
    intercept: f64,
    row: crate::linalg::VectorView<'_>,
) -> f64 {
    let n_factors = factors.len() / linear.len().max(1);
    let mut of_linear = 0.0;
    let mut sums = vec![(0.0, 0.0); n_factors];
    row.for_each_nonzero(|feature, value| {
        of_linear += linear[feature] * value;
        for ((sum, square), factor) in sums.iter_mut().zip(&factors[feature * n_factors..]) {
            let product = factor * value;
            *sum += product;
            *square += product * product;
        }
    });
    // In Spark's order, for its last digits.
    sums.iter().fold(intercept + of_linear, |raw, (sum, square)| raw + 0.5 * (sum * sum - square))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::VectorView;

    /// One factor, (1, 2, 3): pairs of 1, 1, 1 give 1·2 + 1·3 + 2·3 = 11.
    #[test]
    fn pairs_of_features() {
        let row = VectorView::Dense(&[1.0, 1.0, 1.0]);
        assert_eq!(raw(&[1.0, 2.0, 3.0], &[0.5, 0.0, 0.0], 10.0, row), 21.5);
    }

    #[test]
    fn gradient_is_that_of_the_loss() {
        for is_classifier in [false, true] {
            let machine = Machine {
                n_features: 3,
                n_factors: 2,
                fit_linear: true,
                fit_intercept: true,
                is_classifier,
            };
            let coefficients: Vec<f64> = (0..10).map(|at| 0.1 * f64::from(at) - 0.4).collect();
            let row = [0.5, 0.0, -1.5];
            let loss = |coefficients: &[f64], gradient: &mut [f64]| {
                machine.add_loss(coefficients, RowView::Dense(&row), 1.0, &mut [0.0; 4], gradient)
            };
            let mut gradient = vec![0.0; 10];
            loss(&coefficients, &mut gradient);
            for at in 0..10 {
                let (mut above, mut below) = (coefficients.clone(), coefficients.clone());
                above[at] += 1e-6;
                below[at] -= 1e-6;
                let slope = (loss(&above, &mut [0.0; 10]) - loss(&below, &mut [0.0; 10])) / 2e-6;
                assert!((slope - gradient[at]).abs() < 1e-7);
            }
        }
    }
}

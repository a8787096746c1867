//! Weighted least squares by the normal equations, in one pass over the data: `WeightedLeastSquares`.
//!
//! Minimises `1/2 Σ w (a·x + c - b)² / Σ w + λ (α |x|₁ + (1-α)/2 |x|²)`, features and label scaled by their population
//! deviations first. Memory: `n²` doubles for n features; Spark has it up to 4096.

use crate::data::{Aggregate, Block, Features, Instances};
use crate::error;
use crate::linalg::{cholesky_inverse, cholesky_solve, kernels};
use crate::optimize::{Stop, lbfgs, owlqn};
use firesteel_common::Result;

/// Most features.
pub(crate) const FEATURES_MAX: usize = 4096;

/// Which method solves the equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Solver {
    /// Cholesky where it can, else quasi-Newton.
    Auto,
    Cholesky,
    QuasiNewton,
}

/// What to solve for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightedLeastSquares {
    pub fit_intercept: bool,
    pub reg_param: f64,
    pub elastic_net_param: f64,
    pub standardize_features: bool,
    pub standardize_label: bool,
    pub solver: Solver,
    pub stop: Stop,
}

/// The answer.
#[derive(Debug, Clone)]
pub(crate) struct Solution {
    pub coefficients: Vec<f64>,
    pub intercept: f64,
    /// Diagonal of `(AᵀWA)⁻¹`, intercept last; `[0]` unless Cholesky's method solved.
    pub diag_inv_at_wa: Vec<f64>,
    pub objective_history: Vec<f64>,
}

/// Weighted sums of products.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    n: usize,
    pub n_rows: u64,
    pub weight: f64,
    b: f64,
    bb: f64,
    a: Vec<f64>,
    ab: Vec<f64>,
    /// `n × n`, row major; the upper triangle.
    aa: Vec<f64>,
}

impl Sums {
    fn new(n: usize) -> Self {
        Self {
            n,
            n_rows: 0,
            weight: 0.0,
            b: 0.0,
            bb: 0.0,
            a: vec![0.0; n],
            ab: vec![0.0; n],
            aa: vec![0.0; n * n],
        }
    }

    fn add(&mut self, block: &Block, label: impl Fn(usize) -> f64, weight: impl Fn(usize) -> f64) {
        let n_rows = block.n_rows();
        let (mut weights, mut products) = (Vec::with_capacity(n_rows), Vec::with_capacity(n_rows));
        for row in 0..n_rows {
            let (b, w) = (label(row), weight(row));
            self.weight += w;
            self.b += w * b;
            self.bb += w * b * b;
            weights.push(w);
            products.push(w * b);
        }
        self.n_rows += n_rows as u64;
        block.add_rows(&weights, &mut self.a);
        block.add_rows(&products, &mut self.ab);
        match &block.features {
            Features::Dense(values) => {
                kernels::syrk_rows(values, Some(&weights), self.n, &mut self.aa);
            }
            Features::Sparse { starts, indices, values } => {
                for (row, ends) in starts.windows(2).enumerate() {
                    let (indices, values) = (&indices[ends[0]..ends[1]], &values[ends[0]..ends[1]]);
                    for (at, (i, value)) in indices.iter().zip(values).enumerate() {
                        let factor = weights[row] * value;
                        let out = &mut self.aa[*i as usize * self.n..];
                        for (j, other) in indices[at..].iter().zip(&values[at..]) {
                            out[*j as usize] += factor * other;
                        }
                    }
                }
            }
        }
    }

    fn merge(&mut self, other: &Sums) {
        self.n_rows += other.n_rows;
        self.weight += other.weight;
        self.b += other.b;
        self.bb += other.bb;
        kernels::axpy(1.0, &other.a, &mut self.a);
        kernels::axpy(1.0, &other.ab, &mut self.ab);
        kernels::axpy(1.0, &other.aa, &mut self.aa);
    }

    /// One pass over instances with labels and weights that may be computed per row.
    ///
    /// # Errors
    /// `OPERATION_CANCELED`.
    pub(crate) fn of(
        instances: &Instances,
        row: impl Fn(&Block, usize) -> (f64, f64) + Sync,
    ) -> Result<Self> {
        instances.aggregate(
            || Sums::new(instances.n_features),
            |sums, block| {
                let rows: Vec<(f64, f64)> = (0..block.n_rows()).map(|at| row(block, at)).collect();
                sums.add(block, |at| rows[at].0, |at| rows[at].1);
                Ok(())
            },
            |sums, other| sums.merge(&other),
        )
    }
}

impl WeightedLeastSquares {
    /// Solves with the labels and weights of the instances.
    ///
    /// # Errors
    /// As [`WeightedLeastSquares::solve`].
    pub(crate) fn fit(&self, instances: &Instances) -> Result<Solution> {
        if instances.n_features > FEATURES_MAX {
            return Err(error::requirement(format!(
                "WeightedLeastSquares is most effective for features of at most {FEATURES_MAX}, got {}.",
                instances.n_features
            )));
        }
        let sums = Sums::of(instances, |block, row| (block.labels[row], block.weight(row)))?;
        self.solve(&sums)
    }

    /// # Errors
    /// Spark's: all weights are zero, or a constant label cannot be regularized.
    pub(crate) fn solve(&self, sums: &Sums) -> Result<Solution> {
        if sums.weight <= 0.0 {
            return Err(error::requirement("Sum of weights cannot be zero."));
        }
        let n = sums.n;
        let b_mean_raw = sums.b / sums.weight;
        let bb_mean = sums.bb / sums.weight;
        let b_std_raw = (bb_mean - b_mean_raw * b_mean_raw).max(0.0).sqrt();
        // A constant label is not scaled.
        let b_std = if b_std_raw == 0.0 { b_mean_raw.abs() } else { b_std_raw };
        if b_std_raw == 0.0 {
            if self.fit_intercept || b_mean_raw == 0.0 {
                return Ok(Solution {
                    coefficients: vec![0.0; n],
                    intercept: b_mean_raw,
                    diag_inv_at_wa: vec![0.0],
                    objective_history: vec![0.0],
                });
            }
            if self.reg_param > 0.0 && self.standardize_label {
                return Err(error::requirement(
                    "The standard deviation of the label is zero. Model cannot be regularized when labels are \
                     standardized.",
                ));
            }
        }
        let mean: Vec<f64> = sums.a.iter().map(|a| a / sums.weight).collect();
        let std: Vec<f64> = (0..n)
            .map(|i| (sums.aa[i * n + i] / sums.weight - mean[i] * mean[i]).max(0.0).sqrt())
            .collect();
        let inverse: Vec<f64> =
            std.iter().map(|std| if *std == 0.0 { 0.0 } else { 1.0 / std }).collect();
        let effective = self.reg_param / b_std;
        let (l1, l2) =
            (self.elastic_net_param * effective, (1.0 - self.elastic_net_param) * effective);
        // The equations in scaled space, the intercept's row last.
        let k = n + usize::from(self.fit_intercept);
        let mut aa = vec![0.0; k * k];
        for i in 0..n {
            for j in i..n {
                let value = sums.aa[i * n + j] / sums.weight * inverse[i] * inverse[j];
                aa[i * k + j] = value;
                aa[j * k + i] = value;
            }
            let mut lambda = l2;
            if !self.standardize_features {
                lambda = if std[i] == 0.0 { 0.0 } else { lambda / (std[i] * std[i]) };
            }
            if !self.standardize_label {
                lambda *= b_std;
            }
            aa[i * k + i] += lambda;
        }
        let scaled_mean: Vec<f64> =
            mean.iter().zip(&inverse).map(|(mean, inverse)| mean * inverse).collect();
        let b_mean = b_mean_raw / b_std;
        let mut ab: Vec<f64> =
            (0..n).map(|i| sums.ab[i] / sums.weight * inverse[i] / b_std).collect();
        if self.fit_intercept {
            for i in 0..n {
                aa[i * k + n] = scaled_mean[i];
                aa[n * k + i] = scaled_mean[i];
            }
            aa[n * k + n] = 1.0;
            ab.push(b_mean);
        }
        let scaled = Scaled {
            k,
            aa,
            ab,
            mean: scaled_mean,
            b_mean,
            bb_mean: bb_mean / (b_std * b_std),
            fit_intercept: self.fit_intercept,
        };
        let has_l1 = self.elastic_net_param != 0.0 && self.reg_param != 0.0;
        let by_newton =
            self.solver == Solver::QuasiNewton || (self.solver == Solver::Auto && has_l1);
        let direct = if by_newton { None } else { scaled.cholesky() };
        let (mut x, diagonal, objective_history) = match direct {
            Some((x, diagonal)) => (x, Some(diagonal), vec![0.0]),
            None if self.solver == Solver::Cholesky => {
                return Err(error::failed(
                    "LAPACK.dppsv returned a positive number because A is not positive definite. Is A derived from \
                     a singular matrix (e.g. collinear column values)?",
                ));
            }
            None => {
                let penalties = (by_newton && l1 != 0.0).then(|| {
                    let of = |i: usize| match () {
                        () if i == n => 0.0,
                        () if self.standardize_features => l1,
                        () => l1 * inverse[i],
                    };
                    (0..k).map(of).collect::<Vec<_>>()
                });
                let (x, history) = scaled.quasi_newton(penalties.as_deref(), self.stop)?;
                (x, None, history)
            }
        };
        let intercept = if self.fit_intercept { x.pop().unwrap_or_default() * b_std } else { 0.0 };
        for (x, inverse) in x.iter_mut().zip(&inverse) {
            *x *= b_std * inverse;
        }
        let diag_inv_at_wa = diagonal.map_or_else(
            || vec![0.0],
            |diagonal| {
                let scale = |i: usize| if i == n { 1.0 } else { std[i] * std[i] };
                diagonal.iter().enumerate().map(|(i, d)| d / (sums.weight * scale(i))).collect()
            },
        );
        Ok(Solution { coefficients: x, intercept, diag_inv_at_wa, objective_history })
    }
}

/// The equations in scaled space.
struct Scaled {
    k: usize,
    aa: Vec<f64>,
    ab: Vec<f64>,
    mean: Vec<f64>,
    b_mean: f64,
    bb_mean: f64,
    fit_intercept: bool,
}

impl Scaled {
    /// Solution and the diagonal of the inverse; none if the matrix is singular.
    fn cholesky(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let x = cholesky_solve(&self.aa, &self.ab)?;
        let inverse = cholesky_inverse(&self.aa, self.k)?;
        Some((x, (0..self.k).map(|i| inverse[i * self.k + i]).collect()))
    }

    fn quasi_newton(&self, penalties: Option<&[f64]>, stop: Stop) -> Result<(Vec<f64>, Vec<f64>)> {
        let k = self.k;
        let mut objective = |x: &mut [f64], gradient: &mut [f64]| {
            if self.fit_intercept {
                // The best intercept is known.
                x[k - 1] = self.b_mean - kernels::dot(&x[..k - 1], &self.mean);
            }
            kernels::gemv(1.0, &self.aa, x, 0.0, gradient);
            let value =
                0.5 * self.bb_mean - kernels::dot(&self.ab, x) + 0.5 * kernels::dot(x, gradient);
            kernels::axpy(-1.0, &self.ab, gradient);
            Ok(value)
        };
        let mut start = vec![0.0; k];
        if self.fit_intercept {
            start[k - 1] = self.b_mean;
        }
        let found = match penalties {
            Some(penalties) => owlqn(&mut objective, start, penalties, stop)?,
            None => lbfgs(&mut objective, start, stop)?,
        };
        Ok((found.x, found.history))
    }
}

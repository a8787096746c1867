//! Multivariate normal densities (`org.apache.spark.ml.stat.distribution.MultivariateGaussian`), singular covariances
//! included: along directions without variance the density does not change.

use crate::error;
use crate::linalg::{kernels, symmetric_eigen};
use firesteel_common::Result;

/// Means and covariances, and what densities are computed from.
#[derive(Debug, Clone)]
pub(super) struct Gaussian {
    pub mean: Vec<f64>,
    /// Row by row.
    pub covariance: Vec<f64>,
    /// Row by row: `R` with `Rᵀ R` the pseudo-inverse of the covariance.
    root: Vec<f64>,
    /// Logarithm of the density at the mean.
    peak: f64,
}

impl Gaussian {
    /// # Errors
    /// The covariance is no number.
    pub(super) fn new(mean: Vec<f64>, covariance: Vec<f64>) -> Result<Self> {
        let d = mean.len();
        let none = || error::illegal("Covariance matrix has no non-zero singular values");
        let eigen = symmetric_eigen(&covariance, d).ok_or_else(none)?;
        let largest = eigen.values.iter().copied().fold(f64::MIN, f64::max);
        let bound = f64::EPSILON * largest * d as f64;
        let mut log_determinant = 0.0;
        let mut root = vec![0.0; d * d];
        for (at, value) in eigen.values.iter().enumerate() {
            if *value > bound {
                log_determinant += value.ln();
                let scale = (1.0 / value).sqrt();
                for feature in 0..d {
                    root[at * d + feature] = scale * eigen.vectors[feature * d + at];
                }
            }
        }
        let peak = -0.5 * (d as f64 * (2.0 * std::f64::consts::PI).ln() + log_determinant);
        Ok(Self { mean, covariance, root, peak })
    }

    /// Densities of rows (row by row) to `out`. `room` is shared by calls.
    pub(super) fn densities(&self, rows: &[f64], room: &mut [Vec<f64>; 2], out: &mut [f64]) {
        let d = self.mean.len();
        let [centered, turned] = room;
        centered.clear();
        for row in rows.chunks_exact(d) {
            centered.extend(row.iter().zip(&self.mean).map(|(x, mean)| x - mean));
        }
        turned.clear();
        turned.resize(rows.len(), 0.0);
        kernels::gemm_rows(centered, &self.root, d, turned);
        for (out, turned) in out.iter_mut().zip(turned.chunks_exact(d)) {
            *out = (self.peak - 0.5 * kernels::dot(turned, turned)).exp();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_by_hand() {
        let mut room = [Vec::new(), Vec::new()];
        let mut out = [0.0; 2];
        let gaussian = Gaussian::new(vec![1.0, 0.0], vec![4.0, 0.0, 0.0, 1.0]).unwrap();
        gaussian.densities(&[1.0, 0.0, 3.0, 0.0], &mut room, &mut out);
        let peak = 1.0 / (2.0 * std::f64::consts::PI * 2.0);
        assert!((out[0] - peak).abs() < 1e-15);
        assert!((out[1] - peak * (-0.5_f64).exp()).abs() < 1e-15);
        // Without variance along the second axis only the first counts.
        let flat = Gaussian::new(vec![0.0, 0.0], vec![1.0, 0.0, 0.0, 0.0]).unwrap();
        flat.densities(&[0.0, 5.0, 0.0, 0.0], &mut room, &mut out);
        assert_eq!(out[0], out[1]);
    }
}

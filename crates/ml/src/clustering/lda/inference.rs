//! The topics of one document by variational inference (Hoffman, Blei and Bach, "Online learning for latent Dirichlet
//! allocation", 2010), without the matrix of assignments.

use super::gamma::Gamma;
use super::special::dirichlet_expectation;
use crate::linalg::kernels;

/// A document's topics change less than this on average when it is done.
const CHANGE_MIN: f64 = 1e-3;

/// Keeps quotients finite.
const TINY: f64 = 1e-100;

/// Topics as inference wants them.
#[derive(Debug)]
pub(super) struct Topics<'a> {
    pub n_topics: usize,
    /// `exp E[log β]`, term by term.
    pub exp_log_beta: &'a [f64],
    pub alpha: &'a [f64],
    pub gamma_shape: f64,
}

/// Room for one document after another.
#[derive(Debug, Default)]
pub(super) struct Inference {
    /// Weights of the topics that were found.
    pub gamma: Vec<f64>,
    pub exp_log_theta: Vec<f64>,
    /// Counts over their expectations, term by term.
    pub ratios: Vec<f64>,
    last: Vec<f64>,
    first: Vec<f64>,
    first_seed: Option<i64>,
    rows: Vec<f64>,
}

impl Inference {
    /// Finds the topics of a document with terms.
    pub(super) fn infer(&mut self, topics: &Topics<'_>, terms: &[u32], counts: &[f64], seed: i64) {
        let k = topics.n_topics;
        if self.first_seed != Some(seed) || self.first.len() != k {
            let shape = topics.gamma_shape;
            let mut gamma = Gamma::new(shape, 1.0 / shape, seed);
            self.first = (0..k).map(|_| gamma.draw()).collect();
            self.first_seed = Some(seed);
        }
        self.gamma.clone_from(&self.first);
        self.exp_log_theta.resize(k, 0.0);
        self.last.resize(k, 0.0);
        self.rows.clear();
        for term in terms {
            let at = *term as usize * k;
            self.rows.extend_from_slice(&topics.exp_log_beta[at..at + k]);
        }
        self.ratios.resize(terms.len(), 0.0);
        self.update(counts);
        loop {
            self.last.copy_from_slice(&self.gamma);
            self.gamma.fill(0.0);
            kernels::gemv_transposed(1.0, &self.rows, &self.ratios, &mut self.gamma);
            let mut change = 0.0;
            for topic in 0..k {
                let gamma = self.exp_log_theta[topic] * self.gamma[topic] + topics.alpha[topic];
                self.gamma[topic] = gamma;
                change += (gamma - self.last[topic]).abs();
            }
            self.update(counts);
            let is_done = change / k as f64 <= CHANGE_MIN;
            if is_done || change.is_nan() {
                return;
            }
        }
    }

    fn update(&mut self, counts: &[f64]) {
        dirichlet_expectation(&self.gamma, &mut self.exp_log_theta);
        self.exp_log_theta.iter_mut().for_each(|value| *value = value.exp());
        kernels::gemv(1.0, &self.rows, &self.exp_log_theta, 0.0, &mut self.ratios);
        for (ratio, count) in self.ratios.iter_mut().zip(counts) {
            *ratio = count / (*ratio + TINY);
        }
    }
}

/// `exp E[log β]` of topics (`n_topics` rows of `lambda`), term by term. Its logarithm, if `log`.
pub(super) fn exp_log_beta(lambda: &[f64], n_topics: usize, log: bool) -> Vec<f64> {
    let n_terms = lambda.len() / n_topics.max(1);
    let mut expectation = vec![0.0; n_terms];
    let mut out = vec![0.0; lambda.len()];
    for (topic, lambda) in lambda.chunks_exact(n_terms.max(1)).enumerate() {
        dirichlet_expectation(lambda, &mut expectation);
        for (term, value) in expectation.iter().enumerate() {
            out[term * n_topics + topic] = if log { *value } else { value.exp() };
        }
    }
    out
}

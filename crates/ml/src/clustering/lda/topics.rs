//! Topics and what can be asked of them: the topics of documents, a lower bound of their likelihood
//! (Hoffman, Blei and Bach, 2010, equation 4), the heaviest terms.

use super::documents::Documents;
use super::inference::{Inference, Topics, exp_log_beta};
use super::special::{dirichlet_expectation, log_gamma};
use crate::data::for_each_mut;
use crate::job::Job;
use firesteel_common::Result;
use serde::{Deserialize, Serialize};

/// A trained model, however it was trained.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LocalTopics {
    pub k: usize,
    pub n_terms: usize,
    /// Weights of terms, topic by topic.
    #[serde(with = "crate::wire::doubles")]
    pub lambda: Vec<f64>,
    /// Prior of a document's topics, one per topic.
    #[serde(with = "crate::wire::doubles")]
    pub alpha: Vec<f64>,
    /// Prior of a topic's terms.
    pub eta: f64,
    pub gamma_shape: f64,
}

impl LocalTopics {
    pub(super) fn topic(&self, topic: usize) -> &[f64] {
        &self.lambda[topic * self.n_terms..(topic + 1) * self.n_terms]
    }

    pub(super) fn exp_log_beta(&self) -> Vec<f64> {
        exp_log_beta(&self.lambda, self.k, false)
    }

    pub(super) fn inference<'a>(&'a self, exp_log_beta: &'a [f64]) -> Topics<'a> {
        Topics { n_topics: self.k, exp_log_beta, alpha: &self.alpha, gamma_shape: self.gamma_shape }
    }

    /// The `n` heaviest terms of every topic, and their shares of it.
    pub(super) fn heaviest(&self, n: usize) -> Vec<(Vec<i32>, Vec<f64>)> {
        let heaviest = |topic: usize| {
            let weights = self.topic(topic);
            let sum: f64 = weights.iter().sum();
            let mut terms: Vec<usize> = (0..self.n_terms).collect();
            terms.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]));
            terms.truncate(n);
            let shares = terms.iter().map(|term| weights[*term] / sum).collect();
            (terms.into_iter().map(|term| term as i32).collect(), shares)
        };
        (0..self.k).map(heaviest).collect()
    }

    /// The bound of the documents' log likelihood.
    ///
    /// # Errors
    /// The computation is interrupted.
    pub(super) fn log_likelihood(
        &self,
        documents: &Documents,
        seed: i64,
        job: &dyn Job,
    ) -> Result<f64> {
        let log_beta = exp_log_beta(&self.lambda, self.k, true);
        let exp_log_beta: Vec<f64> = log_beta.iter().map(|value| value.exp()).collect();
        let topics = self.inference(&exp_log_beta);
        const TOGETHER: usize = 64;
        let mut bounds = vec![0.0; documents.n_documents().div_ceil(TOGETHER)];
        for_each_mut(&mut bounds, job, |share, bound| {
            let mut inference = Inference::default();
            let end = documents.n_documents().min((share + 1) * TOGETHER);
            for at in share * TOGETHER..end {
                let (terms, counts) = documents.document(at);
                if !terms.is_empty() {
                    inference.infer(&topics, terms, counts, seed.wrapping_add(at as i64));
                    *bound += self.bound(&inference.gamma, &log_beta, terms, counts);
                }
            }
            Ok(())
        })?;
        let of_eta = log_gamma(self.eta);
        let sum_eta = log_gamma(self.eta * self.n_terms as f64);
        let mut total: f64 = bounds.iter().sum();
        for topic in 0..self.k {
            let lambda = self.topic(topic);
            for (term, lambda) in lambda.iter().enumerate() {
                let log = log_beta[term * self.k + topic];
                total += (self.eta - lambda) * log + log_gamma(*lambda) - of_eta;
            }
            total += sum_eta - log_gamma(lambda.iter().sum());
        }
        Ok(total)
    }

    fn bound(&self, gamma: &[f64], log_beta: &[f64], terms: &[u32], counts: &[f64]) -> f64 {
        let k = self.k;
        let mut log_theta = vec![0.0; k];
        dirichlet_expectation(gamma, &mut log_theta);
        let mut bound = 0.0;
        for (term, count) in terms.iter().zip(counts) {
            let row = &log_beta[*term as usize * k..(*term as usize + 1) * k];
            let logs = row.iter().zip(&log_theta).map(|(beta, theta)| beta + theta);
            let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logs.map(|log| (log - largest).exp()).sum();
            bound += count * (largest + sum.ln());
        }
        for topic in 0..k {
            bound += (self.alpha[topic] - gamma[topic]) * log_theta[topic];
            bound += log_gamma(gamma[topic]) - log_gamma(self.alpha[topic]);
        }
        bound + log_gamma(self.alpha.iter().sum()) - log_gamma(gamma.iter().sum())
    }
}

//! Online variational Bayes (Hoffman, Blei and Bach, 2010): each pass samples documents and moves the topics towards
//! what they say.

use super::documents::Documents;
use super::gamma::Gamma;
use super::inference::{Inference, Topics};
use super::special::{digamma, dirichlet_expectation, trigamma};
use super::topics::LocalTopics;
use crate::clustering::take_sample::sample;
use crate::data::for_each_mut;
use crate::job::Job;
use crate::linalg::kernels;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;

/// Documents between two looks for an interrupt.
const DOCUMENTS_TOGETHER: usize = 256;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub k: usize,
    /// One per topic.
    pub alpha: Vec<f64>,
    pub eta: f64,
    pub n_iterations: usize,
    pub seed: i64,
    pub learning_offset: f64,
    pub learning_decay: f64,
    /// Documents sampled per pass, in relation to all.
    pub fraction: f64,
    pub optimizes_alpha: bool,
}

/// What a share of a pass sums up.
struct Share {
    documents: Vec<usize>,
    /// Term by term.
    statistics: Vec<f64>,
    /// `Σ E[log θ]`.
    log_theta: Vec<f64>,
    n_documents: usize,
    inference: Inference,
}

/// # Errors
/// The fit is interrupted.
pub(super) fn train(
    documents: &Documents,
    settings: &Settings,
    job: &dyn Job,
) -> Result<LocalTopics> {
    let (k, n_terms) = (settings.k, documents.n_terms);
    let shape = super::GAMMA_SHAPE;
    let mut random = JavaRandom::new(settings.seed);
    let mut gamma = Gamma::new(shape, 1.0 / shape, random.next_long());
    let mut lambda: Vec<f64> = (0..k * n_terms).map(|_| gamma.draw()).collect();
    let mut alpha = settings.alpha.clone();
    let n_documents = documents.n_documents();
    let batch_size = (settings.fraction * n_documents as f64).ceil();
    // Passes over samples without documents do not count.
    let mut n_passes = 0_u32;
    for iteration in 0..settings.n_iterations {
        job.progress(iteration, settings.n_iterations);
        let chosen = sample(n_documents, settings.fraction, true, random.next_long());
        if chosen.is_empty() {
            continue;
        }
        n_passes += 1;
        let exp_log_beta = parallel_exp_log_beta(&lambda, k, job)?;
        let topics =
            Topics { n_topics: k, exp_log_beta: &exp_log_beta, alpha: &alpha, gamma_shape: shape };
        let total = pass(documents, &chosen, &topics, random.next_long(), job)?;
        if total.n_documents == 0 {
            continue;
        }
        let weight =
            (settings.learning_offset + f64::from(n_passes)).powf(-settings.learning_decay);
        let factor = n_documents as f64 / batch_size;
        for topic in 0..k {
            for (term, lambda) in
                lambda[topic * n_terms..(topic + 1) * n_terms].iter_mut().enumerate()
            {
                let at = term * k + topic;
                let found = total.statistics[at] * exp_log_beta[at];
                *lambda = (1.0 - weight) * *lambda + weight * (found * factor + settings.eta);
            }
        }
        if settings.optimizes_alpha {
            move_alpha(&mut alpha, total.log_theta, total.n_documents as f64, weight);
        }
    }
    Ok(LocalTopics { k, n_terms, lambda, alpha, eta: settings.eta, gamma_shape: shape })
}

/// As `exp_log_beta`, topics on several threads.
fn parallel_exp_log_beta(lambda: &[f64], k: usize, job: &dyn Job) -> Result<Vec<f64>> {
    let n_terms = lambda.len() / k.max(1);
    let mut rows: Vec<Vec<f64>> = vec![vec![0.0; n_terms]; k];
    for_each_mut(&mut rows, job, |topic, row| {
        dirichlet_expectation(&lambda[topic * n_terms..(topic + 1) * n_terms], row);
        row.iter_mut().for_each(|value| *value = value.exp());
        Ok(())
    })?;
    let mut out = vec![0.0; lambda.len()];
    for (topic, row) in rows.iter().enumerate() {
        for (term, value) in row.iter().enumerate() {
            out[term * k + topic] = *value;
        }
    }
    Ok(out)
}

fn pass(
    documents: &Documents,
    chosen: &[usize],
    topics: &Topics<'_>,
    seed: i64,
    job: &dyn Job,
) -> Result<Share> {
    let k = topics.n_topics;
    let n_threads = job.n_threads().clamp(1, chosen.len());
    let mut shares: Vec<Share> = chosen
        .chunks(chosen.len().div_ceil(n_threads))
        .map(|documents| Share {
            documents: documents.to_vec(),
            statistics: vec![0.0; topics.exp_log_beta.len()],
            log_theta: vec![0.0; k],
            n_documents: 0,
            inference: Inference::default(),
        })
        .collect();
    for_each_mut(&mut shares, job, |_, share| {
        let mut expectation = vec![0.0; k];
        for together in share.documents.chunks(DOCUMENTS_TOGETHER) {
            job.check()?;
            for document in together {
                let (terms, counts) = documents.document(*document);
                if terms.is_empty() {
                    continue;
                }
                let inference = &mut share.inference;
                inference.infer(topics, terms, counts, seed);
                for (term, ratio) in terms.iter().zip(&inference.ratios) {
                    let at = *term as usize * k;
                    let own = &mut share.statistics[at..at + k];
                    kernels::axpy(*ratio, &inference.exp_log_theta, own);
                }
                dirichlet_expectation(&inference.gamma, &mut expectation);
                kernels::axpy(1.0, &expectation, &mut share.log_theta);
                share.n_documents += 1;
            }
        }
        Ok(())
    })?;
    let mut shares = shares.into_iter();
    let Some(mut total) = shares.next() else {
        return Err(firesteel_common::SparkError::internal("a pass has no shares"));
    };
    for share in shares {
        kernels::axpy(1.0, &share.statistics, &mut total.statistics);
        kernels::axpy(1.0, &share.log_theta, &mut total.log_theta);
        total.n_documents += share.n_documents;
    }
    Ok(total)
}

/// A Newton step for the prior of documents (Huang, "Maximum likelihood estimation of Dirichlet distribution
/// parameters", 3.3), not taken if it would leave the positive numbers.
fn move_alpha(alpha: &mut [f64], log_theta: Vec<f64>, n: f64, weight: f64) {
    let sum: f64 = alpha.iter().sum();
    let of_sum = digamma(sum);
    let gradient: Vec<f64> = alpha
        .iter()
        .zip(&log_theta)
        .map(|(alpha, log_theta)| n * (log_theta / n - (digamma(*alpha) - of_sum)))
        .collect();
    let c = n * trigamma(sum);
    let q: Vec<f64> = alpha.iter().map(|alpha| -n * trigamma(*alpha)).collect();
    let quotients: f64 = gradient.iter().zip(&q).map(|(gradient, q)| gradient / q).sum();
    let b = quotients / (1.0 / c + q.iter().map(|q| 1.0 / q).sum::<f64>());
    let moved: Vec<f64> = alpha
        .iter()
        .zip(gradient.iter().zip(&q))
        .map(|(alpha, (gradient, q))| alpha - weight * (gradient - b) / q)
        .collect();
    if moved.iter().all(|alpha| *alpha > 0.0) {
        alpha.copy_from_slice(&moved);
    }
}

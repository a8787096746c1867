//! Expectation maximisation over the graph of documents and terms (Asuncion et al., "On smoothing and inference for
//! topic models", 2009): every occurrence is shared out among the topics, in proportion to what its document and its
//! term have of them.

use super::documents::Documents;
use crate::data::for_each_mut;
use crate::job::Job;
use crate::linalg::kernels;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;

/// What training has counted.
#[derive(Debug)]
pub(super) struct TopicCounts {
    pub k: usize,
    pub alpha: f64,
    pub eta: f64,
    /// Documents as they were trained with.
    pub documents: Documents,
    /// Topics of every document, `k` each; none for documents without terms.
    pub of_documents: Vec<f64>,
    /// Topics of every term, `k` each.
    pub of_terms: Vec<f64>,
    /// Whether a term occurs at all.
    pub occurs: Vec<bool>,
    /// Of all terms.
    pub totals: Vec<f64>,
}

/// # Errors
/// The fit is interrupted.
pub(super) fn train(
    documents: Documents,
    k: usize,
    (alpha, eta): (f64, f64),
    n_iterations: usize,
    seed: i64,
    job: &dyn Job,
) -> Result<TopicCounts> {
    let mut counts = first(documents, k, (alpha, eta), seed);
    for iteration in 0..n_iterations {
        job.progress(iteration, n_iterations);
        counts.step(job)?;
    }
    Ok(counts)
}

fn first(documents: Documents, k: usize, (alpha, eta): (f64, f64), seed: i64) -> TopicCounts {
    let mut of_documents = vec![0.0; documents.n_documents() * k];
    let mut of_terms = vec![0.0; documents.n_terms * k];
    let mut occurs = vec![false; documents.n_terms];
    let mut random = JavaRandom::new(seed);
    let mut shares = vec![0.0; k];
    for at in 0..documents.n_documents() {
        let (terms, counts) = documents.document(at);
        for (term, count) in terms.iter().zip(counts) {
            shares.iter_mut().for_each(|share| *share = random.next_double());
            let sum: f64 = shares.iter().sum();
            let term = *term as usize;
            occurs[term] = true;
            kernels::axpy(count / sum, &shares, &mut of_documents[at * k..(at + 1) * k]);
            kernels::axpy(count / sum, &shares, &mut of_terms[term * k..(term + 1) * k]);
        }
    }
    let mut counts = TopicCounts {
        k,
        alpha,
        eta,
        documents,
        of_documents,
        of_terms,
        occurs,
        totals: Vec::new(),
    };
    counts.sum_up();
    counts
}

/// What a share of a pass counts.
struct Share {
    from: usize,
    to: usize,
    of_documents: Vec<f64>,
    of_terms: Vec<f64>,
}

impl TopicCounts {
    fn sum_up(&mut self) {
        self.totals = vec![0.0; self.k];
        for row in self.of_terms.chunks_exact(self.k) {
            kernels::axpy(1.0, row, &mut self.totals);
        }
    }

    fn step(&mut self, job: &dyn Job) -> Result<()> {
        let k = self.k;
        let n_documents = self.documents.n_documents();
        let n_shares = job.n_threads().clamp(1, n_documents.max(1));
        let mut shares: Vec<Share> = (0..n_shares)
            .map(|share| {
                let (from, to) =
                    (share * n_documents / n_shares, (share + 1) * n_documents / n_shares);
                Share {
                    from,
                    to,
                    of_documents: vec![0.0; (to - from) * k],
                    of_terms: vec![0.0; self.of_terms.len()],
                }
            })
            .collect();
        let own = &*self;
        for_each_mut(&mut shares, job, |_, share| {
            own.count(share);
            Ok(())
        })?;
        let mut of_documents = Vec::with_capacity(self.of_documents.len());
        let mut of_terms: Option<Vec<f64>> = None;
        for share in shares {
            of_documents.extend(share.of_documents);
            match &mut of_terms {
                None => of_terms = Some(share.of_terms),
                Some(sum) => kernels::axpy(1.0, &share.of_terms, sum),
            }
        }
        self.of_documents = of_documents;
        self.of_terms = of_terms.unwrap_or_default();
        self.sum_up();
        Ok(())
    }

    fn count(&self, share: &mut Share) {
        let k = self.k;
        let smoothing = self.documents.n_terms as f64 * (self.eta - 1.0);
        let scales: Vec<f64> = self.totals.iter().map(|total| 1.0 / (total + smoothing)).collect();
        let mut parts = vec![0.0; k];
        for at in share.from..share.to {
            let (terms, counts) = self.documents.document(at);
            let document = &self.of_documents[at * k..(at + 1) * k];
            let to = (at - share.from) * k;
            for (term, count) in terms.iter().zip(counts) {
                let term = *term as usize * k;
                let row = &self.of_terms[term..term + k];
                let mut sum = 0.0;
                for topic in 0..k {
                    let part = (row[topic] + self.eta - 1.0)
                        * (document[topic] + self.alpha - 1.0)
                        * scales[topic];
                    parts[topic] = part;
                    sum += part;
                }
                kernels::axpy(count / sum, &parts, &mut share.of_documents[to..to + k]);
                kernels::axpy(count / sum, &parts, &mut share.of_terms[term..term + k]);
            }
        }
    }

    /// `ln p(documents | topics)`.
    pub(super) fn log_likelihood(&self) -> f64 {
        let k = self.k;
        let smoothing = self.documents.n_terms as f64 * (self.eta - 1.0);
        let mut total = 0.0;
        for at in 0..self.documents.n_documents() {
            let (terms, counts) = self.documents.document(at);
            let document = &self.of_documents[at * k..(at + 1) * k];
            let sum: f64 = document.iter().map(|count| count + self.alpha - 1.0).sum();
            for (term, count) in terms.iter().zip(counts) {
                let row = &self.of_terms[*term as usize * k..(*term as usize + 1) * k];
                let likelihood: f64 = (0..k)
                    .map(|topic| {
                        let phi = (row[topic] + self.eta - 1.0) / (self.totals[topic] + smoothing);
                        phi * (document[topic] + self.alpha - 1.0) / sum
                    })
                    .sum();
                total += count * likelihood.ln();
            }
        }
        total
    }

    /// `ln p(topics, topics of documents | priors)`.
    pub(super) fn log_prior(&self) -> f64 {
        let k = self.k;
        let smoothing = self.documents.n_terms as f64 * (self.eta - 1.0);
        let mut total = 0.0;
        for (row, _) in
            self.of_terms.chunks_exact(k).zip(&self.occurs).filter(|(_, occurs)| **occurs)
        {
            let logs = row.iter().zip(&self.totals);
            let logs =
                logs.map(|(count, total)| ((count + self.eta - 1.0) / (total + smoothing)).ln());
            total += (self.eta - 1.0) * logs.sum::<f64>();
        }
        for at in 0..self.documents.n_documents() {
            if self.documents.document(at).0.is_empty() {
                continue;
            }
            let document = &self.of_documents[at * k..(at + 1) * k];
            let sum: f64 = document.iter().map(|count| count + self.alpha - 1.0).sum();
            let logs = document.iter().map(|count| ((count + self.alpha - 1.0) / sum).ln());
            total += (self.alpha - 1.0) * logs.sum::<f64>();
        }
        total
    }

    /// Counts of terms, topic by topic.
    pub(super) fn by_topic(&self) -> Vec<f64> {
        let n_terms = self.documents.n_terms;
        let mut out = vec![0.0; self.of_terms.len()];
        for (term, row) in self.of_terms.chunks_exact(self.k).enumerate() {
            for (topic, count) in row.iter().enumerate() {
                out[topic * n_terms + term] = *count;
            }
        }
        out
    }
}

//! Documents as counted terms, compressed row by row.

use crate::data::Instances;

/// Terms that occur and how often, document by document; empty documents included.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub n_terms: usize,
    pub starts: Vec<usize>,
    pub terms: Vec<u32>,
    pub counts: Vec<f64>,
}

impl Documents {
    pub(super) fn new(n_terms: usize) -> Self {
        Self { n_terms, starts: vec![0], terms: Vec::new(), counts: Vec::new() }
    }

    pub(super) fn of(data: &Instances) -> Self {
        let mut documents = Self::new(data.n_features);
        for block in &data.blocks {
            for row in 0..block.n_rows() {
                block.row(row).for_each_nonzero(|term, count| documents.push(term, count));
                documents.end();
            }
        }
        documents
    }

    pub(super) fn push(&mut self, term: usize, count: f64) {
        self.terms.push(term as u32);
        self.counts.push(count);
    }

    /// Ends a document.
    pub(super) fn end(&mut self) {
        self.starts.push(self.terms.len());
    }

    pub(super) fn n_documents(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn document(&self, at: usize) -> (&[u32], &[f64]) {
        let range = self.starts[at]..self.starts[at + 1];
        (&self.terms[range.clone()], &self.counts[range])
    }
}

//! A function whose values are passes over data, which the user is shown.

use super::{Objective, Stop};
use crate::job::Job;
use firesteel_common::Result;

/// An objective that reports how often it was computed.
pub struct Watched<'a, O> {
    objective: O,
    job: &'a dyn Job,
    iterations_max: usize,
    n_passes: usize,
}

impl<'a, O: Objective> Watched<'a, O> {
    /// `objective` under a search that ends by `stop`.
    pub fn new(objective: O, job: &'a dyn Job, stop: Stop) -> Self {
        Self { objective, job, iterations_max: stop.iterations_max, n_passes: 0 }
    }
}

impl<O: Objective> Objective for Watched<'_, O> {
    fn value(&mut self, x: &mut [f64], gradient: &mut [f64]) -> Result<f64> {
        let value = self.objective.value(x, gradient)?;
        self.n_passes += 1;
        // A step takes a pass, mostly; one came before the first.
        self.job.progress(self.n_passes, self.n_passes.max(self.iterations_max + 1));
        Ok(value)
    }
}

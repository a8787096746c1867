//! What all methods share: the function, the state of a search, when it ends.

use super::Failed;
use crate::linalg::kernels::norm;
use firesteel_common::Result;
use std::collections::VecDeque;

/// A function to be minimised.
pub trait Objective {
    /// The value at `x`; its gradient goes to `gradient`, which is as long. Some functions move `x` to where the
    /// value is least in directions that they know in closed form.
    ///
    /// # Errors
    /// `OPERATION_CANCELED`, and what a pass over data fails with.
    fn value(&mut self, x: &mut [f64], gradient: &mut [f64]) -> Result<f64>;
}

impl<F: FnMut(&mut [f64], &mut [f64]) -> Result<f64>> Objective for F {
    fn value(&mut self, x: &mut [f64], gradient: &mut [f64]) -> Result<f64> {
        self(x, gradient)
    }
}

/// When a search ends.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub iterations_max: usize,
    /// Relative, of values (over the last 20 steps) and of the gradient's length.
    pub tolerance: f64,
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub struct Minimum {
    pub x: Vec<f64>,
    /// Value before the first step and after each.
    pub history: Vec<f64>,
}

impl Minimum {
    pub fn n_iterations(&self) -> usize {
        self.history.len().saturating_sub(1)
    }
}

/// A point of a search. Adjusted: penalties that the method itself adds included.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub x: Vec<f64>,
    pub value: f64,
    pub gradient: Vec<f64>,
    pub adjusted_value: f64,
    pub adjusted_gradient: Vec<f64>,
    pub iteration: usize,
    pub first_value: f64,
    pub failed: bool,
    /// The last values, at most [`VALUES`] of them.
    pub recent: VecDeque<f64>,
}

const VALUES: usize = 20;

impl State {
    pub(super) fn first(
        x: Vec<f64>,
        value: f64,
        gradient: Vec<f64>,
        adjusted: (f64, Vec<f64>),
    ) -> Self {
        Self {
            x,
            value,
            gradient,
            adjusted_value: adjusted.0,
            adjusted_gradient: adjusted.1,
            iteration: 0,
            first_value: adjusted.0,
            failed: false,
            recent: VecDeque::from([f64::INFINITY]),
        }
    }

    pub(super) fn next(
        &self,
        x: Vec<f64>,
        value: f64,
        gradient: Vec<f64>,
        adjusted: (f64, Vec<f64>),
    ) -> Self {
        let mut recent = self.recent.clone();
        recent.push_back(value);
        while recent.len() > VALUES {
            recent.pop_front();
        }
        Self {
            x,
            value,
            gradient,
            adjusted_value: adjusted.0,
            adjusted_gradient: adjusted.1,
            iteration: self.iteration + 1,
            first_value: self.first_value,
            failed: false,
            recent,
        }
    }

    /// Whether values have come to rest or the search has no steps left.
    pub(super) fn is_done_without_gradient(&self, stop: &Stop) -> bool {
        let highest = self.recent.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.iteration >= stop.iterations_max
            || self.failed
            || (self.recent.len() >= 2
                && (self.adjusted_value - highest).abs() <= stop.tolerance * self.first_value)
    }

    pub(super) fn is_done(&self, stop: &Stop) -> bool {
        self.is_done_without_gradient(stop)
            || norm(&self.adjusted_gradient) <= (stop.tolerance * self.adjusted_value).max(1e-8)
    }
}

/// Runs `step` until the search is over. One failure is forgiven after `forget`.
pub(super) fn run(
    mut state: State,
    mut step: impl FnMut(&State) -> Result<State, Failed>,
    is_done: impl Fn(&State) -> bool,
    mut forget: impl FnMut(),
) -> Result<Minimum> {
    let mut history = vec![state.adjusted_value];
    let mut failed_once = false;
    while !is_done(&state) {
        match step(&state) {
            Ok(next) => {
                failed_once = false;
                state = next;
            }
            Err(Failed::Error(error)) => return Err(error),
            Err(Failed::Search) if !failed_once => {
                failed_once = true;
                forget();
            }
            Err(Failed::Search) => state.failed = true,
        }
        history.push(state.adjusted_value);
    }
    Ok(Minimum { x: state.x, history })
}

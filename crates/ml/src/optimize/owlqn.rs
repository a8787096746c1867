//! OWL-QN (Andrew and Gao, "Scalable training of L1-regularized log-linear models", 2007): `breeze.optimize.OWLQN`.

use super::backtracking;
use super::hessian::InverseHessian;
use super::lbfgs::{MEMORY, move_by};
use super::state::{State, run};
use super::{Failed, Minimum, Objective, Stop};
use crate::linalg::kernels::{dot, norm};
use firesteel_common::Result;
use std::cell::RefCell;

/// Minimises `objective + Σ penalties[i] · |x[i]|` from `x`. Penalties are not negative.
///
/// # Errors
/// What the objective fails with. A search that cannot go on ends where it is.
pub fn owlqn(
    objective: &mut dyn Objective,
    mut x: Vec<f64>,
    penalties: &[f64],
    stop: Stop,
) -> Result<Minimum> {
    let hessian = RefCell::new(InverseHessian::new(MEMORY));
    let mut gradient = vec![0.0; x.len()];
    let value = objective.value(&mut x, &mut gradient)?;
    let adjusted = adjusted(&x, &gradient, value, penalties);
    let first = State::first(x, value, gradient, adjusted);
    let step = |state: &State| -> Result<State, Failed> {
        let mut direction = hessian.borrow().direction(&state.adjusted_gradient)?;
        for (d, g) in direction.iter_mut().zip(&state.adjusted_gradient) {
            if *d * g >= 0.0 {
                *d = 0.0;
            }
        }
        let mut trial = vec![0.0; state.x.len()];
        let mut trial_gradient = vec![0.0; state.x.len()];
        let is_first = state.iteration < 1;
        let first_step = if is_first { 0.5 / norm(&state.gradient) } else { 1.0 };
        let alpha = backtracking::search(
            |t| {
                take_step(state, &direction, t, &mut trial);
                let value = objective.value(&mut trial, &mut trial_gradient)?;
                let (value, gradient) = self::adjusted(&trial, &trial_gradient, value, penalties);
                Ok((value, dot(&gradient, &direction)))
            },
            first_step,
            if is_first { 0.1 } else { 0.5 },
            state.value,
        )?;
        take_step(state, &direction, alpha, &mut trial);
        let value = objective.value(&mut trial, &mut trial_gradient)?;
        hessian.borrow_mut().update(&state.x, &state.gradient, &trial, &trial_gradient);
        let adjusted = self::adjusted(&trial, &trial_gradient, value, penalties);
        Ok(state.next(trial, value, trial_gradient, adjusted))
    };
    run(first, step, |state| state.is_done(&stop), || hessian.borrow_mut().clear())
}

/// A step that stays in the orthant of where it begins.
fn take_step(state: &State, direction: &[f64], t: f64, out: &mut [f64]) {
    move_by(&state.x, direction, t, out);
    for ((out, x), gradient) in out.iter_mut().zip(&state.x).zip(&state.adjusted_gradient) {
        let orthant = if *x != 0.0 { sign(*x) } else { sign(-gradient) };
        if sign(*out) != orthant {
            *out = 0.0;
        }
    }
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// Value and gradient with the penalty; at zero the gradient of least size.
fn adjusted(x: &[f64], gradient: &[f64], value: f64, penalties: &[f64]) -> (f64, Vec<f64>) {
    let mut sum = value;
    let gradient = x.iter().zip(gradient).zip(penalties).map(|((x, g), penalty)| {
        if *penalty == 0.0 {
            return *g;
        }
        sum += (penalty * x).abs();
        if *x == 0.0 {
            let (above, below) = (g + penalty, g - penalty);
            if below > 0.0 {
                below
            } else if above < 0.0 {
                above
            } else {
                0.0
            }
        } else {
            g + x.signum() * penalty
        }
    });
    let gradient = gradient.collect();
    (sum, gradient)
}

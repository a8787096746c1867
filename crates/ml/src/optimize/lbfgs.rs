//! L-BFGS (Liu and Nocedal, 1989) with a strong Wolfe line search: `breeze.optimize.LBFGS`.

use super::hessian::InverseHessian;
use super::state::{State, run};
use super::wolfe::WolfeSearch;
use super::{Failed, Minimum, Objective, Stop};
use crate::linalg::kernels::{dot, norm};
use firesteel_common::Result;
use std::cell::RefCell;

/// Pairs of steps and gradients that are kept.
pub(super) const MEMORY: usize = 10;

/// Minimises from `x`.
///
/// # Errors
/// What the objective fails with. A search that cannot go on ends where it is.
pub fn lbfgs(objective: &mut dyn Objective, mut x: Vec<f64>, stop: Stop) -> Result<Minimum> {
    let hessian = RefCell::new(InverseHessian::new(MEMORY));
    let mut gradient = vec![0.0; x.len()];
    let value = objective.value(&mut x, &mut gradient)?;
    let first = State::first(x, value, gradient.clone(), (value, gradient));
    let step = |state: &State| -> Result<State, Failed> {
        let direction = hessian.borrow().direction(&state.gradient)?;
        let n = state.x.len();
        let (mut trial, mut trial_gradient) = (vec![0.0; n], vec![0.0; n]);
        // What the line search has computed last need not be computed again.
        let mut last: Option<(f64, f64)> = None;
        let first_step = if state.iteration == 0 { 1.0 / norm(&direction) } else { 1.0 };
        let search = WolfeSearch { zoom_max: 10, search_max: 10 };
        let alpha = search.minimize(
            |t| {
                if t == 0.0 {
                    return Ok((state.value, dot(&state.gradient, &direction)));
                }
                move_by(&state.x, &direction, t, &mut trial);
                let value = objective.value(&mut trial, &mut trial_gradient)?;
                last = Some((t, value));
                Ok((value, dot(&trial_gradient, &direction)))
            },
            first_step,
            f64::INFINITY,
        )?;
        if alpha * norm(&state.gradient) < 1e-10 {
            return Err(Failed::Search);
        }
        let value = match last {
            Some((t, value)) if t == alpha => value,
            _ => {
                move_by(&state.x, &direction, alpha, &mut trial);
                objective.value(&mut trial, &mut trial_gradient)?
            }
        };
        hessian.borrow_mut().update(&state.x, &state.gradient, &trial, &trial_gradient);
        let adjusted = (value, trial_gradient.clone());
        Ok(state.next(trial, value, trial_gradient, adjusted))
    };
    run(first, step, |state| state.is_done(&stop), || hessian.borrow_mut().clear())
}

/// `out = x + t · direction`.
pub(super) fn move_by(x: &[f64], direction: &[f64], t: f64, out: &mut [f64]) {
    for ((out, x), d) in out.iter_mut().zip(x).zip(direction) {
        *out = x + d * t;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_rosenbrocks_valley() {
        let mut rosenbrock = |x: &mut [f64], g: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            g[0] = -2.0 * a - 400.0 * x[0] * b;
            g[1] = 200.0 * b;
            Ok(a * a + 100.0 * b * b)
        };
        let stop = Stop { iterations_max: 200, tolerance: 1e-12 };
        let Ok(found) = lbfgs(&mut rosenbrock, vec![-1.2, 1.0], stop) else { panic!("no error") };
        assert!((found.x[0] - 1.0).abs() < 1e-6 && (found.x[1] - 1.0).abs() < 1e-6);
    }
}

//! L-BFGS-B (Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995):
//! `breeze.optimize.LBFGSB`.

use super::lbfgs::{MEMORY, move_by};
use super::state::{State, run};
use super::wolfe::WolfeSearch;
use super::{Failed, Minimum, Objective, Stop};
use crate::linalg::kernels::{dot, norm};
use firesteel_common::Result;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Minimises from `x`, which is moved into the bounds first.
///
/// # Errors
/// What the objective fails with. A search that cannot go on ends where it is.
pub fn lbfgsb(
    objective: &mut dyn Objective,
    mut x: Vec<f64>,
    lower: &[f64],
    upper: &[f64],
    stop: Stop,
) -> Result<Minimum> {
    let n = x.len();
    let memory = RefCell::new(Memory::default());
    for ((x, lower), upper) in x.iter_mut().zip(lower).zip(upper) {
        *x = x.max(*lower).min(*upper);
    }
    let mut gradient = vec![0.0; n];
    let value = objective.value(&mut x, &mut gradient)?;
    let first = State::first(x, value, gradient.clone(), (value, gradient));
    let step = |state: &State| -> Result<State, Failed> {
        let target = memory.borrow().minimum_of_model(&state.x, &state.gradient, lower, upper)?;
        let direction: Vec<f64> = target.iter().zip(&state.x).map(|(t, x)| t - x).collect();
        let mut bound = f64::INFINITY;
        for i in 0..n {
            let limit = if direction[i] < 0.0 { lower[i] } else { upper[i] };
            if direction[i] != 0.0 && limit.is_finite() {
                bound = bound.min(((limit - state.x[i]) / direction[i]).max(0.0));
            }
        }
        let first_step = match state.iteration {
            0 => (0.5 / norm(&state.gradient)).min(bound),
            _ => 1.0_f64.min(bound),
        };
        let (mut trial, mut trial_gradient) = (vec![0.0; n], vec![0.0; n]);
        let search = WolfeSearch { zoom_max: 64, search_max: 64 };
        let mut last = None;
        let alpha = search.minimize(
            |t| {
                if t == 0.0 {
                    return Ok((state.value, dot(&state.gradient, &direction)));
                }
                move_by(&state.x, &direction, t, &mut trial);
                into_bounds(&mut trial, lower, upper);
                let value = objective.value(&mut trial, &mut trial_gradient)?;
                last = Some((t, value));
                Ok((value, dot(&trial_gradient, &direction)))
            },
            first_step,
            bound,
        )?;
        let value = match last {
            Some((t, value)) if t == alpha => value,
            _ => {
                move_by(&state.x, &direction, alpha, &mut trial);
                into_bounds(&mut trial, lower, upper);
                objective.value(&mut trial, &mut trial_gradient)?
            }
        };
        memory.borrow_mut().update(&state.x, &state.gradient, &trial, &trial_gradient);
        let adjusted = (value, trial_gradient.clone());
        Ok(state.next(trial, value, trial_gradient, adjusted))
    };
    let is_done = |state: &State| {
        state.is_done_without_gradient(&stop)
            || projected_norm(state, lower, upper) <= stop.tolerance
    };
    run(first, step, is_done, || memory.borrow_mut().clear())
}

fn into_bounds(x: &mut [f64], lower: &[f64], upper: &[f64]) {
    for ((x, lower), upper) in x.iter_mut().zip(lower).zip(upper) {
        *x = x.max(*lower).min(*upper);
    }
}

/// Largest entry of the gradient that bounds leave.
fn projected_norm(state: &State, lower: &[f64], upper: &[f64]) -> f64 {
    let entries = state.x.iter().zip(&state.gradient).zip(lower.iter().zip(upper));
    entries
        .map(|((x, g), (lower, upper))| ((x - g).max(*lower).min(*upper) - x).abs())
        .fold(0.0, f64::max)
}

/// Steps `s` and changes of the gradient `y`, the oldest first, and the compact form of the Hessian that they
/// approximate: `theta · I - W M Wᵀ` with `W = [Y, theta · S]`.
#[derive(Debug)]
struct Memory {
    theta: f64,
    steps: VecDeque<Vec<f64>>,
    changes: VecDeque<Vec<f64>>,
    /// `2m × 2m`, row major.
    m: Vec<f64>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { theta: 1.0, steps: VecDeque::new(), changes: VecDeque::new(), m: Vec::new() }
    }
}

impl Memory {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn update(&mut self, x: &[f64], gradient: &[f64], new_x: &[f64], new_gradient: &[f64]) {
        let difference = |new: &[f64], old: &[f64]| -> Vec<f64> {
            new.iter().zip(old).map(|(n, o)| n - o).collect()
        };
        let (step, change) = (difference(new_x, x), difference(new_gradient, gradient));
        let curvature = dot(&step, &change);
        // A step along which the slope does not grow says nothing of a convex model.
        if curvature <= 2.2e-16 * dot(&change, &change) || !curvature.is_finite() {
            return;
        }
        self.theta = dot(&change, &change) / curvature;
        self.steps.push_back(step);
        self.changes.push_back(change);
        if self.steps.len() > MEMORY {
            self.steps.pop_front();
            self.changes.pop_front();
        }
        self.invert();
    }

    /// `M = [[-D, Lᵀ], [L, theta · SᵀS]]⁻¹`.
    fn invert(&mut self) {
        let k = self.steps.len();
        let size = 2 * k;
        let mut matrix = vec![0.0; size * size];
        for i in 0..k {
            for j in 0..k {
                let product = dot(&self.steps[i], &self.changes[j]);
                if i == j {
                    matrix[i * size + i] = -product;
                } else if i > j {
                    matrix[(k + i) * size + j] = product;
                    matrix[j * size + k + i] = product;
                }
                matrix[(k + i) * size + k + j] = self.theta * dot(&self.steps[i], &self.steps[j]);
            }
        }
        match inverse(matrix, size) {
            Some(inverse) => self.m = inverse,
            None => self.clear(),
        }
    }

    /// Row `i` of `W`.
    fn w_row(&self, i: usize) -> Vec<f64> {
        let changes = self.changes.iter().map(|change| change[i]);
        changes.chain(self.steps.iter().map(|step| self.theta * step[i])).collect()
    }

    fn times_m(&self, x: &[f64]) -> Vec<f64> {
        let size = x.len();
        (0..size).map(|row| dot(&self.m[row * size..(row + 1) * size], x)).collect()
    }

    /// Where the quadratic model is least within the bounds: the generalized Cauchy point, then the subspace of
    /// variables that it leaves free.
    fn minimum_of_model(
        &self,
        x: &[f64],
        gradient: &[f64],
        lower: &[f64],
        upper: &[f64],
    ) -> Result<Vec<f64>, Failed> {
        let n = x.len();
        let size = 2 * self.steps.len();
        let breaks: Vec<f64> = (0..n)
            .map(|i| {
                if gradient[i] < 0.0 {
                    (x[i] - upper[i]) / gradient[i]
                } else if gradient[i] > 0.0 {
                    (x[i] - lower[i]) / gradient[i]
                } else {
                    f64::INFINITY
                }
            })
            .collect();
        let mut d: Vec<f64> =
            (0..n).map(|i| if breaks[i] == 0.0 { 0.0 } else { -gradient[i] }).collect();
        let mut order: Vec<usize> = (0..n).filter(|i| breaks[*i] > 0.0).collect();
        order.sort_by(|a, b| breaks[*a].total_cmp(&breaks[*b]));
        let mut cauchy = x.to_vec();
        let mut p = vec![0.0; size];
        for i in 0..n {
            if d[i] != 0.0 && size > 0 {
                for (p, w) in p.iter_mut().zip(self.w_row(i)) {
                    *p += w * d[i];
                }
            }
        }
        let mut c = vec![0.0; size];
        let mut slope = -dot(&d, &d);
        let mut curvature = -self.theta * slope - dot(&p, &self.times_m(&p));
        let start_curvature = curvature;
        let mut t_least = -slope / curvature;
        let mut t_old = 0.0;
        let mut at = 0;
        while at < order.len() {
            let i = order[at];
            let t = breaks[i];
            let width = t - t_old;
            if !(t_least >= width) || !t.is_finite() {
                break;
            }
            cauchy[i] = if d[i] > 0.0 { upper[i] } else { lower[i] };
            let z = cauchy[i] - x[i];
            for (c, p) in c.iter_mut().zip(&p) {
                *c += width * p;
            }
            let g = gradient[i];
            let w = self.w_row(i);
            let (mc, mp, mw) = (self.times_m(&c), self.times_m(&p), self.times_m(&w));
            slope += width * curvature + g * g + self.theta * g * z - g * dot(&w, &mc);
            curvature += -self.theta * g * g - 2.0 * g * dot(&w, &mp) - g * g * dot(&w, &mw);
            curvature = curvature.max(2.2e-16 * start_curvature);
            for (p, w) in p.iter_mut().zip(&w) {
                *p += g * w;
            }
            d[i] = 0.0;
            t_least = -slope / curvature;
            t_old = t;
            at += 1;
        }
        t_least = if t_least.is_nan() { 0.0 } else { t_least.max(0.0) };
        t_old += t_least;
        for i in &order[at..] {
            cauchy[*i] = x[*i] + t_old * d[*i];
        }
        for (c, p) in c.iter_mut().zip(&p) {
            *c += t_least * p;
        }
        let free: Vec<usize> =
            (0..n).filter(|i| cauchy[*i] != lower[*i] && cauchy[*i] != upper[*i]).collect();
        if free.is_empty() {
            return Ok(cauchy);
        }
        // r = gradient of the model at the Cauchy point, over free variables.
        let mc = self.times_m(&c);
        let rows: Vec<Vec<f64>> = free.iter().map(|i| self.w_row(*i)).collect();
        let r: Vec<f64> = free
            .iter()
            .zip(&rows)
            .map(|(i, w)| gradient[*i] + self.theta * (cauchy[*i] - x[*i]) - dot(w, &mc))
            .collect();
        let mut step: Vec<f64> = r.iter().map(|r| -r / self.theta).collect();
        if size > 0 {
            let mut wr = vec![0.0; size];
            let mut ww = vec![0.0; size * size];
            for (w, r) in rows.iter().zip(&r) {
                for a in 0..size {
                    wr[a] += w[a] * r;
                    for b in 0..size {
                        ww[a * size + b] += w[a] * w[b];
                    }
                }
            }
            let mut system = vec![0.0; size * size];
            for a in 0..size {
                for b in 0..size {
                    let product: f64 =
                        (0..size).map(|k| self.m[a * size + k] * ww[k * size + b]).sum();
                    system[a * size + b] = f64::from(u8::from(a == b)) - product / self.theta;
                }
            }
            let solver = inverse(system, size).ok_or(Failed::Search)?;
            let mwr = self.times_m(&wr);
            let v: Vec<f64> =
                (0..size).map(|row| dot(&solver[row * size..(row + 1) * size], &mwr)).collect();
            for (step, w) in step.iter_mut().zip(&rows) {
                *step -= dot(w, &v) / (self.theta * self.theta);
            }
        }
        let mut factor = 1.0_f64;
        for (i, step) in free.iter().zip(&step) {
            if *step > 0.0 {
                factor = factor.min((upper[*i] - cauchy[*i]) / step);
            } else if *step < 0.0 {
                factor = factor.min((lower[*i] - cauchy[*i]) / step);
            }
        }
        for (i, step) in free.iter().zip(&step) {
            cauchy[*i] += factor * step;
        }
        Ok(cauchy)
    }
}

/// The inverse of a small row-major matrix, by elimination with row exchange; none if it is singular.
fn inverse(mut a: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    let mut out = vec![0.0; n * n];
    (0..n).for_each(|i| out[i * n + i] = 1.0);
    for col in 0..n {
        let pivot =
            (col..n).max_by(|p, q| a[p * n + col].abs().total_cmp(&a[q * n + col].abs()))?;
        let value = a[pivot * n + col];
        if value == 0.0 || !value.is_finite() {
            return None;
        }
        for k in 0..n {
            a.swap(col * n + k, pivot * n + k);
            out.swap(col * n + k, pivot * n + k);
        }
        for k in 0..n {
            a[col * n + k] /= value;
            out[col * n + k] /= value;
        }
        for row in (0..n).filter(|row| *row != col) {
            let factor = a[row * n + col];
            if factor != 0.0 {
                for k in 0..n {
                    a[row * n + k] -= factor * a[col * n + k];
                    out[row * n + k] -= factor * out[col * n + k];
                }
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_bounds() {
        // (x - 3)² + (y + 1)² + xy / 2 in [0, 1] × [0, 5]: the least is at (1, 0).
        let mut f = |x: &mut [f64], g: &mut [f64]| {
            g[0] = 2.0 * (x[0] - 3.0) + x[1] / 2.0;
            g[1] = 2.0 * (x[1] + 1.0) + x[0] / 2.0;
            Ok((x[0] - 3.0).powi(2) + (x[1] + 1.0).powi(2) + x[0] * x[1] / 2.0)
        };
        let stop = Stop { iterations_max: 100, tolerance: 1e-12 };
        let found = lbfgsb(&mut f, vec![0.5, 0.5], &[0.0, 0.0], &[1.0, 5.0], stop);
        let Ok(found) = found else { panic!("no error") };
        assert!((found.x[0] - 1.0).abs() < 1e-9 && found.x[1].abs() < 1e-9);
    }
}

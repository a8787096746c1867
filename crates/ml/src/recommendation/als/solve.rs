//! Solvers of normal equations `A x = b`, `A` symmetric, held as upper triangle of a row-major square.

use crate::linalg::kernels;

/// How a factor is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Solver {
    Cholesky,
    /// No entry of a factor may be negative.
    NonNegative,
}

/// Solves in place by `A = Uᵀ U`; `a` is overwritten, `b` becomes the answer. False if `A` is not positive definite.
pub(super) fn cholesky(a: &mut [f64], b: &mut [f64]) -> bool {
    let n = b.len();
    for i in 0..n {
        let pivot = a[i * n + i];
        if pivot.is_nan() || pivot <= 0.0 {
            return false;
        }
        let root = pivot.sqrt();
        let (head, tail) = a.split_at_mut((i + 1) * n);
        let row = &mut head[i * n + i..];
        row[0] = root;
        kernels::scale(1.0 / root, &mut row[1..]);
        let row = &head[i * n..];
        for j in i + 1..n {
            let own = &mut tail[(j - i - 1) * n + j..(j - i) * n];
            kernels::axpy(-row[j], &row[j..], own);
        }
    }
    for i in 0..n {
        b[i] /= a[i * n + i];
        let (solved, rest) = b.split_at_mut(i + 1);
        kernels::axpy(-solved[i], &a[i * n + i + 1..(i + 1) * n], rest);
    }
    for i in (0..n).rev() {
        let known = kernels::dot(&a[i * n + i + 1..(i + 1) * n], &b[i + 1..]);
        b[i] = (b[i] - known) / a[i * n + i];
    }
    true
}

/// Room of [`non_negative`].
#[derive(Debug)]
pub(super) struct Room {
    scratch: Vec<f64>,
    gradient: Vec<f64>,
    direction: Vec<f64>,
    last_direction: Vec<f64>,
    residual: Vec<f64>,
    pub x: Vec<f64>,
}

impl Room {
    pub(super) fn new(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        Self {
            scratch: zeros(),
            gradient: zeros(),
            direction: zeros(),
            last_direction: zeros(),
            residual: zeros(),
            x: zeros(),
        }
    }
}

/// Minimises `½ xᵀ A x − bᵀ x` over `x ≥ 0` by projected gradients, conjugate while no further bound is met (Polyak,
/// "The conjugate gradient method in extremal problems", 1969), with Spark's rules to stop. `a` is a full square.
pub(super) fn non_negative(a: &[f64], b: &[f64], room: &mut Room) {
    let n = b.len();
    let Room { scratch, gradient, direction, last_direction, residual, x } = room;
    x.fill(0.0);
    last_direction.fill(0.0);
    let mut step_length = |direction: &[f64], residual: &[f64]| -> f64 {
        kernels::gemv(1.0, a, direction, 0.0, scratch);
        // Not quite zero, whatever the direction.
        kernels::dot(direction, residual) / (kernels::dot(scratch, direction) + 1e-20)
    };
    let is_end = |step: f64, direction_square: f64, x_square: f64| {
        step.is_nan()
            || !(1e-7..=1e40).contains(&step)
            || direction_square < 1e-12 * x_square
            || direction_square < 1e-32
    };
    let (mut last_square, mut last_bound) = (0.0, 0_usize);
    for iteration in 0..400.max(20 * n) {
        kernels::gemv(1.0, a, x, 0.0, residual);
        kernels::axpy(-1.0, b, residual);
        for ((gradient, residual), x) in gradient.iter_mut().zip(&*residual).zip(&*x) {
            *gradient = if *residual > 0.0 && *x == 0.0 { 0.0 } else { *residual };
        }
        let square = kernels::dot(gradient, gradient);
        direction.copy_from_slice(gradient);
        let mut step = step_length(gradient, residual);
        let mut direction_square = square;
        let x_square = kernels::dot(x, x);
        if iteration > last_bound + 1 {
            kernels::axpy(square / last_square, last_direction, direction);
            let conjugate = step_length(direction, residual);
            direction_square = kernels::dot(direction, direction);
            if is_end(conjugate, direction_square, x_square) {
                direction.copy_from_slice(gradient);
                direction_square = square;
            } else {
                step = conjugate;
            }
        }
        if is_end(step, direction_square, x_square) {
            return;
        }
        for (direction, x) in direction.iter().zip(&*x) {
            if step * direction > *x {
                step = x / direction;
            }
        }
        for (direction, x) in direction.iter().zip(x.iter_mut()) {
            if step * direction > *x * (1.0 - 1e-14) {
                *x = 0.0;
                last_bound = iteration;
            } else {
                *x -= step * direction;
            }
        }
        last_direction.copy_from_slice(direction);
        last_square = square;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_both_ways() {
        // A = [[4, 2], [2, 3]], b = (2, -1): x = (1, -1); without negative entries (1/2, 0).
        let mut b = [2.0, -1.0];
        assert!(cholesky(&mut [4.0, 2.0, 0.0, 3.0], &mut b));
        assert!((b[0] - 1.0).abs() < 1e-15 && (b[1] + 1.0).abs() < 1e-15);
        let mut room = Room::new(2);
        non_negative(&[4.0, 2.0, 2.0, 3.0], &[2.0, -1.0], &mut room);
        assert!((room.x[0] - 0.5).abs() < 1e-9 && room.x[1] == 0.0);
        assert!(!cholesky(&mut [1.0, 2.0, 0.0, 1.0], &mut [1.0, 1.0]));
    }
}

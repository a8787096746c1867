//! Systems with a positive definite matrix, by Cholesky's decomposition.

/// The lower factor of a symmetric row-major `n × n` matrix in its lower triangle; none if the matrix is
/// not positive definite.
fn factor(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut lower = matrix.to_vec();
    for j in 0..n {
        for i in j..n {
            let (head, tail) = lower.split_at_mut(i * n);
            let row_j = if i == j { &tail[..j] } else { &head[j * n..j * n + j] };
            let sum = super::kernels::dot(&tail[..j], row_j);
            let value = tail[j] - sum;
            if i == j {
                if value <= 0.0 || !value.is_finite() {
                    return None;
                }
                tail[j] = value.sqrt();
            } else {
                let diagonal = head[j * n + j];
                tail[j] = value / diagonal;
            }
        }
    }
    Some(lower)
}

fn solve_with(lower: &[f64], n: usize, b: &mut [f64]) {
    for i in 0..n {
        let sum = super::kernels::dot(&lower[i * n..i * n + i], &b[..i]);
        b[i] = (b[i] - sum) / lower[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] /= lower[i * n + i];
        let solved = b[i];
        for j in 0..i {
            b[j] -= lower[i * n + j] * solved;
        }
    }
}

/// Solves `matrix x = b`; `matrix` is symmetric and row major. None if it is not positive definite.
pub fn cholesky_solve(matrix: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    let lower = factor(matrix, n)?;
    let mut x = b.to_vec();
    solve_with(&lower, n, &mut x);
    Some(x)
}

/// The inverse of a symmetric row-major `n × n` matrix. None if it is not positive definite.
pub fn cholesky_inverse(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let lower = factor(matrix, n)?;
    let mut inverse = vec![0.0; n * n];
    for col in 0..n {
        let mut unit = vec![0.0; n];
        unit[col] = 1.0;
        solve_with(&lower, n, &mut unit);
        for row in 0..n {
            inverse[row * n + col] = unit[row];
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves() {
        let matrix = [4.0, 2.0, 0.5, 2.0, 3.0, 1.0, 0.5, 1.0, 2.0];
        let x = cholesky_solve(&matrix, &[1.0, 2.0, 3.0]).unwrap_or_default();
        for (row, b) in [1.0, 2.0, 3.0].iter().enumerate() {
            let product: f64 = (0..3).map(|col| matrix[row * 3 + col] * x[col]).sum();
            assert!((product - b).abs() < 1e-14);
        }
        assert!(cholesky_solve(&[1.0, 2.0, 2.0, 1.0], &[1.0, 1.0]).is_none());
    }
}

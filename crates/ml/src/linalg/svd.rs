//! Singular values by one-sided Jacobi rotations (Hestenes, 1958): slow for large matrices, accurate for small ones.

/// `u` (m × n), `values` descending (n), `v` (n × n); all row major; `matrix = u · diag(values) · vᵀ`.
#[derive(Debug, Clone)]
pub struct Svd {
    pub u: Vec<f64>,
    pub values: Vec<f64>,
    pub v: Vec<f64>,
}

/// Decomposes a row-major `m × n` matrix with `m ≥ n`.
pub fn svd(matrix: &[f64], m: usize, n: usize) -> Svd {
    // Columns as rows: rotations then run over contiguous memory.
    let mut columns: Vec<Vec<f64>> =
        (0..n).map(|col| (0..m).map(|row| matrix[row * n + col]).collect()).collect();
    let mut v: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..60 {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let alpha = super::kernels::dot(&columns[p], &columns[p]);
                let beta = super::kernels::dot(&columns[q], &columns[q]);
                let gamma = super::kernels::dot(&columns[p], &columns[q]);
                if gamma.abs() <= 1e-15 * (alpha * beta).sqrt() || gamma == 0.0 {
                    continue;
                }
                rotated = true;
                let zeta = (beta - alpha) / (2.0 * gamma);
                let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = c * t;
                rotate(&mut columns, p, q, c, s);
                rotate(&mut v, p, q, c, s);
            }
        }
        if !rotated {
            break;
        }
    }
    let lengths: Vec<f64> = columns.iter().map(|column| super::kernels::norm(column)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| lengths[*b].total_cmp(&lengths[*a]));
    let mut found = Svd { u: vec![0.0; m * n], values: Vec::with_capacity(n), v: vec![0.0; n * n] };
    for (to, from) in order.into_iter().enumerate() {
        let length = lengths[from];
        found.values.push(length);
        if length > 0.0 {
            for row in 0..m {
                found.u[row * n + to] = columns[from][row] / length;
            }
        }
        for row in 0..n {
            found.v[row * n + to] = v[from][row];
        }
    }
    found
}

fn rotate(columns: &mut [Vec<f64>], p: usize, q: usize, c: f64, s: f64) {
    let (head, tail) = columns.split_at_mut(q);
    for (x, y) in head[p].iter_mut().zip(&mut tail[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

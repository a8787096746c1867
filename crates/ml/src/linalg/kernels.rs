//! Loops over slices of doubles that the compiler turns into vector instructions.
//!
//! Sums run in several lanes, so that they differ from a plain loop in the last digits, as BLAS' do.

const LANES: usize = 8;

/// Inner product of equally long slices.
#[inline]
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..LANES {
            lanes[lane] = x[lane].mul_add(y[lane], lanes[lane]);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// `y += alpha * x`.
#[inline]
pub fn axpy(alpha: f64, x: &[f64], y: &mut [f64]) {
    // Spark's kernel rounds once in whole vectors of four, and twice in what is left: last digits are as there.
    let whole = x.len().min(y.len()) / 4 * 4;
    for (y, x) in y[..whole].iter_mut().zip(x) {
        *y = alpha.mul_add(*x, *y);
    }
    for (y, x) in y[whole..].iter_mut().zip(&x[whole..]) {
        *y += alpha * x;
    }
}

/// `x *= alpha`.
#[inline]
pub fn scale(alpha: f64, x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x *= alpha);
}

/// Euclidean length.
pub fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// Squared distance of equally long slices.
#[inline]
pub fn squared_distance(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let square = |(x, y): (&f64, &f64)| (x - y) * (x - y);
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(square).sum();
    for (x, y) in xs.zip(ys) {
        for lane in 0..LANES {
            let difference = x[lane] - y[lane];
            lanes[lane] = difference.mul_add(difference, lanes[lane]);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// `out[i] = beta * out[i] + alpha * (row i of a) · x`; `a` is row major with `x.len()` columns.
pub fn gemv(alpha: f64, a: &[f64], x: &[f64], beta: f64, out: &mut [f64]) {
    let n_cols = x.len();
    for (row, out) in out.iter_mut().enumerate() {
        let product = alpha * dot(&a[row * n_cols..(row + 1) * n_cols], x);
        *out = if beta == 0.0 { product } else { beta.mul_add(*out, product) };
    }
}

/// `out += alpha * aᵀ x`; `a` is row major with `out.len()` columns and `x.len()` rows.
pub fn gemv_transposed(alpha: f64, a: &[f64], x: &[f64], out: &mut [f64]) {
    let n_cols = out.len();
    let mut row = 0;
    // Four rows at a time: `out` is loaded and stored once for them.
    while row + 4 <= x.len() {
        let factors = [x[row], x[row + 1], x[row + 2], x[row + 3]].map(|x| alpha * x);
        let rows = &a[row * n_cols..(row + 4) * n_cols];
        let (first, rest) = rows.split_at(n_cols);
        let (second, rest) = rest.split_at(n_cols);
        let (third, fourth) = rest.split_at(n_cols);
        for col in 0..n_cols {
            let low = factors[0].mul_add(first[col], factors[1] * second[col]);
            let high = factors[2].mul_add(third[col], factors[3] * fourth[col]);
            out[col] += low + high;
        }
        row += 4;
    }
    for row in row..x.len() {
        axpy(alpha * x[row], &a[row * n_cols..(row + 1) * n_cols], out);
    }
}

/// `c += a bᵀ` for row-major `a` (m × k), `b` (n × k), `c` (m × n): all inner products of rows.
pub fn gemm_rows(a: &[f64], b: &[f64], k: usize, c: &mut [f64]) {
    if k == 0 {
        return;
    }
    let (m, n) = (a.len() / k, b.len() / k);
    const TILE: usize = 4;
    const LANE: usize = 4;
    let mut i = 0;
    while i < m {
        let n_i = TILE.min(m - i);
        let mut j = 0;
        while j < n {
            let n_j = TILE.min(n - j);
            if n_i == TILE && n_j == TILE && k >= LANE {
                let rows_a: [&[f64]; TILE] =
                    std::array::from_fn(|t| &a[(i + t) * k..(i + t + 1) * k]);
                let rows_b: [&[f64]; TILE] =
                    std::array::from_fn(|t| &b[(j + t) * k..(j + t + 1) * k]);
                let mut sums = [[[0.0_f64; LANE]; TILE]; TILE];
                let n_chunks = k / LANE;
                for chunk in 0..n_chunks {
                    let at = chunk * LANE;
                    for (row_a, sums) in rows_a.iter().zip(&mut sums) {
                        for (row_b, sums) in rows_b.iter().zip(sums) {
                            for lane in 0..LANE {
                                sums[lane] = row_a[at + lane].mul_add(row_b[at + lane], sums[lane]);
                            }
                        }
                    }
                }
                for (ti, sums) in sums.iter().enumerate() {
                    for (tj, lanes) in sums.iter().enumerate() {
                        let mut sum: f64 = lanes.iter().sum();
                        for at in n_chunks * LANE..k {
                            sum += rows_a[ti][at] * rows_b[tj][at];
                        }
                        c[(i + ti) * n + j + tj] += sum;
                    }
                }
            } else {
                for ti in 0..n_i {
                    let row_a = &a[(i + ti) * k..(i + ti + 1) * k];
                    for tj in 0..n_j {
                        let row_b = &b[(j + tj) * k..(j + tj + 1) * k];
                        c[(i + ti) * n + j + tj] += dot(row_a, row_b);
                    }
                }
            }
            j += n_j;
        }
        i += n_i;
    }
}

/// Adds `Σ weight · x xᵀ` over the rows of a row-major block to the upper triangle of `out`
/// (`n × n`, row major). Weights may be negative.
pub fn syrk_rows(rows: &[f64], weights: Option<&[f64]>, n: usize, out: &mut [f64]) {
    if n == 0 {
        return;
    }
    let n_rows = rows.len() / n;
    let mut row = 0;
    while row < n_rows {
        let n_taken = 4.min(n_rows - row);
        let taken: [&[f64]; 4] = std::array::from_fn(|t| {
            let t = t.min(n_taken - 1) + row;
            &rows[t * n..(t + 1) * n]
        });
        let weight: [f64; 4] = std::array::from_fn(|t| {
            if t >= n_taken { 0.0 } else { weights.map_or(1.0, |weights| weights[row + t]) }
        });
        for i in 0..n {
            let factors: [f64; 4] = std::array::from_fn(|t| weight[t] * taken[t][i]);
            if factors == [0.0; 4] {
                continue;
            }
            let out = &mut out[i * n + i..(i + 1) * n];
            let tails: [&[f64]; 4] = std::array::from_fn(|t| &taken[t][i..]);
            for (j, out) in out.iter_mut().enumerate() {
                let low = factors[0].mul_add(tails[0][j], factors[1] * tails[1][j]);
                let high = factors[2].mul_add(tails[2][j], factors[3] * tails[3][j]);
                *out += low + high;
            }
        }
        row += n_taken;
    }
}

/// Copies the upper triangle of a row-major `n × n` matrix to its lower one.
pub fn mirror_upper(matrix: &mut [f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            matrix[i * n + j] = matrix[j * n + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_loops_equal_plain_ones() {
        let (m, n, k) = (7, 6, 11);
        let a: Vec<f64> = (0..m * k).map(|i| ((i * 7) % 13) as f64 - 5.0).collect();
        let b: Vec<f64> = (0..n * k).map(|i| ((i * 5) % 11) as f64 - 4.0).collect();
        let mut c = vec![0.0; m * n];
        gemm_rows(&a, &b, k, &mut c);
        for i in 0..m {
            for j in 0..n {
                let plain: f64 = (0..k).map(|t| a[i * k + t] * b[j * k + t]).sum();
                assert_eq!(c[i * n + j], plain);
            }
        }
        let mut gram = vec![0.0; k * k];
        syrk_rows(&a, None, k, &mut gram);
        mirror_upper(&mut gram, k);
        for i in 0..k {
            for j in 0..k {
                let plain: f64 = (0..m).map(|t| a[t * k + i] * a[t * k + j]).sum();
                assert_eq!(gram[i * k + j], plain);
            }
        }
        let x: Vec<f64> = (0..m).map(|i| i as f64 - 2.0).collect();
        let mut out = vec![1.0; k];
        gemv_transposed(2.0, &a, &x, &mut out);
        for col in 0..k {
            let plain: f64 = (0..m).map(|row| a[row * k + col] * x[row]).sum();
            assert_eq!(out[col], 1.0 + 2.0 * plain);
        }
    }
}

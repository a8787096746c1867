//! Left singular vectors of a square matrix by Golub and Kahan: Householder's bidiagonal form, then implicit QR steps
//! with a shift or, for accuracy, without (Demmel and Kahan, "Accurate singular values of bidiagonal matrices", 1990).
//!
//! The steps, their signs included, are those that LAPACK takes for matrices of up to 25 columns, so that a vector and
//! not its opposite comes out where Spark has it. O(n³).

const EPSILON: f64 = f64::EPSILON / 2.0;

/// Singular values, descending, and the vector of each as a column of `vectors` (row major).
pub(super) struct Left {
    pub values: Vec<f64>,
    pub vectors: Vec<f64>,
}

/// Decomposes a row-major `n × n` matrix; none if the iteration does not converge (NaN in the matrix).
pub(super) fn left_vectors(matrix: &[f64], n: usize) -> Option<Left> {
    let mut a = matrix.to_vec();
    let (mut d, mut e) = (vec![0.0; n], vec![0.0; n]);
    let mut reflectors = Vec::with_capacity(n);
    for i in 0..n {
        // A column below the diagonal.
        let column: Vec<f64> = (i..n).map(|row| a[row * n + i]).collect();
        let (left, beta) = reflector(column);
        d[i] = beta;
        for j in i + 1..n {
            let dot: f64 = left.v.iter().enumerate().map(|(k, v)| v * a[(i + k) * n + j]).sum();
            for (k, v) in left.v.iter().enumerate() {
                a[(i + k) * n + j] -= left.tau * dot * v;
            }
        }
        reflectors.push(left);
        if i + 1 < n {
            // A row right of the superdiagonal.
            let row: Vec<f64> = (i + 1..n).map(|j| a[i * n + j]).collect();
            let (right, beta) = reflector(row);
            e[i] = beta;
            for row in i + 1..n {
                let own = &mut a[row * n + i + 1..(row + 1) * n];
                let dot: f64 = right.v.iter().zip(own.iter()).map(|(v, x)| v * x).sum();
                own.iter_mut().zip(&right.v).for_each(|(x, v)| *x -= right.tau * dot * v);
            }
        }
    }
    let mut u = vec![0.0; n * n];
    (0..n).for_each(|i| u[i * n + i] = 1.0);
    Steps { d: &mut d, e: &mut e, u: &mut u, n }.run()?;
    for (i, own) in reflectors.iter().enumerate().rev() {
        for j in 0..n {
            let dot: f64 = own.v.iter().enumerate().map(|(k, v)| v * u[(i + k) * n + j]).sum();
            for (k, v) in own.v.iter().enumerate() {
                u[(i + k) * n + j] -= own.tau * dot * v;
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| d[*b].abs().total_cmp(&d[*a].abs()));
    let mut vectors = vec![0.0; n * n];
    for row in 0..n {
        for (to, from) in order.iter().enumerate() {
            vectors[row * n + to] = u[row * n + from];
        }
    }
    Some(Left { values: order.iter().map(|at| d[*at].abs()).collect(), vectors })
}

/// `H = I - tau v vᵀ`.
struct Reflector {
    v: Vec<f64>,
    tau: f64,
}

/// The reflection that leaves of `x` only its first entry, and that entry.
fn reflector(mut x: Vec<f64>) -> (Reflector, f64) {
    let Some((alpha, rest)) = x.split_first_mut() else {
        return (Reflector { v: Vec::new(), tau: 0.0 }, 0.0);
    };
    let first = *alpha;
    let norm = rest.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm == 0.0 {
        *alpha = 1.0;
        return (Reflector { v: x, tau: 0.0 }, first);
    }
    let beta = -first.hypot(norm).copysign(first);
    rest.iter_mut().for_each(|x| *x /= first - beta);
    *alpha = 1.0;
    (Reflector { v: x, tau: (beta - first) / beta }, beta)
}

/// Cosine, sine and length: the rotation that turns (f, g) into (r, 0).
fn rotation(f: f64, g: f64) -> (f64, f64, f64) {
    if g == 0.0 {
        return (1.0, 0.0, f);
    }
    if f == 0.0 {
        return (0.0, 1.0, g);
    }
    let r = f.hypot(g);
    match f.abs() > g.abs() && f < 0.0 {
        true => (-f / r, -g / r, -r),
        false => (f / r, g / r, r),
    }
}

/// The bidiagonal matrix (`d` on the diagonal, `e` above it) and the vectors found so far.
struct Steps<'a> {
    d: &'a mut [f64],
    e: &'a mut [f64],
    u: &'a mut [f64],
    n: usize,
}

impl Steps<'_> {
    /// Turns columns `j` and `j + 1` of the vectors.
    fn turn(&mut self, j: usize, c: f64, s: f64) {
        for row in self.u.chunks_exact_mut(self.n) {
            let (x, y) = (row[j], row[j + 1]);
            row[j] = s * y + c * x;
            row[j + 1] = c * y - s * x;
        }
    }

    fn run(&mut self) -> Option<()> {
        let n = self.n;
        if n == 0 {
            return Some(());
        }
        let tol = (10.0_f64).max(EPSILON.powf(-0.125).min(100.0)) * EPSILON;
        let mut mu = self.d[0].abs();
        let mut smallest = mu;
        for i in 1..n {
            if smallest == 0.0 {
                break;
            }
            mu = self.d[i].abs() * (mu / (mu + self.e[i - 1].abs()));
            smallest = smallest.min(mu);
        }
        let smallest = smallest / (n as f64).sqrt();
        let threshold = (tol * smallest).max(6.0 * (n * n) as f64 * f64::MIN_POSITIVE);
        // The block in work is `low..=high`; a block keeps its direction.
        let (mut high, mut known) = (n - 1, None);
        let mut down = true;
        for _ in 0..30 * n * n + 30 {
            if high == 0 {
                return Some(());
            }
            let mut low = 0;
            let mut largest = self.d[high].abs();
            let mut is_split = false;
            for at in (0..high).rev() {
                if self.e[at].abs() <= threshold {
                    self.e[at] = 0.0;
                    is_split = true;
                    low = at + 1;
                    break;
                }
                largest = largest.max(self.d[at].abs()).max(self.e[at].abs());
            }
            if is_split && low == high {
                high -= 1;
                continue;
            }
            if low + 1 == high {
                self.solve_two(low);
                if high < 2 {
                    return Some(());
                }
                high -= 2;
                continue;
            }
            if known.is_none_or(|(old_low, old_high)| low > old_high || high < old_low) {
                down = self.d[low].abs() >= self.d[high].abs();
            }
            let Some(least) = self.converged(low, high, down, tol) else { continue };
            known = Some((low, high));
            let shift = self.shift(low, high, down, least / largest, tol);
            match (shift == 0.0, down) {
                (true, true) => self.plain_down(low, high),
                (true, false) => self.plain_up(low, high),
                (false, true) => self.shifted_down(low, high, shift),
                (false, false) => self.shifted_up(low, high, shift),
            }
            let end = if down { high - 1 } else { low };
            if self.e[end].abs() <= threshold {
                self.e[end] = 0.0;
            }
            if self.e[end].is_nan() {
                return None;
            }
        }
        None
    }

    /// None if an entry above the diagonal was small enough to be dropped; else a bound of the smallest value.
    fn converged(&mut self, low: usize, high: usize, down: bool, tol: f64) -> Option<f64> {
        let last = if down { high - 1 } else { low };
        let end = if down { high } else { low };
        if self.e[last].abs() <= tol * self.d[end].abs() {
            self.e[last] = 0.0;
            return None;
        }
        let mut mu = self.d[if down { low } else { high }].abs();
        let mut least = mu;
        let n = high - low;
        for step in 0..n {
            let (at, next) = if down {
                (low + step, low + step + 1)
            } else {
                (high - 1 - step, high - 1 - step)
            };
            if self.e[at].abs() <= tol * mu {
                self.e[at] = 0.0;
                return None;
            }
            mu = self.d[next].abs() * (mu / (mu + self.e[at].abs()));
            least = least.min(mu);
        }
        Some(least)
    }

    fn shift(&self, low: usize, high: usize, down: bool, ratio: f64, tol: f64) -> f64 {
        if self.n as f64 * tol * ratio <= EPSILON.max(0.01 * tol) {
            return 0.0;
        }
        let (first, f, g, h) = match down {
            true => (self.d[low].abs(), self.d[high - 1], self.e[high - 1], self.d[high]),
            false => (self.d[high].abs(), self.d[low], self.e[low], self.d[low + 1]),
        };
        let shift = smaller_of_two(f, g, h);
        let is_negligible = first > 0.0 && (shift / first) * (shift / first) < EPSILON;
        if is_negligible { 0.0 } else { shift }
    }

    fn plain_down(&mut self, low: usize, high: usize) {
        let (mut c, mut old_c, mut old_s) = (1.0, 1.0, 0.0);
        for i in low..high {
            let (own_c, s, r) = rotation(self.d[i] * c, self.e[i]);
            c = own_c;
            if i > low {
                self.e[i - 1] = old_s * r;
            }
            let (next_c, next_s, value) = rotation(old_c * r, self.d[i + 1] * s);
            (old_c, old_s) = (next_c, next_s);
            self.d[i] = value;
            self.turn(i, old_c, old_s);
        }
        let h = self.d[high] * c;
        self.d[high] = h * old_c;
        self.e[high - 1] = h * old_s;
    }

    fn plain_up(&mut self, low: usize, high: usize) {
        let (mut c, mut old_c, mut old_s) = (1.0, 1.0, 0.0);
        for i in (low + 1..=high).rev() {
            let (own_c, s, r) = rotation(self.d[i] * c, self.e[i - 1]);
            c = own_c;
            if i < high {
                self.e[i] = old_s * r;
            }
            let (next_c, next_s, value) = rotation(old_c * r, self.d[i - 1] * s);
            (old_c, old_s) = (next_c, next_s);
            self.d[i] = value;
            self.turn(i - 1, c, -s);
        }
        let h = self.d[low] * c;
        self.d[low] = h * old_c;
        self.e[low] = h * old_s;
    }

    fn shifted_down(&mut self, low: usize, high: usize, shift: f64) {
        let first = self.d[low];
        let mut f = (first.abs() - shift) * (1.0_f64.copysign(first) + shift / first);
        let mut g = self.e[low];
        for i in low..high {
            let (c, s, r) = rotation(f, g);
            if i > low {
                self.e[i - 1] = r;
            }
            f = c * self.d[i] + s * self.e[i];
            self.e[i] = c * self.e[i] - s * self.d[i];
            g = s * self.d[i + 1];
            self.d[i + 1] *= c;
            let (c, s, r) = rotation(f, g);
            self.d[i] = r;
            f = c * self.e[i] + s * self.d[i + 1];
            self.d[i + 1] = c * self.d[i + 1] - s * self.e[i];
            if i + 1 < high {
                g = s * self.e[i + 1];
                self.e[i + 1] *= c;
            }
            self.turn(i, c, s);
        }
        self.e[high - 1] = f;
    }

    fn shifted_up(&mut self, low: usize, high: usize, shift: f64) {
        let first = self.d[high];
        let mut f = (first.abs() - shift) * (1.0_f64.copysign(first) + shift / first);
        let mut g = self.e[high - 1];
        for i in (low + 1..=high).rev() {
            let (c_right, s_right, r) = rotation(f, g);
            if i < high {
                self.e[i] = r;
            }
            f = c_right * self.d[i] + s_right * self.e[i - 1];
            self.e[i - 1] = c_right * self.e[i - 1] - s_right * self.d[i];
            g = s_right * self.d[i - 1];
            self.d[i - 1] *= c_right;
            let (c, s, r) = rotation(f, g);
            self.d[i] = r;
            f = c * self.e[i - 1] + s * self.d[i - 1];
            self.d[i - 1] = c * self.d[i - 1] - s * self.e[i - 1];
            if i > low + 1 {
                g = s * self.e[i - 2];
                self.e[i - 2] *= c;
            }
            self.turn(i - 1, c_right, -s_right);
        }
        self.e[low] = f;
    }

    /// The 2 × 2 block at `low`, at once.
    fn solve_two(&mut self, low: usize) {
        let (f, g, h) = (self.d[low], self.e[low], self.d[low + 1]);
        let two = Two::of(f, g, h);
        self.d[low] = two.largest;
        self.e[low] = 0.0;
        self.d[low + 1] = two.smallest;
        self.turn(low, two.c_left, two.s_left);
    }
}

/// The smaller singular value of [[f, g], [0, h]].
fn smaller_of_two(f: f64, g: f64, h: f64) -> f64 {
    let (f, g, h) = (f.abs(), g.abs(), h.abs());
    let (small, large) = (f.min(h), f.max(h));
    if small == 0.0 {
        return 0.0;
    }
    let (sum, difference) = (1.0 + small / large, (large - small) / large);
    if g < large {
        let square = (g / large) * (g / large);
        let c = 2.0 / ((sum * sum + square).sqrt() + (difference * difference + square).sqrt());
        return small * c;
    }
    let ratio = large / g;
    if ratio == 0.0 {
        return small * large / g;
    }
    let c = 1.0
        / ((1.0 + (sum * ratio) * (sum * ratio)).sqrt()
            + (1.0 + (difference * ratio) * (difference * ratio)).sqrt());
    small * c * ratio * 2.0
}

/// Singular values of [[f, g], [0, h]], signs included, and the left rotation.
struct Two {
    smallest: f64,
    largest: f64,
    c_left: f64,
    s_left: f64,
}

impl Two {
    fn of(f: f64, g: f64, h: f64) -> Self {
        let swapped = h.abs() > f.abs();
        let (first, last) = if swapped { (h, f) } else { (f, h) };
        let (fa, ha, ga) = (first.abs(), last.abs(), g.abs());
        // Which of f, g and h is largest decides the signs.
        let mut largest_is = if swapped { 3 } else { 1 };
        let (small, large, c_left, s_left, c_right, s_right);
        if ga == 0.0 {
            (small, large) = (ha, fa);
            (c_left, s_left, c_right, s_right) = (1.0, 0.0, 1.0, 0.0);
        } else {
            if ga > fa {
                largest_is = 2;
            }
            if ga > fa && fa / ga < EPSILON {
                large = ga;
                small = if ha > 1.0 { fa / (ga / ha) } else { (fa / ga) * ha };
                (c_left, s_left) = (1.0, last / g);
                (c_right, s_right) = (first / g, 1.0);
            } else {
                let d = fa - ha;
                let mut l = if d == fa { 1.0 } else { d / fa };
                let m = g / first;
                let mut t = 2.0 - l;
                let mm = m * m;
                let s = (t * t + mm).sqrt();
                let r = if l == 0.0 { m.abs() } else { (l * l + mm).sqrt() };
                let a = 0.5 * (s + r);
                small = ha / a;
                large = fa * a;
                t = if mm != 0.0 {
                    (m / (s + t) + m / (r + l)) * (1.0 + a)
                } else if l == 0.0 {
                    2.0_f64.copysign(first) * 1.0_f64.copysign(g)
                } else {
                    g / d.copysign(first) + m / t
                };
                l = (t * t + 4.0).sqrt();
                c_right = 2.0 / l;
                s_right = t / l;
                c_left = (c_right + s_right * m) / a;
                s_left = (last / first) * s_right / a;
            }
        }
        let (c_l, s_l, c_r, s_r) = match swapped {
            true => (s_right, c_right, s_left, c_left),
            false => (c_left, s_left, c_right, s_right),
        };
        let one = |x: f64| 1.0_f64.copysign(x);
        let sign = match largest_is {
            1 => one(c_r) * one(c_l) * one(f),
            2 => one(s_r) * one(c_l) * one(g),
            _ => one(s_r) * one(s_l) * one(h),
        };
        Two {
            largest: large.copysign(sign),
            smallest: small.copysign(sign * one(f) * one(h)),
            c_left: c_l,
            s_left: s_l,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A covariance: vectors are eigenvectors.
    #[test]
    fn vectors_of_a_symmetric_matrix() {
        let n = 7;
        let entry =
            |i: usize, j: usize| ((i * j + i + j) % 5) as f64 + f64::from(u8::from(i == j)) * 9.0;
        let matrix: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
        let Some(found) = left_vectors(&matrix, n) else { panic!("converges") };
        for k in 0..n {
            let vector: Vec<f64> = (0..n).map(|i| found.vectors[i * n + k]).collect();
            for i in 0..n {
                let product: f64 = (0..n).map(|j| matrix[i * n + j] * vector[j]).sum();
                assert!((product - found.values[k] * vector[i]).abs() < 1e-12);
            }
        }
    }
}

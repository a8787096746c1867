//! The logarithm of the gamma function and its first two derivatives, for positive numbers: recurrence up to where
//! the asymptotic series is exact to fifteen digits (Abramowitz and Stegun, 6.1.41, 6.3.18, 6.4.12).

/// Where the series takes over.
const LARGE: f64 = 8.0;

pub(super) fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < LARGE {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 132.0 - y * (691.0 / 32_760.0 - y / 12.0);
    let series = 1.0 / 252.0 - y * (1.0 / 240.0 - y * series);
    let series = y * (1.0 / 12.0 - y * (1.0 / 120.0 - y * series));
    sum + x.ln() - 0.5 / x - series
}

pub(super) fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < LARGE {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = 5.0 / 66.0 - y * (691.0 / 2730.0 - y * 7.0 / 6.0);
    let series = 1.0 / 42.0 - y * (1.0 / 30.0 - y * series);
    let series = y * (1.0 / 6.0 - y * (1.0 / 30.0 - y * series));
    sum + 1.0 / x + 0.5 * y + series / x
}

pub(super) fn log_gamma(mut x: f64) -> f64 {
    let mut product = 1.0;
    while x < LARGE {
        product *= x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 1188.0 - y * (691.0 / 360_360.0 - y / 156.0);
    let series = 1.0 / 1260.0 - y * (1.0 / 1680.0 - y * series);
    let series = (1.0 / 12.0 - y * (1.0 / 360.0 - y * series)) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - product.ln()
}

/// `out[i] = digamma(x[i]) − digamma(Σ x)`: the expected logarithm under a Dirichlet distribution.
pub(super) fn dirichlet_expectation(x: &[f64], out: &mut [f64]) {
    let of_sum = digamma(x.iter().sum());
    for (out, x) in out.iter_mut().zip(x) {
        *out = digamma(*x) - of_sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let euler = 0.577_215_664_901_532_9;
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-13 * y.abs().max(1.0), "{x} {y}");
        near(digamma(1.0), -euler);
        near(digamma(0.5), -euler - 2.0 * 2_f64.ln());
        near(digamma(20.0), 2.970_523_992_242_149);
        near(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0);
        near(trigamma(0.5), std::f64::consts::PI.powi(2) / 2.0);
        near(log_gamma(0.5), std::f64::consts::PI.sqrt().ln());
        near(log_gamma(11.0), 3_628_800_f64.ln());
        near(log_gamma(1.0), 0.0);
    }
}

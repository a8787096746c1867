//! Random numbers of the gamma distribution as Breeze draws them for Spark (Marsaglia and Tsang, "A simple method for
//! generating gamma variables", 2000), from a Mersenne twister with the number formats of Commons Math.

use firesteel_common::random::MersenneTwister;

/// Numbers of one shape, at least 1/3, and scale.
#[derive(Debug, Clone)]
pub(super) struct Gamma {
    random: MersenneTwister,
    spare_gaussian: Option<f64>,
    shape: f64,
    scale: f64,
}

impl Gamma {
    pub(super) fn new(shape: f64, scale: f64, seed: i64) -> Self {
        Self { random: MersenneTwister::new(seed), spare_gaussian: None, shape, scale }
    }

    /// Uniform in [0, 1), 52 bits.
    fn next_double(&mut self) -> f64 {
        let words = self.random.next_long() as u64;
        let (high, low) = (words >> 38, (words as u32) >> 6);
        (high << 26 | u64::from(low)) as f64 / (1_u64 << 52) as f64
    }

    /// Standard normal by Box and Muller.
    fn next_gaussian(&mut self) -> f64 {
        if let Some(spare) = self.spare_gaussian.take() {
            return spare;
        }
        let angle = 2.0 * std::f64::consts::PI * self.next_double();
        let radius = (-2.0 * self.next_double().ln()).sqrt();
        self.spare_gaussian = Some(radius * angle.sin());
        radius * angle.cos()
    }

    pub(super) fn draw(&mut self) -> f64 {
        let b = self.shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * b).sqrt();
        loop {
            let (mut x, mut v);
            loop {
                x = self.next_gaussian();
                v = 1.0 + c * x;
                if v > 0.0 {
                    break;
                }
            }
            v = v * v * v;
            let u = self.next_double();
            let square = x * x;
            if u < 1.0 - 0.0331 * square * square || u.ln() < 0.5 * square + b * (1.0 - v + v.ln())
            {
                return self.scale * b * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spark 4.2.0: `LDA(k=3, seed=5, maxIter=0)` begins its topics with these; the seed is the first long of
    /// `java.util.Random(5)`.
    #[test]
    fn agrees_with_spark() {
        let seed = firesteel_common::random::JavaRandom::new(5).next_long();
        let mut gamma = Gamma::new(100.0, 0.01, seed);
        let drawn: Vec<f64> = (0..3).map(|_| gamma.draw()).collect();
        let expected = [1.014_185_871_686_151_4, 0.947_746_160_386_743_6, 0.988_604_615_832_181];
        for (drawn, expected) in drawn.iter().zip(expected) {
            assert!((drawn - expected).abs() < 1e-12, "{drawn} {expected}");
        }
    }
}

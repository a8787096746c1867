//! `RDD.sample(withReplacement = false, …)` over the rows of one partition, with Spark's random numbers.

use firesteel_common::random::{JavaRandom, XorShiftRandom};

/// Numbers smaller than this are taken for it before their logarithm, as Spark's gap sampling does.
const SMALLEST_DRAW: f64 = 5e-11;

/// Shares above this are sampled row by row; below, gaps between rows are drawn.
const GAP_SHARE_MAX: f64 = 0.4;

/// Says of one row after the other whether the sample has it.
#[derive(Debug)]
pub(crate) struct RowSampler {
    random: XorShiftRandom,
    share: f64,
    n_to_drop: i64,
}

impl RowSampler {
    /// A sample of about `share` of the rows.
    pub(crate) fn new(share: f64, seed: i64) -> Self {
        let random = XorShiftRandom::new(JavaRandom::new(seed).next_long());
        let mut sampler = Self { random, share, n_to_drop: 0 };
        if share > 0.0 && share <= GAP_SHARE_MAX {
            sampler.leap();
        }
        sampler
    }

    fn leap(&mut self) {
        let draw = self.random.next_double().max(SMALLEST_DRAW);
        self.n_to_drop = (draw.ln() / (-self.share).ln_1p()) as i64;
    }

    /// Whether the next row is taken.
    pub(crate) fn takes_next(&mut self) -> bool {
        if self.share >= 1.0 {
            return true;
        }
        if self.share <= 0.0 {
            return false;
        }
        if self.share > GAP_SHARE_MAX {
            return self.random.next_double() <= self.share;
        }
        if self.n_to_drop > 0 {
            self.n_to_drop -= 1;
            return false;
        }
        self.leap();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::RowSampler;

    #[test]
    fn shares_come_out() {
        for share in [0.0, 0.1, 0.5, 1.0] {
            let mut sampler = RowSampler::new(share, 17);
            let n = (0..10_000).filter(|_| sampler.takes_next()).count();
            assert!((n as f64 / 10_000.0 - share).abs() < 0.02);
        }
    }
}

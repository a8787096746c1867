//! `RDD.sample(withReplacement = false, …)` over the rows of all partitions, with Spark's random numbers.

use firesteel_common::random::{JavaRandom, XorShiftRandom};

/// Numbers smaller than this are taken for it before their logarithm, as Spark's gap sampling does.
const SMALLEST_DRAW: f64 = 5e-11;

/// Shares above this are sampled row by row; below, gaps between rows are drawn.
const GAP_SHARE_MAX: f64 = 0.4;

/// Says of one row after the other whether the sample has it.
#[derive(Debug)]
pub(crate) struct RowSampler<'a> {
    seeds: JavaRandom,
    random: XorShiftRandom,
    share: f64,
    n_to_drop: i64,
    /// Rows that are left of the partition at hand.
    n_left: usize,
    /// Rows of the partitions after it.
    rest: std::slice::Iter<'a, usize>,
}

impl<'a> RowSampler<'a> {
    /// A sample of about `share` of the rows; `partitions` has the rows of each partition.
    pub(crate) fn new(share: f64, seed: i64, partitions: &'a [usize]) -> Self {
        Self {
            seeds: JavaRandom::new(seed),
            random: XorShiftRandom::new(0),
            share,
            n_to_drop: 0,
            n_left: 0,
            rest: partitions.iter(),
        }
    }

    /// Every partition has random numbers of its own.
    fn enter(&mut self) {
        while self.n_left == 0
            && let Some(n) = self.rest.next()
        {
            self.random = XorShiftRandom::new(self.seeds.next_long());
            self.n_left = *n;
            if self.share > 0.0 && self.share <= GAP_SHARE_MAX {
                self.leap();
            }
        }
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
        self.enter();
        self.n_left = self.n_left.saturating_sub(1);
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
            let mut sampler = RowSampler::new(share, 17, &[4000, 0, 6000]);
            let n = (0..10_000).filter(|_| sampler.takes_next()).count();
            assert!((n as f64 / 10_000.0 - share).abs() < 0.02);
        }
    }
}

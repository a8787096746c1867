//! WELL19937c (Panneton, L'Ecuyer and Matsumoto, "Improved long-period generators based on linear recurrences
//! modulo 2", 2006), seeded with two words: what Spark draws samples with replacement from.

const N: usize = 624;
const M1: usize = 70;
const M2: usize = 179;
const M3: usize = 449;

/// The generator, seeded with the two halves of a number, the high one first.
#[derive(Debug, Clone)]
pub struct Well19937 {
    state: [u32; N],
    index: usize,
}

impl Well19937 {
    pub fn new(seed: i64) -> Self {
        let mut state = [0u32; N];
        state[0] = (seed as u64 >> 32) as u32;
        state[1] = seed as u32;
        for i in 2..N {
            // Commons Math mixes the sign-extended word.
            let word = i64::from(state[i - 2] as i32);
            let mixed = 1_812_433_253_i64.wrapping_mul(word ^ (word >> 30));
            state[i] = mixed.wrapping_add(i as i64) as u32;
        }
        Self { state, index: 0 }
    }

    fn next(&mut self, bits: u32) -> u32 {
        let at = |distance: usize| (self.index + distance) % N;
        let (last, before_last) = (at(N - 1), at(N - 2));
        let v0 = self.state[self.index];
        let (v1, v2, v3) = (self.state[at(M1)], self.state[at(M2)], self.state[at(M3)]);
        let z0 = (0x8000_0000 & self.state[last]) ^ (0x7fff_ffff & self.state[before_last]);
        let z1 = (v0 ^ (v0 << 25)) ^ (v1 ^ (v1 >> 27));
        let z2 = (v2 >> 9) ^ (v3 ^ (v3 >> 1));
        let z3 = z1 ^ z2;
        let z4 = z0 ^ (z1 ^ (z1 << 9)) ^ (z2 ^ (z2 << 21)) ^ (z3 ^ (z3 >> 21));
        self.state[self.index] = z3;
        self.state[last] = z4;
        self.state[before_last] &= 0x8000_0000;
        self.index = last;
        let mut word = z4;
        word ^= (word << 7) & 0xe46e_1700;
        word ^= (word << 15) & 0x9b86_8000;
        word >> (32 - bits)
    }

    /// Uniform in [0, 1), 52 bits.
    pub fn next_double(&mut self) -> f64 {
        let high = u64::from(self.next(26)) << 26;
        let word = high | u64::from(self.next(26));
        word as f64 * (1.0 / (1_u64 << 52) as f64)
    }

    /// Poisson with the given mean, as `PoissonDistribution` of Commons Math draws it for means below 40; means
    /// from there on are drawn in pieces, in which counts agree with Spark's in distribution only.
    pub fn next_poisson(&mut self, mean: f64) -> i32 {
        const PIECE: f64 = 30.0;
        if mean >= 40.0 {
            return self.next_poisson(PIECE).saturating_add(self.next_poisson(mean - PIECE));
        }
        let limit = (-mean).exp();
        let (mut count, mut product) = (0, 1.0);
        while f64::from(count) < 1000.0 * mean {
            product *= self.next_double();
            if product < limit {
                break;
            }
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::JavaRandom;

    /// Recorded from Spark 4.2.0: how often `spark.range(0, 10, 1, 1).sample(True, 0.5, 3)` gives each row.
    #[test]
    fn counts_of_a_sample() {
        let mut random = Well19937::new(JavaRandom::new(3).next_long());
        let counts: Vec<_> = (0..10).map(|_| random.next_poisson(0.5)).collect();
        assert_eq!(counts, [0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
    }
}

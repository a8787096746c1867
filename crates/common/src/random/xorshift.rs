//! `org.apache.spark.util.random.XORShiftRandom` (Marsaglia, "Xorshift RNGs", 2003), with the
//! number formats of `java.util.Random` on top.

/// Seed of the MurmurHash3 that spreads the bits of the user's seed.
const ARRAY_SEED: u32 = 0x3c07_4a61;

/// A generator whose sequence equals Spark's for the same seed.
#[derive(Debug, Clone)]
pub struct XorShiftRandom {
    state: i64,
    /// `nextGaussian` makes two values at a time.
    spare_gaussian: Option<f64>,
}

impl XorShiftRandom {
    pub fn new(seed: i64) -> Self {
        Self { state: hash_seed(seed), spare_gaussian: None }
    }

    fn next(&mut self, bits: u32) -> i32 {
        let mut next = self.state ^ (self.state << 21);
        next ^= ((next as u64) >> 35) as i64;
        next ^= next << 4;
        self.state = next;
        (next & ((1_i64 << bits) - 1)) as i32
    }

    /// Uniform among all 32-bit integers.
    pub fn next_int(&mut self) -> i32 {
        self.next(32)
    }

    /// Uniform in [0, bound), as `java.util.Random.nextInt(bound)`; zero for a bound below one.
    pub fn next_int_below(&mut self, bound: i32) -> i32 {
        super::java::int_below(bound, |bits| self.next(bits))
    }

    pub fn next_long(&mut self) -> i64 {
        let high = i64::from(self.next(32)) << 32;
        high.wrapping_add(i64::from(self.next(32)))
    }

    pub fn next_boolean(&mut self) -> bool {
        self.next(1) != 0
    }

    /// Uniform in [0, 1), 24 bits.
    pub fn next_float(&mut self) -> f32 {
        self.next(24) as f32 / (1_i32 << 24) as f32
    }

    /// Puts `items` in the order of `scala.util.Random.shuffle`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for n in (2..=items.len()).rev() {
            let chosen = self.next_int_below(i32::try_from(n).unwrap_or(i32::MAX));
            items.swap(n - 1, chosen as usize);
        }
    }

    /// Uniform in [0, 1), 53 bits.
    pub fn next_double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        (high + i64::from(self.next(27))) as f64 * (1.0 / (1_i64 << 53) as f64)
    }

    /// Standard normal by the polar method.
    pub fn next_gaussian(&mut self) -> f64 {
        if let Some(spare) = self.spare_gaussian.take() {
            return spare;
        }
        loop {
            let v1 = 2.0 * self.next_double() - 1.0;
            let v2 = 2.0 * self.next_double() - 1.0;
            let s = v1 * v1 + v2 * v2;
            if s < 1.0 && s != 0.0 {
                let multiplier = (-2.0 * s.ln() / s).sqrt();
                self.spare_gaussian = Some(v2 * multiplier);
                return v1 * multiplier;
            }
        }
    }
}

fn hash_seed(seed: i64) -> i64 {
    let bytes = seed.to_be_bytes();
    let low = murmur3_bytes(&bytes, ARRAY_SEED);
    let high = murmur3_bytes(&bytes, low);
    (i64::from(high as i32) << 32) | i64::from(low)
}

/// MurmurHash3 x86_32 of a slice whose length is a multiple of four.
fn murmur3_bytes(bytes: &[u8], seed: u32) -> u32 {
    let mut hash = seed;
    for block in bytes.chunks_exact(4) {
        let mut k = u32::from_le_bytes([block[0], block[1], block[2], block[3]]);
        k = k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        hash = (hash ^ k).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spark 4.2.0: `spark.range(0, 3, 1, 1).select(rand(42))` and `randn(42)`.
    #[test]
    fn agrees_with_spark() {
        let mut random = XorShiftRandom::new(42);
        assert_eq!(random.next_double(), 0.619_189_370_225_301);
        assert_eq!(random.next_double(), 0.509_601_884_244_648_1);
        let mut random = XorShiftRandom::new(42);
        assert_eq!(random.next_gaussian(), 2.384_479_054_241_165);
    }
}

//! `java.util.Random`: a linear congruence of 48 bits.

const MULTIPLIER: u64 = 0x5_deec_e66d;
const MASK: u64 = (1 << 48) - 1;

/// The generator, as far as Spark needs it.
#[derive(Debug, Clone)]
pub struct JavaRandom(u64);

impl JavaRandom {
    pub fn new(seed: i64) -> Self {
        Self((seed as u64 ^ MULTIPLIER) & MASK)
    }

    fn next(&mut self, n_bits: u32) -> u64 {
        self.0 = (self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xb)) & MASK;
        self.0 >> (48 - n_bits)
    }

    /// Uniform among all 32-bit integers.
    pub fn next_int(&mut self) -> i32 {
        self.next(32) as i32
    }

    /// Uniform in [0, bound); zero for a bound below one.
    pub fn next_int_below(&mut self, bound: i32) -> i32 {
        int_below(bound, |bits| self.next(bits) as i32)
    }

    /// Uniform in [0, 1).
    pub fn next_double(&mut self) -> f64 {
        let high = self.next(26) << 27;
        (high | self.next(27)) as f64 / (1_u64 << 53) as f64
    }

    pub fn next_long(&mut self) -> i64 {
        let high = i64::from(self.next_int()) << 32;
        high.wrapping_add(i64::from(self.next_int()))
    }
}

/// `nextInt(bound)` over any `next(bits)` that a subclass of `java.util.Random` may have.
pub(super) fn int_below(bound: i32, mut next: impl FnMut(u32) -> i32) -> i32 {
    if bound < 1 {
        return 0;
    }
    if bound & (bound - 1) == 0 {
        return ((i64::from(bound) * i64::from(next(31))) >> 31) as i32;
    }
    loop {
        let bits = next(31);
        let value = bits % bound;
        // The last, incomplete run of `bound` numbers is drawn again.
        if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
            return value;
        }
    }
}

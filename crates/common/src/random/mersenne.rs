//! MT19937 (Matsumoto and Nishimura, 1998), seeded with an array as its authors describe: what Spark
//! makes UUIDs from and shuffles arrays with.

const N: usize = 624;
const M: usize = 397;

/// The generator, seeded with the two halves of a number, the high one first.
#[derive(Debug, Clone)]
pub struct MersenneTwister {
    state: [u32; N],
    next: usize,
}

impl MersenneTwister {
    pub fn new(seed: i64) -> Self {
        let key = [(seed as u64 >> 32) as u32, seed as u32];
        let mut state = [0u32; N];
        state[0] = 19_650_218;
        for i in 1..N {
            state[i] = mixed(&state, i, 1_812_433_253).wrapping_add(i as u32);
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..N {
            let mix = state[i] ^ mixed(&state, i, 1_664_525);
            state[i] = mix.wrapping_add(key[j]).wrapping_add(j as u32);
            j = (j + 1) % key.len();
            i = following(&mut state, i);
        }
        for _ in 1..N {
            let mix = state[i] ^ mixed(&state, i, 1_566_083_941);
            state[i] = mix.wrapping_sub(i as u32);
            i = following(&mut state, i);
        }
        state[0] = 0x8000_0000;
        Self { state, next: N }
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == N {
            for i in 0..N {
                let joined =
                    (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7fff_ffff);
                let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + M) % N] ^ (joined >> 1) ^ twist;
            }
            self.next = 0;
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// A number from 0 to below `bound`, which is not 0, as Java's generators choose it.
    pub fn next_below(&mut self, bound: u32) -> u32 {
        if bound.is_power_of_two() {
            return ((u64::from(bound) * u64::from(self.next_u32() >> 1)) >> 31) as u32;
        }
        loop {
            let bits = self.next_u32() >> 1;
            let value = bits % bound;
            // The last, incomplete stretch of numbers would favour small ones.
            if bits - value <= (i32::MAX as u32) - (bound - 1) {
                return value;
            }
        }
    }

    /// Two words, the high one first.
    pub fn next_long(&mut self) -> i64 {
        let high = u64::from(self.next_u32()) << 32;
        (high | u64::from(self.next_u32())) as i64
    }
}

fn mixed(state: &[u32; N], i: usize, factor: u32) -> u32 {
    let before = state[i - 1];
    (before ^ (before >> 30)).wrapping_mul(factor)
}

/// The place after `i`; at the end the first word takes over the last.
fn following(state: &mut [u32; N], i: usize) -> usize {
    if i + 1 < N {
        return i + 1;
    }
    state[0] = state[N - 1];
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first words that the authors' program prints need another key; this one is Python's
    /// `random.seed(1 << 32 | 2)`, which has the key [2, 1].
    #[test]
    fn as_in_python() {
        let mut random = MersenneTwister::new(2 << 32 | 1);
        assert_eq!(random.next_u32(), PYTHON[0]);
        assert_eq!(random.next_u32(), PYTHON[1]);
    }

    const PYTHON: [u32; 2] = [4_106_135_923, 3_707_026_329];
}

//! A quick hash for the names of large expressions.
//!
//! DataFusion asks for the name of an expression at every level, so hashing decides how long a plan of
//! deep expressions takes. The standard library's hash guards against chosen collisions at several times
//! the cost; a user who makes two expressions collide deceives only his own query.

use std::hash::Hasher;

/// Two lanes of multiply and fold, 128 bits of state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameDigest {
    low: u64,
    high: u64,
}

const LOW_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const HIGH_FACTOR: u64 = 0xc2b2_ae3d_27d4_eb4f;

impl NameDigest {
    pub(crate) fn new() -> Self {
        Self { low: LOW_FACTOR, high: HIGH_FACTOR }
    }

    pub(crate) fn halves(self) -> (u64, u64) {
        (self.low, self.high)
    }

    fn add(&mut self, word: u64) {
        self.low = fold(self.low ^ word, LOW_FACTOR);
        self.high = fold(self.high ^ word.rotate_left(32), HIGH_FACTOR);
    }
}

impl From<(u64, u64)> for NameDigest {
    fn from((low, high): (u64, u64)) -> Self {
        Self { low, high }
    }
}

/// The halves of the product of two numbers, mixed. Never stuck: the state is mixed in before.
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ ((product >> 64) as u64).wrapping_add(right)
}

impl Hasher for NameDigest {
    fn finish(&self) -> u64 {
        self.low ^ self.high
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            // The length tells a short end from one with zeros.
            self.add(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.add(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::Hash;

    #[test]
    fn similar_values_differ() {
        let digest = |value: &dyn Fn(&mut NameDigest)| {
            let mut digest = NameDigest::new();
            value(&mut digest);
            digest.halves()
        };
        let mut seen = HashSet::new();
        for number in 1..10_000_u64 {
            assert!(seen.insert(digest(&|d| number.hash(d))));
            assert!(seen.insert(digest(&|d| number.to_string().hash(d))));
            assert!(seen.insert(digest(&|d| (number, 0_u8).hash(d))));
            assert!(seen.insert(digest(&|d| (0_u8, number).hash(d))));
        }
        let mut seen = HashSet::new();
        for length in 0..100 {
            assert!(seen.insert(digest(&|d| d.write(&vec![0; length]))));
        }
    }
}

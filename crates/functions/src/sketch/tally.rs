//! Count-min sketches, with the bytes of Spark's `CountMinSketch`.
//!
//! Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch and its applications" (2005).

const VERSION: i32 = 1;
/// Hashes are computed modulo this prime.
const PRIME: i64 = (1 << 31) - 1;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    total: i64,
    /// One multiplier per row of counters.
    hashes: Vec<i64>,
    width: usize,
    counters: Vec<i64>,
}

impl Tally {
    pub(super) fn new(hashes: &[i64], width: usize) -> Self {
        let width = width.max(1);
        Self { total: 0, hashes: hashes.to_vec(), width, counters: vec![0; hashes.len() * width] }
    }

    /// Multipliers drawn from Java's generator.
    pub(super) fn hashes(seed: i32, depth: usize) -> Vec<i64> {
        const MULTIPLIER: u64 = 0x5_deec_e66d;
        const MASK: u64 = (1 << 48) - 1;
        let mut state = (i64::from(seed) as u64 ^ MULTIPLIER) & MASK;
        let mut next = || {
            state = state.wrapping_mul(MULTIPLIER).wrapping_add(0xb) & MASK;
            (state >> 17) as i64
        };
        let mut draw = || loop {
            // 2^31 - 1 itself would make small numbers more frequent.
            let drawn = next();
            if drawn < PRIME {
                return drawn;
            }
        };
        (0..depth).map(|_| draw()).collect()
    }

    pub(super) fn add_long(&mut self, value: i64) {
        self.total += 1;
        for (row, multiplier) in self.hashes.iter().enumerate() {
            let mut hash = multiplier.wrapping_mul(value);
            hash = hash.wrapping_add(hash >> 32) & PRIME;
            self.counters[row * self.width + hash as usize % self.width] += 1;
        }
    }

    pub(super) fn add_bytes(&mut self, bytes: &[u8]) {
        self.total += 1;
        let first = crate::hash::murmur3_32(bytes, 0);
        let second = crate::hash::murmur3_32(bytes, first);
        for row in 0..self.hashes.len() {
            let hash = first.wrapping_add(second.wrapping_mul(row as i32));
            let place = (hash % self.width as i32).unsigned_abs() as usize;
            self.counters[row * self.width + place] += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Tally) {
        self.total += other.total;
        for (own, more) in self.counters.iter_mut().zip(&other.counters) {
            *own += more;
        }
    }

    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        (self.counters.len() + self.hashes.len()) * 8
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = VERSION.to_be_bytes().to_vec();
        bytes.extend(self.total.to_be_bytes());
        bytes.extend((self.hashes.len() as i32).to_be_bytes());
        bytes.extend((self.width as i32).to_be_bytes());
        self.hashes.iter().chain(&self.counters).for_each(|word| bytes.extend(word.to_be_bytes()));
        bytes
    }

    /// A sketch of these hashes and this width.
    pub(super) fn of_bytes(bytes: &[u8], hashes: &[i64], width: usize) -> Option<Self> {
        let mut sketch = Self::new(hashes, width);
        let (head, words) = bytes.split_at_checked(20)?;
        sketch.total = i64::from_be_bytes(head[4..12].try_into().ok()?);
        let words: Vec<i64> = words
            .chunks_exact(8)
            .filter_map(|word| word.try_into().ok())
            .map(i64::from_be_bytes)
            .collect();
        let (own, counters) = words.split_at_checked(hashes.len())?;
        if own != hashes || counters.len() != sketch.counters.len() {
            return None;
        }
        sketch.counters = counters.to_vec();
        Some(sketch)
    }
}

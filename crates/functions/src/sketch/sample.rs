//! Theta and tuple sketches: the values with the smallest hashes, each perhaps with a number.
//!
//! Dasgupta, Lang, Rhodes and Thaler, "A framework for estimating stream expression cardinalities" (2016). A theta
//! sketch has the bytes of Apache DataSketches' compact form; a tuple sketch, which has no form that does not
//! depend on the program, one of ours.

use std::collections::HashMap;

/// As many hashes are below this as there are: all of them.
pub(super) const ALL: u64 = i64::MAX as u64;
const SEED_HASH: [u8; 2] = [0xcc, 0x93];
const FAMILY_COMPACT: u8 = 3;
/// Version of the compressed form.
const COMPRESSED: u8 = 4;
/// Flags of the compact form.
const READ_ONLY: u8 = 2;
const EMPTY: u8 = 4;
const COMPACT: u8 = 8;
const ORDERED: u8 = 16;
const SINGLE: u8 = 32;
/// First byte of a tuple sketch.
const TUPLE: u8 = 0xf7;

/// How numbers of equal keys become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(super) enum Mode {
    Sum,
    Min,
    Max,
    AlwaysOne,
}

impl Mode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_lowercase().as_str() {
            "sum" => Mode::Sum,
            "min" => Mode::Min,
            "max" => Mode::Max,
            "alwaysone" => Mode::AlwaysOne,
            _ => return None,
        })
    }
}

/// A number beside a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Summary {
    None,
    Double(f64),
    Integer(i32),
}

impl Summary {
    pub(super) fn join(self, other: Self, mode: Mode) -> Self {
        use Summary::{Double, Integer};
        match (self, other, mode) {
            (Double(_), _, Mode::AlwaysOne) => Double(1.0),
            (Integer(_), _, Mode::AlwaysOne) => Integer(1),
            (Double(left), Double(right), Mode::Sum) => Double(left + right),
            (Double(left), Double(right), Mode::Min) => Double(left.min(right)),
            (Double(left), Double(right), Mode::Max) => Double(left.max(right)),
            (Integer(left), Integer(right), Mode::Sum) => Integer(left.wrapping_add(right)),
            (Integer(left), Integer(right), Mode::Min) => Integer(left.min(right)),
            (Integer(left), Integer(right), Mode::Max) => Integer(left.max(right)),
            (first, _, _) => first,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// Hashes from here on are not kept.
    pub theta: u64,
    pub entries: HashMap<u64, Summary>,
    /// Whether nothing has been put in, which is more than no hash below `theta`.
    pub empty: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self { theta: ALL, entries: HashMap::new(), empty: true }
    }
}

impl Sample {
    /// Takes a value in; `lg` is the logarithm of the number of hashes that are enough.
    pub(super) fn add(&mut self, hash: u64, summary: Summary, lg: u8, mode: Mode) {
        self.empty = false;
        if hash == 0 || hash >= self.theta {
            return;
        }
        let joined = match self.entries.get(&hash) {
            Some(known) => known.join(summary, mode),
            None => summary,
        };
        self.entries.insert(hash, joined);
        // As full as DataSketches lets its table become.
        if self.entries.len() > (2 << lg) / 16 * 15 {
            self.shrink(lg);
        }
    }

    /// Drops what is more than enough.
    pub(super) fn shrink(&mut self, lg: u8) {
        let enough = 1usize << lg;
        if self.entries.len() <= enough {
            return;
        }
        let mut hashes: Vec<u64> = self.entries.keys().copied().collect();
        let (_, theta, _) = hashes.select_nth_unstable(enough);
        self.theta = *theta;
        let theta = self.theta;
        self.entries.retain(|hash, _| *hash < theta);
    }

    pub(super) fn union(&mut self, other: &Sample, lg: u8, mode: Mode) {
        self.empty &= other.empty;
        self.theta = self.theta.min(other.theta);
        let theta = self.theta;
        self.entries.retain(|hash, _| *hash < theta);
        for (hash, summary) in &other.entries {
            // A theta sketch has no numbers: it takes the others' default.
            self.add(*hash, *summary, lg, mode);
        }
        self.empty &= other.empty;
        self.shrink(lg);
    }

    pub(super) fn intersect(&mut self, other: &Sample, mode: Mode) {
        self.empty |= other.empty;
        self.theta = if self.empty { ALL } else { self.theta.min(other.theta) };
        let theta = self.theta;
        self.entries = std::mem::take(&mut self.entries)
            .into_iter()
            .filter(|(hash, _)| *hash < theta)
            .filter_map(|(hash, summary)| {
                other.entries.get(&hash).map(|more| (hash, summary.join(*more, mode)))
            })
            .collect();
    }

    pub(super) fn subtract(&mut self, other: &Sample) {
        self.theta = self.theta.min(other.theta);
        let theta = self.theta;
        self.entries.retain(|hash, _| *hash < theta && !other.entries.contains_key(hash));
        self.empty |= self.entries.is_empty() && self.theta == ALL;
    }

    pub(super) fn fraction(&self) -> f64 {
        self.theta as f64 / ALL as f64
    }

    pub(super) fn estimate(&self) -> f64 {
        self.entries.len() as f64 / self.fraction()
    }

    fn ordered(&self) -> Vec<u64> {
        let mut hashes: Vec<u64> = self.entries.keys().copied().collect();
        hashes.sort_unstable();
        hashes
    }

    pub(super) fn theta_bytes(&self) -> Vec<u8> {
        let hashes = self.ordered();
        let exact = self.theta == ALL;
        if hashes.len() > 1 || (hashes.len() == 1 && !exact) {
            return self.compressed(&hashes);
        }
        let (n_longs, more) = match hashes.len() {
            0 if exact => (1, EMPTY),
            1 if exact => (1, SINGLE),
            _ if exact => (2, 0),
            _ => (3, 0),
        };
        let flags = READ_ONLY | COMPACT | ORDERED | more;
        let mut bytes = vec![n_longs, 3, FAMILY_COMPACT, 0, 0, flags, SEED_HASH[0], SEED_HASH[1]];
        if n_longs > 1 {
            bytes.extend((hashes.len() as u32).to_le_bytes());
            bytes.extend(1f32.to_le_bytes());
        }
        if n_longs > 2 {
            bytes.extend(self.theta.to_le_bytes());
        }
        hashes.iter().for_each(|hash| bytes.extend(hash.to_le_bytes()));
        bytes
    }

    /// The compressed form: differences of the hashes in order, each in as few bits as the largest takes.
    fn compressed(&self, hashes: &[u64]) -> Vec<u8> {
        let mut previous = 0;
        let differences: Vec<u64> =
            hashes.iter().map(|hash| hash - std::mem::replace(&mut previous, *hash)).collect();
        let n_bits = 64 - differences.iter().fold(0, |all, one| all | one).leading_zeros();
        let exact = self.theta == ALL;
        let count = (hashes.len() as u32).to_le_bytes();
        let count = &count[..4 - (hashes.len() as u32).leading_zeros() as usize / 8];
        let flags = READ_ONLY | COMPACT | ORDERED;
        let (n_longs, n_bits_byte) = (if exact { 1 } else { 2 }, n_bits as u8);
        let mut bytes =
            vec![n_longs, COMPRESSED, FAMILY_COMPACT, n_bits_byte, count.len() as u8, flags];
        bytes.extend(SEED_HASH);
        if !exact {
            bytes.extend(self.theta.to_le_bytes());
        }
        bytes.extend(count);
        let (mut held, mut n_held) = (0u128, 0);
        for difference in differences {
            held = held << n_bits | u128::from(difference);
            n_held += n_bits;
            while n_held >= 8 {
                n_held -= 8;
                bytes.push((held >> n_held) as u8);
            }
            held &= (1 << n_held) - 1;
        }
        if n_held > 0 {
            bytes.push((held << (8 - n_held)) as u8);
        }
        bytes
    }

    fn of_compressed(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_at_checked(8)?;
        let (n_bits, n_count) = (u32::from(head[3]), usize::from(head[4]));
        if !(1..=63).contains(&n_bits) || !(1..=4).contains(&n_count) {
            return None;
        }
        let mut theta = ALL;
        if head[0] & 0x3f > 1 {
            theta = word(rest.get(..8)?);
            rest = rest.get(8..)?;
        }
        let (count, packed) = rest.split_at_checked(n_count)?;
        let count = word(count);
        if packed.len() as u64 != (count * u64::from(n_bits)).div_ceil(8)
            || theta == 0
            || theta > ALL
        {
            return None;
        }
        let (mut held, mut n_held, mut hash) = (0u128, 0, 0u64);
        let mut entries = HashMap::new();
        for byte in packed {
            held = held << 8 | u128::from(*byte);
            n_held += 8;
            if n_held >= n_bits && (entries.len() as u64) < count {
                n_held -= n_bits;
                hash = hash.checked_add((held >> n_held) as u64)?;
                held &= (1 << n_held) - 1;
                entries.insert(hash, Summary::None);
            }
        }
        (entries.len() as u64 == count).then_some(Self { theta, entries, empty: false })
    }

    pub(super) fn of_theta_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_at_checked(8)?;
        let flags = head[5];
        if head[1] == COMPRESSED && head[2] == FAMILY_COMPACT && head[6..] == SEED_HASH {
            return Self::of_compressed(bytes);
        }
        if head[1] != 3
            || head[2] != FAMILY_COMPACT
            || head[6..] != SEED_HASH
            || flags & COMPACT == 0
        {
            return None;
        }
        let mut theta = ALL;
        let mut count = usize::from(flags & EMPTY == 0);
        if head[0] & 0x3f > 1 {
            count = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
            rest = rest.get(8..)?;
        }
        if head[0] & 0x3f > 2 {
            theta = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
            rest = rest.get(8..)?;
        }
        if rest.len() != count.checked_mul(8)? || theta == 0 || theta > ALL {
            return None;
        }
        let hashes = rest.chunks_exact(8).map(word);
        Some(Self {
            theta,
            entries: hashes.map(|hash| (hash, Summary::None)).collect(),
            empty: flags & EMPTY != 0,
        })
    }

    pub(super) fn tuple_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![TUPLE, u8::from(self.empty)];
        bytes.extend(self.theta.to_le_bytes());
        for hash in self.ordered() {
            let (kind, number) = match self.entries.get(&hash) {
                Some(Summary::Double(value)) => (1, value.to_bits()),
                Some(Summary::Integer(value)) => (2, *value as u32 as u64),
                _ => (0, 0),
            };
            bytes.extend(hash.to_le_bytes());
            bytes.push(kind);
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    pub(super) fn of_tuple_bytes(bytes: &[u8]) -> Option<Self> {
        const ENTRY: usize = 17;
        let (head, rest) = bytes.split_at_checked(10)?;
        let theta = word(&head[2..]);
        if head[0] != TUPLE || theta == 0 || theta > ALL || rest.len() % ENTRY != 0 {
            return None;
        }
        let entries = rest.chunks_exact(ENTRY).map(|entry| {
            let number = word(&entry[9..]);
            let summary = match entry[8] {
                1 => Summary::Double(f64::from_bits(number)),
                2 => Summary::Integer(number as u32 as i32),
                _ => Summary::None,
            };
            (word(&entry[..8]), summary)
        });
        Some(Self { theta, entries: entries.collect(), empty: head[1] != 0 })
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theta_bytes_and_back() {
        let mut sample = Sample::default();
        assert_eq!(Sample::of_theta_bytes(&sample.theta_bytes()), Some(sample.clone()));
        for n in 1..5000u64 {
            sample.add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1, Summary::None, 8, Mode::Sum);
            if n < 20 || n > 4990 {
                assert_eq!(Sample::of_theta_bytes(&sample.theta_bytes()), Some(sample.clone()));
            }
        }
        sample.shrink(8);
        assert!((4000.0..6000.0).contains(&sample.estimate()), "{}", sample.estimate());
    }
}

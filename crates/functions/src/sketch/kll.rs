//! KLL sketches: quantiles of a stream from a small part of it.
//!
//! Karnin, Lang and Liberty, "Optimal quantile approximation in streams" (2016): a buffer that is full is sorted, and
//! every other value moves to the next one, where it counts twice. Values are kept as integers of the same order.
//! The bytes are a form of our own.

/// First byte of a sketch.
const KLL: u8 = 0xf8;
/// The least that a level holds.
const LEVEL_MIN: usize = 8;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kll {
    pub k: u16,
    pub n: u64,
    /// Level `h` holds values that stand for `2^h` each.
    levels: Vec<Vec<i64>>,
    /// Which half goes next: it alternates, so that equal input gives equal sketches.
    odd: bool,
}

impl Kll {
    pub(super) fn new(k: u16) -> Self {
        Self { k, n: 0, levels: vec![Vec::new()], odd: false }
    }

    pub(super) fn add(&mut self, value: i64) {
        self.n += 1;
        self.levels[0].push(value);
        self.compress();
    }

    pub(super) fn merge(&mut self, other: &Kll) {
        self.n += other.n;
        if self.levels.len() < other.levels.len() {
            self.levels.resize_with(other.levels.len(), Vec::new);
        }
        for (level, more) in self.levels.iter_mut().zip(&other.levels) {
            level.extend(more);
        }
        self.compress();
    }

    fn capacity(&self, level: usize) -> usize {
        let depth = (self.levels.len() - 1 - level) as i32;
        let capacity = (f64::from(self.k) * (2.0f64 / 3.0).powi(depth)).ceil();
        (capacity as usize).max(LEVEL_MIN)
    }

    fn compress(&mut self) {
        loop {
            let n_kept: usize = self.levels.iter().map(Vec::len).sum();
            let allowed: usize = (0..self.levels.len()).map(|level| self.capacity(level)).sum();
            if n_kept <= allowed {
                return;
            }
            let full = (0..self.levels.len())
                .find(|level| self.levels[*level].len() > self.capacity(*level));
            let Some(level) = full else { return };
            if level + 1 == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let mut values = std::mem::take(&mut self.levels[level]);
            values.sort_unstable();
            // An odd number of values leaves one behind, so that weights stay right.
            if values.len() % 2 == 1
                && let Some(rest) = values.pop()
            {
                self.levels[level].push(rest);
            }
            let first = usize::from(self.odd);
            self.odd = !self.odd;
            self.levels[level + 1].extend(values.into_iter().skip(first).step_by(2));
        }
    }

    pub(super) fn n_kept(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }

    /// Values in order, each with the weight of itself and all before it.
    fn weighted(&self) -> Vec<(i64, u64)> {
        let mut all: Vec<(i64, u64)> = self
            .levels
            .iter()
            .enumerate()
            .flat_map(|(level, values)| values.iter().map(move |value| (*value, 1u64 << level)))
            .collect();
        all.sort_unstable();
        let mut sum = 0;
        for (_, weight) in &mut all {
            sum += *weight;
            *weight = sum;
        }
        all
    }

    /// The least value whose rank is at least this, values at most it counted.
    pub(super) fn quantile(&self, rank: f64) -> Option<i64> {
        let all = self.weighted();
        let wanted = (rank * self.n as f64).ceil() as u64;
        let found = all.iter().find(|(_, weight)| *weight >= wanted).or(all.last());
        found.map(|(value, _)| *value)
    }

    /// Which part of the values is at most this.
    pub(super) fn rank(&self, value: i64) -> Option<f64> {
        let all = self.weighted();
        let below = all.iter().rev().find(|(known, _)| *known <= value);
        (self.n > 0).then(|| below.map_or(0, |(_, weight)| *weight) as f64 / self.n as f64)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![KLL, u8::from(self.odd)];
        bytes.extend(self.k.to_le_bytes());
        bytes.extend(self.n.to_le_bytes());
        for level in &self.levels {
            bytes.extend((level.len() as u32).to_le_bytes());
            level.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        }
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        const LEVELS_MAX: usize = 60;
        let (head, mut rest) = bytes.split_at_checked(12)?;
        if head[0] != KLL {
            return None;
        }
        let k = u16::from_le_bytes(head[2..4].try_into().ok()?);
        let n = u64::from_le_bytes(head[4..].try_into().ok()?);
        let mut levels = Vec::new();
        while !rest.is_empty() {
            let (length, after) = rest.split_at_checked(4)?;
            let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
            let (values, after) = after.split_at_checked(length.checked_mul(8)?)?;
            levels.push(
                values
                    .chunks_exact(8)
                    .filter_map(|value| value.try_into().ok())
                    .map(i64::from_le_bytes)
                    .collect(),
            );
            rest = after;
        }
        let weight =
            levels.iter().enumerate().try_fold(0u64, |sum, (level, values): (_, &Vec<i64>)| {
                sum.checked_add((values.len() as u64).checked_shl(level as u32)?)
            });
        let in_order =
            weight == Some(n) && (1..=LEVELS_MAX).contains(&levels.len()) && k >= LEVEL_MIN as u16;
        in_order.then_some(Self { k, n, levels, odd: head[1] != 0 })
    }
}

/// A double as an integer of the same order.
pub(super) fn key_of_double(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

pub(super) fn double_of_key(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_values() {
        let mut sketch = Kll::new(200);
        (0..1_000_000).for_each(|value| sketch.add((value * 7919) % 1_000_000));
        let half = sketch.quantile(0.5).expect("values");
        assert!((485_000..515_000).contains(&half), "{half}");
        assert!(sketch.n_kept() < 2000);
        assert_eq!(Kll::of_bytes(&sketch.to_bytes()), Some(sketch));
    }

    #[test]
    fn doubles_keep_their_order() {
        let values = [f64::NEG_INFINITY, -2.5, -0.0, 0.0, 1.0, f64::INFINITY];
        let keys = values.map(key_of_double);
        assert!(keys.is_sorted());
        assert_eq!(keys.map(double_of_key), values);
    }
}

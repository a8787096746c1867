//! The Misra-Gries sketch of DataSketches (`ItemsSketch`) and its bytes.
//!
//! A hash table with linear probing, read with a stride of the golden ratio; when it is full at its largest size, the
//! median of its counts is taken from all of them. Items are the bytes they are written as.

use firesteel_common::{Result, SparkError};

const LG_MIN: u8 = 3;
const SAMPLE_MAX: usize = 1024;
const FAMILY: u8 = 10;
const IS_EMPTY: u8 = 5;
const PREAMBLE_BYTES: usize = 32;

#[derive(Debug, Clone)]
struct Slot {
    item: Vec<u8>,
    /// Java's hash code of the item.
    hash: i32,
    count: i64,
    /// Steps from the place where it belongs.
    drift: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Frequent {
    lg_max: u8,
    table: Vec<Option<Slot>>,
    n_items: usize,
    /// What purges have taken from each count.
    offset: i64,
    n_rows: i64,
}

impl Frequent {
    /// One that keeps at least so many items apart.
    pub(super) fn tracking(max_items: i64) -> Self {
        let places = (max_items as f64 / 0.75).ceil() as u64;
        Self::of_size((places.next_power_of_two().trailing_zeros() as u8).max(LG_MIN), LG_MIN)
    }

    fn of_size(lg_max: u8, lg: u8) -> Self {
        Self { lg_max, table: vec![None; 1 << lg], n_items: 0, offset: 0, n_rows: 0 }
    }

    pub(super) fn add(&mut self, item: &[u8], hash: i32, count: i64) {
        self.n_rows += count;
        self.put(item, hash, count);
        if self.n_items <= capacity(self.table.len()) {
            return;
        }
        if self.table.len() < 1 << self.lg_max {
            let larger = vec![None; self.table.len() * 2];
            self.n_items = 0;
            for slot in std::mem::replace(&mut self.table, larger).into_iter().flatten() {
                self.put(&slot.item, slot.hash, slot.count);
            }
        } else {
            self.purge();
        }
    }

    pub(super) fn merge(&mut self, other: &Frequent) {
        let n_rows = self.n_rows + other.n_rows;
        for (item, hash, count) in other.iter() {
            self.add(item, hash, count);
        }
        self.offset += other.offset;
        self.n_rows = n_rows;
    }

    /// Items and how many rows they may have at most, in the table's order. Those are left out that may have fewer rows
    /// than an item which is not in the table.
    pub(super) fn estimates(&self) -> Vec<(&[u8], i64)> {
        let sure = self.iter().filter(|(_, _, count)| *count >= self.offset);
        sure.map(|(item, _, count)| (item, count + self.offset)).collect()
    }

    pub(super) fn size(&self) -> usize {
        self.table.len() * size_of::<Option<Slot>>() + self.n_items * 16
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], i32, i64)> {
        let mask = self.table.len() - 1;
        let stride = (self.table.len() as f64 * 0.618_033_988_749_894_9) as usize | 1;
        (0..self.table.len())
            .filter_map(move |step| self.table[(step * stride) & mask].as_ref())
            .map(|slot| (slot.item.as_slice(), slot.hash, slot.count))
    }

    fn put(&mut self, item: &[u8], hash: i32, count: i64) {
        let mask = self.table.len() - 1;
        let (mut place, mut drift) = (spread(hash) as usize & mask, 0);
        while let Some(slot) = &mut self.table[place] {
            if slot.hash == hash && slot.item == item {
                slot.count += count;
                return;
            }
            place = (place + 1) & mask;
            drift += 1;
        }
        self.table[place] = Some(Slot { item: item.to_vec(), hash, count, drift });
        self.n_items += 1;
    }

    fn purge(&mut self) {
        let n_samples = SAMPLE_MAX.min(capacity(1 << self.lg_max)).min(self.n_items);
        let mut samples: Vec<i64> =
            self.table.iter().flatten().take(n_samples).map(|slot| slot.count).collect();
        let (_, median, _) = samples.select_nth_unstable(n_samples / 2);
        let median = *median;
        self.table.iter_mut().flatten().for_each(|slot| slot.count -= median);
        self.offset += median;
        // From the last free place downwards, so that moving items up passes none by.
        let last = self.table.len() - 1;
        let first = (0..=last).rev().find(|place| self.table[*place].is_none()).unwrap_or(0);
        for place in (0..first).rev().chain((first..=last).rev()) {
            if self.table[place].as_ref().is_some_and(|slot| slot.count <= 0) {
                self.remove(place);
            }
        }
    }

    fn remove(&mut self, place: usize) {
        let mask = self.table.len() - 1;
        self.table[place] = None;
        self.n_items -= 1;
        let (mut free, mut step) = (place, 1);
        let mut next = (place + 1) & mask;
        while let Some(slot) = &mut self.table[next] {
            if slot.drift >= step {
                slot.drift -= step;
                self.table[free] = self.table[next].take();
                (free, step) = (next, 0);
            }
            next = (next + 1) & mask;
            step += 1;
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let lg = self.table.len().trailing_zeros() as u8;
        let mut bytes = vec![if self.n_items == 0 { 1 } else { 4 }, 1, FAMILY, self.lg_max, lg];
        if self.n_items == 0 {
            bytes.extend([IS_EMPTY, 0, 0]);
            return bytes;
        }
        bytes.extend([0; 3]);
        bytes.extend((self.n_items as u64).to_le_bytes());
        bytes.extend(self.n_rows.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        for slot in self.table.iter().flatten() {
            bytes.extend(slot.count.to_le_bytes());
        }
        bytes
    }

    /// The items, in the order of [`bytes`](Self::bytes), to be written behind them.
    pub(super) fn items(&self) -> impl Iterator<Item = &[u8]> {
        self.table.iter().flatten().map(|slot| slot.item.as_slice())
    }

    /// What [`bytes`](Self::bytes) and the items give; `items` reads so many of them, with their hash codes.
    ///
    /// # Errors
    /// An internal error if the bytes are no such sketch.
    pub(super) fn read(
        bytes: &[u8],
        items: impl FnOnce(&[u8], usize) -> Option<Vec<(Vec<u8>, i32)>>,
    ) -> Result<Self> {
        Self::try_read(bytes, items)
            .ok_or_else(|| SparkError::internal("the sketch of approx_top_k is not readable"))
    }

    fn try_read(
        bytes: &[u8],
        items: impl FnOnce(&[u8], usize) -> Option<Vec<(Vec<u8>, i32)>>,
    ) -> Option<Self> {
        let [preamble, version, family, lg_max, lg, ..] = *bytes else { return None };
        let sizes = (LG_MIN..=26).contains(&lg_max) && (LG_MIN..=lg_max).contains(&lg);
        if version != 1 || family != FAMILY || !sizes {
            return None;
        }
        let mut sketch = Self::of_size(lg_max, LG_MIN);
        if preamble == 1 {
            return Some(sketch);
        }
        let long = |at: usize| {
            let bytes = bytes.get(at..at + 8)?;
            Some(i64::from_le_bytes(bytes.try_into().ok()?))
        };
        let n_items = usize::try_from(long(8)? & 0xffff_ffff).ok()?;
        let (n_rows, offset) = (long(16)?, long(24)?);
        if n_items > capacity(1 << lg_max) + 1 || n_items > bytes.len() {
            return None;
        }
        sketch.table = vec![None; 1 << lg.min(26)];
        let behind = bytes.get(PREAMBLE_BYTES + 8 * n_items..)?;
        for (place, (item, hash)) in items(behind, n_items)?.into_iter().enumerate() {
            sketch.add(&item, hash, long(PREAMBLE_BYTES + 8 * place)?);
        }
        (sketch.n_rows, sketch.offset) = (n_rows, offset);
        Some(sketch)
    }
}

fn capacity(places: usize) -> usize {
    places * 3 / 4
}

/// The finalizer of MurmurHash3 for 64 bits.
fn spread(hash: i32) -> u64 {
    let mut bits = i64::from(hash) as u64;
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0: `approx_top_k(x, 10)` of eight values that come once each.
    #[test]
    fn order_of_equally_frequent_values() {
        let mut first = Frequent::tracking(10_000);
        for value in [5_i32, 17, 23, 42, 99, 1000, -3, 7] {
            first.add(&value.to_le_bytes(), value, 1);
        }
        let mut sketch = Frequent::tracking(10_000);
        sketch.merge(&first);
        let found: Vec<i32> = sketch
            .estimates()
            .into_iter()
            .map(|(item, _)| i32::from_le_bytes(item.try_into().unwrap()))
            .collect();
        assert_eq!(found, [23, -3, 7, 17, 1000, 42, 5, 99]);
    }

    /// Recorded from Spark 4.2.0: `approx_top_k_accumulate(x, 2)`.
    #[test]
    fn rare_items_are_forgotten() {
        let mut sketch = Frequent::tracking(2);
        for value in [1_i64, 2, 3, 4, 5, 6, 6, 7] {
            sketch.add(&value.to_le_bytes(), value as i32, 1);
        }
        assert_eq!(sketch.estimates(), [(6_i64.to_le_bytes().as_slice(), 2)]);
    }
}

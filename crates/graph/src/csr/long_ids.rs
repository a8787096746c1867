//! Numbers of vertices whose ids are longs.

use crate::threads;

/// Distinct ids in ascending order; the number of an id is its place among them.
///
/// Ids that lie close together take a bit each of their span; others a sorted list and a hash table, 16 to 24 bytes
/// each. A run without gaps takes nothing.
#[derive(Debug)]
pub struct LongIds {
    n: u32,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// All from `first` on.
    Run { first: i64 },
    /// Bit `i` says whether `first + i` is an id; `ranks[w]` ids come before word `w`.
    Bits { first: i64, words: Vec<u64>, ranks: Vec<u32> },
    /// `slots` holds places in `sorted`, found by open addressing from the upper bits of a product.
    Table { sorted: Vec<i64>, slots: Vec<u32>, shift: u32 },
}

const EMPTY: u32 = u32::MAX;

/// Bits of span that an id may cost before a hash table is taken.
const BITS_PER_ID: u128 = 64;

impl LongIds {
    /// Numbers ids; repeated ones count once. `None` if there are more than 2³² − 2.
    pub fn new(mut ids: Vec<i64>, n_threads: usize) -> Option<Self> {
        let (Some(&first), Some(&last)) = (ids.iter().min(), ids.iter().max()) else {
            return Some(Self { n: 0, form: Form::Run { first: 0 } });
        };
        let span = u128::from(last.abs_diff(first)) + 1;
        if span <= BITS_PER_ID * ids.len() as u128 + 1024 {
            return Self::from_span(&ids, first, span as usize);
        }
        sort(&mut ids, n_threads);
        ids.dedup();
        ids.shrink_to_fit();
        let n = u32::try_from(ids.len()).ok().filter(|n| *n < EMPTY)?;
        let (slots, shift) = table(&ids);
        Some(Self { n, form: Form::Table { sorted: ids, slots, shift } })
    }

    fn from_span(ids: &[i64], first: i64, span: usize) -> Option<Self> {
        let mut words = vec![0u64; span.div_ceil(64)];
        for id in ids {
            let bit = id.abs_diff(first);
            words[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        let mut ranks = Vec::with_capacity(words.len());
        let mut n = 0u64;
        for word in &words {
            ranks.push(n as u32);
            n += u64::from(word.count_ones());
        }
        let n = u32::try_from(n).ok().filter(|n| *n < EMPTY)?;
        let form = if n as usize == span {
            Form::Run { first }
        } else {
            Form::Bits { first, words, ranks }
        };
        Some(Self { n, form })
    }

    pub fn len(&self) -> usize {
        self.n as usize
    }

    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The number of an id.
    #[inline]
    pub fn number(&self, id: i64) -> Option<u32> {
        match &self.form {
            Form::Run { first } => {
                let place = id.wrapping_sub(*first) as u64;
                (id >= *first && place < u64::from(self.n)).then_some(place as u32)
            }
            Form::Bits { first, words, ranks } => {
                let bit = id.wrapping_sub(*first) as u64;
                if id < *first {
                    return None;
                }
                let at = usize::try_from(bit / 64).ok()?;
                let (word, mask) = (*words.get(at)?, 1u64 << (bit % 64));
                (word & mask != 0).then(|| ranks[at] + (word & (mask - 1)).count_ones())
            }
            Form::Table { sorted, slots, shift } => {
                let mut at = slot(id, *shift);
                loop {
                    let place = slots[at];
                    if place == EMPTY {
                        return None;
                    }
                    if sorted[place as usize] == id {
                        return Some(place);
                    }
                    at = (at + 1) & (slots.len() - 1);
                }
            }
        }
    }

    /// All ids by their numbers, which is in ascending order.
    pub fn to_vec(&self) -> Vec<i64> {
        match &self.form {
            Form::Run { first } => {
                (0..i64::from(self.n)).map(|place| first.wrapping_add(place)).collect()
            }
            Form::Bits { first, words, .. } => {
                let mut ids = Vec::with_capacity(self.len());
                for (at, word) in words.iter().enumerate() {
                    let mut left = *word;
                    while left != 0 {
                        let bit = at as u64 * 64 + u64::from(left.trailing_zeros());
                        ids.push(first.wrapping_add_unsigned(bit));
                        left &= left - 1;
                    }
                }
                ids
            }
            Form::Table { sorted, .. } => sorted.clone(),
        }
    }
}

fn slot(id: i64, shift: u32) -> usize {
    ((id as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

fn table(sorted: &[i64]) -> (Vec<u32>, u32) {
    let size = (sorted.len() * 2).next_power_of_two().max(2);
    let shift = 64 - size.trailing_zeros();
    let mut slots = vec![EMPTY; size];
    for (place, id) in sorted.iter().enumerate() {
        let mut at = slot(*id, shift);
        while slots[at] != EMPTY {
            at = (at + 1) & (size - 1);
        }
        slots[at] = place as u32;
    }
    (slots, shift)
}

/// Sorts pieces on the threads and the nearly sorted whole with the standard stable sort, which merges runs.
fn sort(ids: &mut [i64], n_threads: usize) {
    if n_threads > 1 && ids.len() > 1 << 16 && !ids.is_sorted() {
        let piece = ids.len().div_ceil(n_threads);
        threads::on_parts(n_threads, ids.chunks_mut(piece).collect(), |part| part.sort_unstable());
    }
    ids.sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[i64], absent: &[i64]) {
        let numbers = LongIds::new(ids.to_vec(), 2).unwrap();
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(numbers.to_vec(), sorted);
        for (place, id) in sorted.iter().enumerate() {
            assert_eq!(numbers.number(*id), Some(place as u32), "{id}");
        }
        for id in absent {
            assert_eq!(numbers.number(*id), None, "{id}");
        }
    }

    #[test]
    fn numbers_are_places_in_ascending_order() {
        check(&[], &[0, i64::MIN, i64::MAX]);
        check(&[5, 3, 4], &[2, 6, i64::MIN, i64::MAX]);
        check(&[-7, 100, 3, 3, -7], &[0, -8, 101, i64::MIN, i64::MAX]);
        check(&[i64::MIN, 0, i64::MAX, 17], &[1, -1, i64::MAX - 1]);
        check(&(0..5000).map(|i| i * 1_000_003 - 77).collect::<Vec<_>>(), &[0, 1, i64::MAX]);
        check(&[i64::MAX, i64::MAX - 1], &[i64::MIN, 0]);
    }
}

//! Numbers of vertices whose ids are strings.

/// Distinct ids in ascending order of their bytes; the number of an id is its place among them.
///
/// Memory: the bytes once, 8 bytes an id for where it starts, 8 to 16 bytes an id of hash table.
#[derive(Debug, Default)]
pub struct TextIds {
    bytes: String,
    /// Id `i` is `bytes[starts[i]..starts[i + 1]]`.
    starts: Vec<u64>,
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl TextIds {
    /// Numbers ids; repeated ones count once. `None` if there are more than 2³² − 2.
    pub fn new<'a>(ids: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut ids: Vec<&str> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let n = u32::try_from(ids.len()).ok().filter(|n| *n < EMPTY)? as usize;
        let mut bytes = String::with_capacity(ids.iter().map(|id| id.len()).sum());
        let mut starts = Vec::with_capacity(n + 1);
        starts.push(0);
        let size = (n * 2).next_power_of_two().max(2);
        let mut slots = vec![EMPTY; size];
        for (place, id) in ids.iter().enumerate() {
            bytes.push_str(id);
            starts.push(bytes.len() as u64);
            let mut at = hash(id.as_bytes()) as usize & (size - 1);
            while slots[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            slots[at] = place as u32;
        }
        Some(Self { bytes, starts, slots })
    }

    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a number below `len()`.
    pub fn id(&self, number: u32) -> &str {
        let at = number as usize;
        &self.bytes[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The number of an id.
    pub fn number(&self, id: &str) -> Option<u32> {
        let size = self.slots.len();
        if size == 0 {
            return None;
        }
        let mut at = hash(id.as_bytes()) as usize & (size - 1);
        loop {
            let place = self.slots[at];
            if place == EMPTY {
                return None;
            }
            if self.id(place) == id {
                return Some(place);
            }
            at = (at + 1) & (size - 1);
        }
    }
}

/// Eight bytes at a time, multiplied and folded. Not to be relied on across versions.
fn hash(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word).wrapping_mul(u128::from(K));
        (product as u64) ^ ((product >> 64) as u64)
    };
    let mut state = bytes.len() as u64 ^ 0x243F_6A88_85A3_08D3;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = fold(state, u64::from_le_bytes(word)).wrapping_add(K);
    }
    let mut word = [0; 8];
    word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    fold(state, u64::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_in_ascending_order() {
        let ids = TextIds::new(
            ["b", "a", "", "b", "a long name of more than eight bytes", "é"].into_iter(),
        )
        .unwrap();
        let sorted: Vec<&str> = (0..ids.len() as u32).map(|number| ids.id(number)).collect();
        assert_eq!(sorted, ["", "a", "a long name of more than eight bytes", "b", "é"]);
        for (place, id) in sorted.iter().enumerate() {
            assert_eq!(ids.number(id), Some(place as u32));
        }
        assert_eq!(ids.number("c"), None);
        assert_eq!(TextIds::default().number("c"), None);
    }
}

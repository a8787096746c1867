//! The order in which Spark's open-addressing tables (`AppendOnlyMap` of its shuffles, `OpenHashSet` of GraphX) hand
//! their keys on: random numbers meet keys in it.

/// Slots of a table that has nothing in it.
const SLOTS_MIN: usize = 64;

/// Where a key with this hash (`hashCode`) is looked for first: MurmurHash3 of one word.
pub(crate) fn mixed_hash(hash: u32) -> u32 {
    let mut hash = hash.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64) ^ 4;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// `hashCode` of a long.
pub(crate) fn long_hash(value: i64) -> u32 {
    (value ^ ((value as u64) >> 32) as i64) as u32
}

/// Distinct items, one after the other, in the order of the table that they were put into. `hashes` has the
/// [`mixed_hash`] of each.
pub(crate) fn table_order(items: &[usize], hashes: &[u32]) -> Vec<usize> {
    let mut slots: Vec<Option<usize>> = vec![None; SLOTS_MIN];
    let put = |slots: &mut Vec<Option<usize>>, item: usize| {
        let mask = slots.len() - 1;
        let (mut at, mut step) = (hashes[item] as usize & mask, 1);
        while slots[at].is_some() {
            at = (at + step) & mask;
            step += 1;
        }
        slots[at] = Some(item);
    };
    for (n, item) in items.iter().enumerate() {
        put(&mut slots, *item);
        if 10 * (n + 1) > 7 * slots.len() {
            let old = std::mem::take(&mut slots);
            slots = vec![None; 2 * old.len()];
            old.into_iter().flatten().for_each(|item| put(&mut slots, item));
        }
    }
    slots.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_comes_once() {
        let hashes: Vec<u32> = (0..200).map(|item| mixed_hash(item / 2)).collect();
        let items: Vec<usize> = (0..200).collect();
        let mut order = table_order(&items, &hashes);
        assert_ne!(order, items);
        order.sort_unstable();
        assert_eq!(order, items);
    }
}

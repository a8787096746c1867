//! The order in which Scala's immutable sets and maps of small whole numbers run. Spark hands random numbers to the
//! nodes of several trees in it.

/// Up to so many items keep the order in which they came.
const SMALL: usize = 4;

/// Hash of a whole number in Scala's tries.
fn improved(hash: u32) -> u32 {
    let mut hash = hash.wrapping_add(!(hash << 9));
    hash ^= hash >> 14;
    hash = hash.wrapping_add(hash << 4);
    hash ^ (hash >> 10)
}

/// Distinct `items` in the order of an immutable set to which they were added.
pub(crate) fn set_order(mut items: Vec<u32>) -> Vec<u32> {
    if items.len() <= SMALL {
        return items;
    }
    let mut sorted = Vec::with_capacity(items.len());
    visit(&mut items, 0, &mut sorted);
    sorted
}

/// One level of the trie: entries that are alone under their five bits first, then the branches.
fn visit(items: &mut [u32], shift: u32, out: &mut Vec<u32>) {
    if shift > 30 {
        out.extend_from_slice(items);
        return;
    }
    let mask = |item: u32| (improved(item) >> shift) & 31;
    items.sort_by_key(|item| mask(*item));
    let alone = items.chunk_by(|a, b| mask(*a) == mask(*b)).filter(|own| own.len() == 1);
    out.extend(alone.map(|own| own[0]));
    let mut rest = items;
    while let Some(first) = rest.first().copied() {
        let n = rest.iter().take_while(|item| mask(**item) == mask(first)).count();
        let (own, others) = rest.split_at_mut(n);
        if n > 1 {
            visit(own, shift + 5, out);
        }
        rest = others;
    }
}

/// `keys` in the order of an immutable map made of a mutable hash map to which they were added.
pub(super) fn map_order(keys: &[u32]) -> Vec<u32> {
    let mut n_slots = 16;
    while keys.len() >= n_slots * 3 / 4 {
        n_slots *= 2;
    }
    let mut keys = keys.to_vec();
    keys.sort_by_key(|key| (*key as usize & (n_slots - 1), *key));
    set_order(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_items_keep_their_order() {
        assert_eq!(set_order(vec![3, 1, 2]), vec![3, 1, 2]);
    }

    #[test]
    fn maps_of_few_run_by_slot() {
        assert_eq!(map_order(&[17, 2, 1]), vec![1, 17, 2]);
    }
}

//! How often each row counts in each tree of a forest (`BaggedPoint`).

use firesteel_common::random::{Well19937, XorShiftRandom};

/// Counts by tree, then by row; none: every row counts once. `partitions`: rows of each, whose random numbers are
/// their own.
pub(super) fn counts(
    partitions: &[usize],
    n_trees: usize,
    rate: f64,
    with_replacement: bool,
    seed: i64,
) -> Option<Vec<Vec<u8>>> {
    if !with_replacement && n_trees == 1 && rate == 1.0 {
        return None;
    }
    let mut counts = vec![Vec::with_capacity(partitions.iter().sum()); n_trees];
    for (partition, n_rows) in partitions.iter().enumerate() {
        let seed = seed.wrapping_add(partition as i64 + 1);
        let mut draw: Box<dyn FnMut() -> u8> = if with_replacement {
            let mut random = Well19937::new(seed);
            Box::new(move || u8::try_from(random.next_poisson(rate)).unwrap_or(u8::MAX))
        } else {
            let mut random = XorShiftRandom::new(seed);
            Box::new(move || u8::from(random.next_double() < rate))
        };
        for _ in 0..*n_rows {
            counts.iter_mut().for_each(|counts| counts.push(draw()));
        }
    }
    Some(counts)
}

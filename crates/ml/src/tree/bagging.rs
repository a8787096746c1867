//! How often each row counts in each tree of a forest (`BaggedPoint`).

use firesteel_common::random::{Well19937, XorShiftRandom};

/// Counts by tree, then by row; none: every row counts once.
pub(super) fn counts(
    n_rows: usize,
    n_trees: usize,
    rate: f64,
    with_replacement: bool,
    seed: i64,
) -> Option<Vec<Vec<u8>>> {
    if !with_replacement && n_trees == 1 && rate == 1.0 {
        return None;
    }
    // Spark draws for each partition with this seed and the partition's number; all rows are one partition here.
    let seed = seed.wrapping_add(1);
    let mut counts = vec![vec![0; n_rows]; n_trees];
    if with_replacement {
        let mut random = Well19937::new(seed);
        for row in 0..n_rows {
            for counts in &mut counts {
                counts[row] = u8::try_from(random.next_poisson(rate)).unwrap_or(u8::MAX);
            }
        }
    } else {
        let mut random = XorShiftRandom::new(seed);
        for row in 0..n_rows {
            for counts in &mut counts {
                counts[row] = u8::from(random.next_double() < rate);
            }
        }
    }
    Some(counts)
}

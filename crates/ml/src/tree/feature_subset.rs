//! Features that a node of a forest may be split by: a sample without replacement.

use firesteel_common::random::XorShiftRandom;

/// `n_chosen` of the numbers below `n` (reservoir sampling), in the order that Spark's sampling leaves them in.
pub(super) fn draw(n: usize, n_chosen: usize, seed: i64) -> Vec<u32> {
    let mut chosen: Vec<u32> = (0..n_chosen.min(n) as u32).collect();
    let mut random = XorShiftRandom::new(seed);
    for item in n_chosen..n {
        let slot = (random.next_double() * (item + 1) as f64) as usize;
        if let Some(slot) = chosen.get_mut(slot) {
            *slot = item as u32;
        }
    }
    chosen
}

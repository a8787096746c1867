//! Samples of rows by position, drawn as Spark's RDDs draw them from a single partition (`RDD.sample`, `RDD.takeSample`,
//! `org.apache.spark.util.random.RandomSampler`).

use firesteel_common::random::{JavaRandom, Well19937, XorShiftRandom};

/// Fractions up to this one are sampled by drawing the gaps between chosen rows.
const GAP_FRACTION_MAX: f64 = 0.4;

/// Keeps the logarithm of a uniform number finite.
const GAP_EPSILON: f64 = 5e-11;

/// Positions below `n_rows` that `RDD.sample(withReplacement, fraction, seed)` keeps, ascending; with replacement a
/// position comes as often as it was drawn.
pub(crate) fn sample(
    n_rows: usize,
    fraction: f64,
    with_replacement: bool,
    seed: i64,
) -> Vec<usize> {
    let partition_seed = JavaRandom::new(seed).next_long();
    match with_replacement {
        true => poisson(n_rows, fraction, partition_seed),
        false => bernoulli(n_rows, fraction, partition_seed),
    }
}

fn bernoulli(n_rows: usize, fraction: f64, seed: i64) -> Vec<usize> {
    let mut random = XorShiftRandom::new(seed);
    if fraction <= 0.0 {
        return Vec::new();
    }
    if fraction >= 1.0 {
        return (0..n_rows).collect();
    }
    if fraction > GAP_FRACTION_MAX {
        return (0..n_rows).filter(|_| random.next_double() <= fraction).collect();
    }
    let log_rest = (-fraction).ln_1p();
    let mut gap = || (random.next_double().max(GAP_EPSILON).ln() / log_rest) as usize;
    let mut chosen = Vec::new();
    let mut position = gap();
    while position < n_rows {
        chosen.push(position);
        position = position.saturating_add(1 + gap());
    }
    chosen
}

fn poisson(n_rows: usize, fraction: f64, seed: i64) -> Vec<usize> {
    let mut chosen = Vec::new();
    if fraction <= 0.0 {
        return chosen;
    }
    if fraction > GAP_FRACTION_MAX {
        let mut random = Well19937::new(seed);
        for position in 0..n_rows {
            let n = random.next_poisson(fraction);
            chosen.extend(std::iter::repeat_n(position, n as usize));
        }
        return chosen;
    }
    let mut random = XorShiftRandom::new(seed);
    let none = (-fraction).exp();
    let gap = |random: &mut XorShiftRandom| {
        (random.next_double().max(GAP_EPSILON).ln() / -fraction) as usize
    };
    let mut position = gap(&mut random);
    while position < n_rows {
        // A Poisson number that is at least one.
        let mut product = none + (1.0 - none) * random.next_double();
        let mut n = 1;
        product *= random.next_double();
        while product > none {
            n += 1;
            product *= random.next_double();
        }
        chosen.extend(std::iter::repeat_n(position, n));
        position = position.saturating_add(1 + gap(&mut random));
    }
    chosen
}

/// Positions that `RDD.takeSample(withReplacement, n, seed)` gives, in its order.
pub(crate) fn take_sample(
    n_rows: usize,
    n: usize,
    with_replacement: bool,
    seed: i64,
) -> Vec<usize> {
    if n == 0 || n_rows == 0 {
        return Vec::new();
    }
    let mut random = JavaRandom::new(seed);
    if !with_replacement && n >= n_rows {
        let mut all: Vec<usize> = (0..n_rows).collect();
        shuffle(&mut all, &mut random);
        return all;
    }
    let fraction = sampling_fraction(n, n_rows, with_replacement);
    let mut chosen;
    loop {
        chosen = sample(n_rows, fraction, with_replacement, i64::from(random.next_int()));
        if chosen.len() >= n {
            break;
        }
    }
    shuffle(&mut chosen, &mut random);
    chosen.truncate(n);
    chosen
}

/// The fraction with which at least `n` rows come in all but one of ten thousand samples.
fn sampling_fraction(n: usize, n_rows: usize, with_replacement: bool) -> f64 {
    const LEAST: f64 = 1e-10;
    let (wanted, total) = (n as f64, n_rows as f64);
    if with_replacement {
        let n_deviations = if wanted < 6.0 {
            12.0
        } else if wanted < 16.0 {
            9.0
        } else {
            6.0
        };
        return (wanted + n_deviations * wanted.sqrt()).max(LEAST) / total;
    }
    let fraction = wanted / total;
    let gamma = -(1e-4_f64.ln()) / total;
    (fraction + gamma + (gamma * gamma + 2.0 * gamma * fraction).sqrt()).max(LEAST).min(1.0)
}

fn shuffle(items: &mut [usize], random: &mut JavaRandom) {
    for last in (1..items.len()).rev() {
        let other = random.next_int_below(last as i32 + 1) as usize;
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_their_size() {
        assert_eq!(take_sample(100, 7, false, 3).len(), 7);
        assert_eq!(take_sample(5, 9, false, 3).len(), 5);
        assert_eq!(take_sample(4, 9, true, 3).len(), 9);
        assert!(take_sample(0, 3, true, 1).is_empty());
        let mut all = take_sample(6, 6, false, 1);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }
}

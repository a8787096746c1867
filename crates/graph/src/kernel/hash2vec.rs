//! Vectors of words from what stands around them, by hashing.
//!
//! GraphFrames' Hash2Vec (after Argerich, Torré Zaffaroni and Cano, "Hash2Vec: feature hashing for word embeddings", 2016):
//! for each place of a sequence, every word in the window around it adds its sign, weighted by how near it is, at the place
//! that its hash gives.

use std::collections::HashMap;

use super::mix::mix;
use super::random_walks::samples;
use crate::csr::Adjacency;

/// How vectors are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hash2VecParams {
    /// Words to either side that count.
    pub context_size: usize,
    /// Length of the vectors, before a norm is appended.
    pub n_dimensions: usize,
    /// Weight at distance d is exp(−d² / σ²), or 1 without a sigma.
    pub gaussian_sigma: Option<f64>,
    /// Whether vectors are divided by their length + 10⁻⁶.
    pub divides_by_norm: bool,
    /// Whether log(length + 1) / √n_dimensions is appended then.
    pub appends_norm: bool,
}

/// Where a word adds what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HashedWord {
    /// Below `n_dimensions`.
    pub place: u32,
    /// −1 or 1.
    pub sign: f64,
}

impl HashedWord {
    /// Of a long.
    pub fn of_long(value: i64, n_dimensions: usize, hashing_seed: i32, sign_seed: i32) -> Self {
        let is_positive = below(hash_long(value, sign_seed), 2) == 1;
        Self::new(below(hash_long(value, hashing_seed), n_dimensions), is_positive)
    }

    /// Of a string.
    pub fn of_text(value: &str, n_dimensions: usize, hashing_seed: i32, sign_seed: i32) -> Self {
        let is_positive = below(hash_text(value, sign_seed), 65536) & 1 == 1;
        Self::new(below(hash_text(value, hashing_seed), n_dimensions), is_positive)
    }

    fn new(place: u32, is_positive: bool) -> Self {
        Self { place, sign: if is_positive { 1.0 } else { -1.0 } }
    }
}

/// The words that occur, ascending, and their vectors one after another. Words are numbers into `hashed`.
///
/// Time O(words of all sequences · context_size), memory 8 bytes a word and dimension.
pub fn hash2vec<'a>(
    sequences: impl Iterator<Item = &'a [u32]>,
    hashed: &[HashedWord],
    params: Hash2VecParams,
) -> (Vec<u32>, Vec<Vec<f64>>) {
    let weights: Vec<f64> = (0..=params.context_size)
        .map(|distance| match params.gaussian_sigma {
            Some(sigma) => (-((distance * distance) as f64) / (sigma * sigma)).exp(),
            None => 1.0,
        })
        .collect();
    let mut vectors: HashMap<u32, Vec<f64>> = HashMap::new();
    for sequence in sequences {
        for (at, word) in sequence.iter().enumerate() {
            let vector = vectors.entry(*word).or_insert_with(|| vec![0.0; params.n_dimensions]);
            let first = at.saturating_sub(params.context_size);
            let last = (at + params.context_size).min(sequence.len() - 1);
            for other in (first..=last).filter(|other| *other != at) {
                let hashed = hashed[sequence[other] as usize];
                vector[hashed.place as usize] += hashed.sign * weights[other.abs_diff(at)];
            }
        }
    }
    let mut words: Vec<u32> = vectors.keys().copied().collect();
    words.sort_unstable();
    let vectors = words
        .iter()
        .filter_map(|word| vectors.remove(word))
        .map(|vector| finish(vector, params))
        .collect();
    (words, vectors)
}

fn finish(mut vector: Vec<f64>, params: Hash2VecParams) -> Vec<f64> {
    if params.divides_by_norm {
        let norm = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|value| *value /= norm + 1e-6);
        if params.appends_norm {
            vector.push((norm + 1.0).ln() / (params.n_dimensions as f64).sqrt());
        }
    }
    vector
}

/// Each vertex's vector followed by the mean of those of at most `max_neighbors` neighbours, drawn by `seed`; zeros where
/// no neighbour has one. `vectors[v]` is `None` for a vertex without a vector, which gets none.
///
/// Time O(m · dimensions), memory 16 bytes a vertex and dimension.
pub fn with_neighbor_means(
    rows: &Adjacency,
    vectors: &[Option<Vec<f64>>],
    max_neighbors: usize,
    seed: u64,
) -> Vec<Option<Vec<f64>>> {
    let sampled = samples(rows, max_neighbors, mix(seed));
    let rows = sampled.as_ref().unwrap_or(rows);
    let of_vertex = |(vertex, own): (usize, &Option<Vec<f64>>)| {
        let own = own.as_ref()?;
        let mut sums = vec![0.0; own.len()];
        let near =
            rows.row(vertex as u32).iter().filter_map(|other| vectors[*other as usize].as_ref());
        let mut n = 0;
        for other in near {
            sums.iter_mut().zip(other).for_each(|(sum, value)| *sum += value);
            n += 1;
        }
        let means = sums.into_iter().map(|sum| if n == 0 { 0.0 } else { sum / f64::from(n) });
        Some(own.iter().copied().chain(means).collect())
    };
    vectors.iter().enumerate().map(of_vertex).collect()
}

/// Scala's `MurmurHash3.mix` over UTF-16 units, and `finalizeHash`.
fn hash_text(text: &str, seed: i32) -> i32 {
    let (mut hash, mut length) = (seed as u32, 0u32);
    for unit in text.encode_utf16() {
        hash = mix_word(hash, u32::from(unit));
        length += 1;
    }
    finalize(hash ^ length)
}

/// Spark's `Murmur3_x86_32.hashLong`: the lower half, then the upper.
fn hash_long(value: i64, seed: i32) -> i32 {
    let hash = mix_word(mix_word(seed as u32, value as u32), (value >> 32) as u32);
    finalize(hash ^ 8)
}

fn mix_word(hash: u32, word: u32) -> u32 {
    let word = word.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593);
    (hash ^ word).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64)
}

fn finalize(hash: u32) -> i32 {
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    (hash ^ (hash >> 16)) as i32
}

fn below(hash: i32, n: usize) -> u32 {
    i64::from(hash).rem_euclid(n.max(1) as i64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csr::Direction;

    #[test]
    fn windows_by_hand() {
        let params = Hash2VecParams {
            context_size: 1,
            n_dimensions: 2,
            gaussian_sigma: Some(1.0),
            divides_by_norm: false,
            appends_norm: false,
        };
        let hashed =
            [HashedWord::new(0, true), HashedWord::new(1, false), HashedWord::new(1, true)];
        let sequences: [&[u32]; 2] = [&[0, 1, 2], &[2, 0]];
        let (words, vectors) = hash2vec(sequences.into_iter(), &hashed, params);
        let near = (-1.0f64).exp();
        assert_eq!(words, [0, 1, 2]);
        // 0 beside 1 and 2; 1 beside 0 and 2; 2 beside 1 and 0.
        assert_eq!(vectors, [vec![0.0, 0.0], vec![near, near], vec![near, -near]]);
        let params = Hash2VecParams {
            gaussian_sigma: None,
            divides_by_norm: true,
            appends_norm: true,
            ..params
        };
        let (_, vectors) = hash2vec(sequences.into_iter(), &hashed, params);
        let norm = 2f64.sqrt();
        assert_eq!(
            vectors[1],
            [1.0 / (norm + 1e-6), 1.0 / (norm + 1e-6), (norm + 1.0).ln() / norm]
        );
    }

    #[test]
    fn hashes_are_spark_and_scala() {
        // hash(1L) of Spark with seed 42.
        assert_eq!(hash_long(1, 42), -1_712_319_331);
        assert_eq!(below(-3, 2), 1);
        // Places do not depend on anything but the word.
        assert_eq!(HashedWord::of_text("a", 512, 42, 18), HashedWord::of_text("a", 512, 42, 18));
    }

    #[test]
    fn means_of_neighbors() {
        let rows = Adjacency::new(4, &[vec![[0, 1], [0, 2], [0, 3]]], Direction::Out, 1).unwrap();
        let vectors = [Some(vec![1.0]), Some(vec![2.0]), Some(vec![4.0]), None];
        let found = with_neighbor_means(&rows, &vectors, 50, 42);
        assert_eq!(found, [Some(vec![1.0, 3.0]), Some(vec![2.0, 0.0]), Some(vec![4.0, 0.0]), None]);
    }
}

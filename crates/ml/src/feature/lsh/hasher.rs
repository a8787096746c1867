//! Hashes of vectors that agree for near ones: projections on random directions for Euclidean distances (Datar et
//! al., 2004), least elements of permutations for Jaccard's (Bohman, Cooper and Frieze, 2000).

use crate::error;
use crate::linalg::{VectorView, kernels};
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;
use serde::{Deserialize, Serialize};

/// A prime below the square root of the largest long.
pub(super) const PRIME: i64 = 2_038_074_743;

/// Hash functions of one kind, one per table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Hashes {
    /// Unit vectors, row by row.
    Projections {
        n_features: usize,
        #[serde(with = "crate::wire::doubles")]
        directions: Vec<f64>,
    },
    /// Factors and summands of permutations.
    Permutations(Vec<(i32, i32)>),
}

/// Hash functions and how wide their buckets are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hasher {
    pub(super) hashes: Hashes,
    /// Of projections.
    pub(super) bucket_length: f64,
}

impl Hashes {
    /// Directions as Spark draws them.
    pub(super) fn projections(n_tables: usize, n_features: usize, seed: i64) -> Self {
        let mut random = JavaRandom::new(seed);
        let mut spare = None;
        let mut directions: Vec<f64> =
            (0..n_tables * n_features).map(|_| gaussian(&mut random, &mut spare)).collect();
        for direction in directions.chunks_exact_mut(n_features.max(1)) {
            let norm = kernels::norm(direction);
            if norm != 0.0 {
                kernels::scale(1.0 / norm, direction);
            }
        }
        Hashes::Projections { n_features, directions }
    }

    /// Permutations as Spark draws them.
    pub(super) fn permutations(n_tables: usize, seed: i64) -> Self {
        let mut random = JavaRandom::new(seed);
        let bound = (PRIME - 1) as i32;
        let draw = |_| (1 + random.next_int_below(bound), random.next_int_below(bound));
        Hashes::Permutations((0..n_tables).map(draw).collect())
    }

    pub(super) fn n_tables(&self) -> usize {
        match self {
            Hashes::Projections { n_features, directions } => {
                directions.len() / (*n_features).max(1)
            }
            Hashes::Permutations(pairs) => pairs.len(),
        }
    }
}

/// `java.util.Random.nextGaussian`, by the polar method.
fn gaussian(random: &mut JavaRandom, spare: &mut Option<f64>) -> f64 {
    if let Some(spare) = spare.take() {
        return spare;
    }
    loop {
        let v1 = 2.0 * random.next_double() - 1.0;
        let v2 = 2.0 * random.next_double() - 1.0;
        let s = v1 * v1 + v2 * v2;
        if s < 1.0 && s != 0.0 {
            let multiplier = (-2.0 * s.ln() / s).sqrt();
            *spare = Some(v2 * multiplier);
            return v1 * multiplier;
        }
    }
}

impl Hasher {
    /// Appends the hashes of a vector, one per table.
    ///
    /// # Errors
    /// Spark's: the vector has another size, or no entries.
    pub(super) fn hash(&self, vector: VectorView<'_>, out: &mut Vec<f64>) -> Result<()> {
        match &self.hashes {
            Hashes::Projections { n_features, directions } => {
                if vector.size() != *n_features {
                    return Err(error::requirement(format!(
                        "The columns of A don't match the number of elements of x. A: {n_features}, x: {}",
                        vector.size()
                    )));
                }
                for direction in directions.chunks_exact((*n_features).max(1)) {
                    let product = vector.dot(direction);
                    out.push((product * (1.0 / self.bucket_length)).floor());
                }
            }
            Hashes::Permutations(pairs) => {
                if vector.n_nonzero() == 0 {
                    return Err(error::requirement("Must have at least 1 non zero entry."));
                }
                for (factor, summand) in pairs {
                    let mut least = i64::MAX;
                    vector.for_each_nonzero(|index, _| {
                        let product = (1 + index as i64).wrapping_mul(i64::from(*factor));
                        least = least.min(product.wrapping_add(i64::from(*summand)) % PRIME);
                    });
                    out.push(least as f64);
                }
            }
        }
        Ok(())
    }

    /// Distance of two vectors: Euclidean, or one less the share of common entries.
    ///
    /// # Errors
    /// Spark's: neither has entries, or their sizes differ.
    pub(super) fn distance(&self, x: VectorView<'_>, y: VectorView<'_>) -> Result<f64> {
        if let Hashes::Projections { .. } = self.hashes {
            if x.size() != y.size() {
                return Err(error::requirement(format!(
                    "Vector dimensions do not match: Dim(v1)={} and Dim(v2)={}.",
                    x.size(),
                    y.size()
                )));
            }
            return Ok(match (x, y) {
                (VectorView::Dense(x), VectorView::Dense(y)) => kernels::squared_distance(x, y),
                _ => kernels::squared_distance(&x.to_dense(), &y.to_dense()),
            }
            .sqrt());
        }
        let (n_x, n_y) = (x.n_nonzero(), y.n_nonzero());
        if n_x + n_y == 0 {
            return Err(error::requirement(
                "The union of two input sets must have at least 1 elements",
            ));
        }
        let mut n_common = 0;
        x.for_each_nonzero(|index, _| {
            n_common += usize::from(index < y.size() && y.get(index) != 0.0);
        });
        Ok(1.0 - n_common as f64 / (n_x + n_y - n_common) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_elements_by_hand() {
        let hasher =
            Hasher { hashes: Hashes::Permutations(vec![(2, 1), (1, 0)]), bucket_length: 1.0 };
        let vector = VectorView::Sparse { size: 9, indices: &[3, 7], values: &[1.0, 2.0] };
        let mut hashes = Vec::new();
        hasher.hash(vector, &mut hashes).unwrap();
        assert_eq!(hashes, [9.0, 4.0]);
        let other = VectorView::Sparse { size: 9, indices: &[1, 3], values: &[1.0, 1.0] };
        assert_eq!(hasher.distance(vector, other).unwrap(), 1.0 - 1.0 / 3.0);
    }
}

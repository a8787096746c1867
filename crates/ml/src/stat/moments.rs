//! Weighted moments of vectors, entry by entry: `SummarizerBuffer`.

use crate::data::Block;
use crate::linalg::VectorView;

/// Sums from which means, variances, extremes and norms follow. Entries of weight zero do not count.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Number of vectors.
    pub n_rows: u64,
    pub weight_sum: f64,
    pub weight_square_sum: f64,
    /// Of the entries that are not zero, per entry: weighted mean and squared distance from it, sums of
    /// weights, squares and sizes, counts and extremes.
    nonzero_mean: Vec<f64>,
    nonzero_m2: Vec<f64>,
    nonzero_weight: Vec<f64>,
    square_sum: Vec<f64>,
    size_sum: Vec<f64>,
    n_nonzero: Vec<u64>,
    max: Vec<f64>,
    min: Vec<f64>,
}

impl Moments {
    pub fn new(n: usize) -> Self {
        Self {
            n_rows: 0,
            weight_sum: 0.0,
            weight_square_sum: 0.0,
            nonzero_mean: vec![0.0; n],
            nonzero_m2: vec![0.0; n],
            nonzero_weight: vec![0.0; n],
            square_sum: vec![0.0; n],
            size_sum: vec![0.0; n],
            n_nonzero: vec![0; n],
            max: vec![f64::MIN; n],
            min: vec![f64::MAX; n],
        }
    }

    pub fn size(&self) -> usize {
        self.nonzero_mean.len()
    }

    pub fn add_block(&mut self, block: &Block) {
        for row in 0..block.n_rows() {
            let weight = block.weight(row);
            if weight == 0.0 {
                continue;
            }
            self.begin(weight);
            block.row(row).for_each_nonzero(|position, value| self.entry(position, value, weight));
        }
    }

    pub fn add(&mut self, vector: VectorView<'_>, weight: f64) {
        if weight == 0.0 {
            return;
        }
        self.begin(weight);
        vector.for_each_nonzero(|position, value| self.entry(position, value, weight));
    }

    fn begin(&mut self, weight: f64) {
        self.n_rows += 1;
        self.weight_sum += weight;
        self.weight_square_sum += weight * weight;
    }

    #[inline]
    fn entry(&mut self, position: usize, value: f64, weight: f64) {
        let before = self.nonzero_mean[position];
        let difference = value - before;
        let weight_before = self.nonzero_weight[position];
        self.nonzero_mean[position] = before + weight * difference / (weight_before + weight);
        self.nonzero_m2[position] += weight * (value - self.nonzero_mean[position]) * difference;
        self.nonzero_weight[position] += weight;
        self.square_sum[position] += weight * value * value;
        self.size_sum[position] += weight * value.abs();
        self.n_nonzero[position] += 1;
        if self.max[position] < value {
            self.max[position] = value;
        }
        if self.min[position] > value {
            self.min[position] = value;
        }
    }

    pub fn merge(&mut self, other: &Moments) {
        self.n_rows += other.n_rows;
        self.weight_sum += other.weight_sum;
        self.weight_square_sum += other.weight_square_sum;
        for i in 0..self.size() {
            let (own, others) = (self.nonzero_weight[i], other.nonzero_weight[i]);
            let total = own + others;
            if total != 0.0 {
                let difference = other.nonzero_mean[i] - self.nonzero_mean[i];
                self.nonzero_mean[i] += difference * others / total;
                self.nonzero_m2[i] +=
                    other.nonzero_m2[i] + difference * difference * own * others / total;
            }
            self.nonzero_weight[i] = total;
            self.square_sum[i] += other.square_sum[i];
            self.size_sum[i] += other.size_sum[i];
            self.n_nonzero[i] += other.n_nonzero[i];
            self.max[i] = self.max[i].max(other.max[i]);
            self.min[i] = self.min[i].min(other.min[i]);
        }
    }

    /// Weighted means.
    pub fn mean(&self) -> Vec<f64> {
        let pairs = self.nonzero_mean.iter().zip(&self.nonzero_weight);
        pairs.map(|(mean, weight)| mean * (weight / self.weight_sum)).collect()
    }

    /// Weighted sums.
    pub fn sum(&self) -> Vec<f64> {
        let pairs = self.nonzero_mean.iter().zip(&self.nonzero_weight);
        pairs.map(|(mean, weight)| mean * weight).collect()
    }

    /// Unbiased variances for reliability weights.
    pub fn variance(&self) -> Vec<f64> {
        let denominator = self.weight_sum - self.weight_square_sum / self.weight_sum;
        if denominator <= 0.0 {
            return vec![0.0; self.size()];
        }
        (0..self.size())
            .map(|i| {
                let (mean, weight) = (self.nonzero_mean[i], self.nonzero_weight[i]);
                let zeros = mean * mean * weight * (self.weight_sum - weight) / self.weight_sum;
                ((self.nonzero_m2[i] + zeros) / denominator).max(0.0)
            })
            .collect()
    }

    /// Roots of the variances.
    pub fn std(&self) -> Vec<f64> {
        self.variance().into_iter().map(f64::sqrt).collect()
    }

    pub fn n_nonzero(&self) -> &[u64] {
        &self.n_nonzero
    }

    pub fn max(&self) -> Vec<f64> {
        self.extremes(&self.max, |extreme| extreme < 0.0)
    }

    pub fn min(&self) -> Vec<f64> {
        self.extremes(&self.min, |extreme| extreme > 0.0)
    }

    /// Zeros that were not seen count too.
    fn extremes(&self, found: &[f64], zero_is_beyond: fn(f64) -> bool) -> Vec<f64> {
        let pairs = found.iter().zip(&self.n_nonzero);
        pairs
            .map(|(extreme, n)| {
                if *n == 0 || (*n < self.n_rows && zero_is_beyond(*extreme)) {
                    0.0
                } else {
                    *extreme
                }
            })
            .collect()
    }

    pub fn norm_l1(&self) -> Vec<f64> {
        self.size_sum.clone()
    }

    pub fn norm_l2(&self) -> Vec<f64> {
        self.square_sum.iter().map(|sum| sum.sqrt()).collect()
    }

    /// Weighted sums of squares.
    pub fn sum_of_squares(&self) -> &[f64] {
        &self.square_sum
    }
}

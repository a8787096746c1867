//! Expectation maximisation of mixtures of normal distributions.

use super::density::Gaussian;
use crate::clustering::kmeans::rows_at;
use crate::clustering::take_sample::take_sample;
use crate::data::{Aggregate, Block, Features, Instances};
use crate::linalg::kernels;
use firesteel_common::Result;

/// Rows drawn per component to begin with.
const ROWS_DRAWN: usize = 5;

/// Rows whose densities are computed together.
const TOGETHER: usize = 128;

/// Weights and distributions.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    pub weights: Vec<f64>,
    pub gaussians: Vec<Gaussian>,
}

pub(super) struct Trained {
    pub mixture: Mixture,
    pub log_likelihood: f64,
    pub n_iterations: usize,
}

/// Room for densities.
#[derive(Debug, Default)]
pub(super) struct Room {
    work: [Vec<f64>; 2],
    column: Vec<f64>,
}

impl Mixture {
    /// Weighted densities of every component to `out`, row by row; never quite zero.
    pub(super) fn densities(&self, rows: &[f64], room: &mut Room, out: &mut Vec<f64>) {
        let (k, d) = (self.weights.len(), self.gaussians.first().map_or(1, |one| one.mean.len()));
        let n_rows = rows.len() / d.max(1);
        out.clear();
        out.resize(n_rows * k, 0.0);
        room.column.resize(n_rows, 0.0);
        for (component, (gaussian, weight)) in self.gaussians.iter().zip(&self.weights).enumerate()
        {
            gaussian.densities(rows, &mut room.work, &mut room.column);
            for (row, density) in room.column.iter().enumerate() {
                out[row * k + component] = f64::EPSILON + weight * density;
            }
        }
    }
}

/// Sums of a pass.
struct Sums {
    weights: Vec<f64>,
    /// Component by component.
    means: Vec<f64>,
    /// Upper triangles, component by component.
    squares: Vec<f64>,
    log_likelihood: f64,
    room: Room,
    densities: Vec<f64>,
    rows: Vec<f64>,
    shares: Vec<f64>,
}

/// # Errors
/// A component has no variance; the fit is interrupted.
pub(super) fn train(
    data: &Instances,
    k: usize,
    n_iterations_max: usize,
    tolerance: f64,
    seed: i64,
) -> Result<Trained> {
    let mut mixture = first(data, k, seed)?;
    let (mut log_likelihood, mut last) = (f64::MIN, 0.0_f64);
    let mut n_iterations = 0;
    while n_iterations < n_iterations_max && (log_likelihood - last).abs() > tolerance {
        data.job.progress(n_iterations, n_iterations_max);
        let sums = pass(data, &mixture)?;
        mixture = update(sums.weights, sums.means, sums.squares, data.n_features)?;
        last = log_likelihood;
        log_likelihood = sums.log_likelihood;
        n_iterations += 1;
    }
    Ok(Trained { mixture, log_likelihood, n_iterations })
}

/// Means of a few random rows each, with their variances and without covariances.
fn first(data: &Instances, k: usize, seed: i64) -> Result<Mixture> {
    let d = data.n_features;
    let chosen = take_sample(data.n_rows, k * ROWS_DRAWN, true, seed);
    let rows = rows_at(&data.blocks, &chosen, d);
    let row_weights = weights_at(&data.blocks, &chosen);
    let total: f64 = row_weights.iter().sum();
    let mut mixture = Mixture { weights: Vec::with_capacity(k), gaussians: Vec::with_capacity(k) };
    for component in 0..k {
        let own = component * ROWS_DRAWN..(component + 1) * ROWS_DRAWN;
        let weights = &row_weights[own.clone()];
        let rows = &rows[own.start * d..own.end * d];
        let sum: f64 = weights.iter().sum();
        let mut mean = vec![0.0; d];
        for (row, weight) in rows.chunks_exact(d).zip(weights) {
            kernels::axpy(*weight, row, &mut mean);
        }
        kernels::scale(1.0 / sum, &mut mean);
        let mut covariance = vec![0.0; d * d];
        for (row, weight) in rows.chunks_exact(d).zip(weights) {
            for feature in 0..d {
                let difference = row[feature] - mean[feature];
                covariance[feature * d + feature] += difference * difference * weight;
            }
        }
        kernels::scale(1.0 / sum, &mut covariance);
        mixture.weights.push(sum / total);
        mixture.gaussians.push(Gaussian::new(mean, covariance)?);
    }
    Ok(mixture)
}

fn weights_at(blocks: &[Block], positions: &[usize]) -> Vec<f64> {
    let weight = |position: &usize| {
        let mut position = *position;
        for block in blocks {
            if position < block.n_rows() {
                return block.weight(position);
            }
            position -= block.n_rows();
        }
        1.0
    };
    positions.iter().map(weight).collect()
}

fn pass(data: &Instances, mixture: &Mixture) -> Result<Sums> {
    let (k, d) = (mixture.weights.len(), data.n_features);
    data.aggregate(
        || Sums {
            weights: vec![0.0; k],
            means: vec![0.0; k * d],
            squares: vec![0.0; k * d * d],
            log_likelihood: 0.0,
            room: Room::default(),
            densities: Vec::new(),
            rows: Vec::new(),
            shares: Vec::new(),
        },
        |sums, block| {
            add(sums, block, mixture, d);
            Ok(())
        },
        |sums, other| {
            kernels::axpy(1.0, &other.weights, &mut sums.weights);
            kernels::axpy(1.0, &other.means, &mut sums.means);
            kernels::axpy(1.0, &other.squares, &mut sums.squares);
            sums.log_likelihood += other.log_likelihood;
        },
    )
}

fn add(sums: &mut Sums, block: &Block, mixture: &Mixture, d: usize) {
    let k = mixture.weights.len();
    let mut from = 0;
    while from < block.n_rows() {
        let n = TOGETHER.min(block.n_rows() - from);
        let mut gathered = std::mem::take(&mut sums.rows);
        let rows: &[f64] = match &block.features {
            Features::Dense(values) => &values[from * d..(from + n) * d],
            Features::Sparse { .. } => {
                gathered.clear();
                gathered.resize(n * d, 0.0);
                for (row, out) in gathered.chunks_exact_mut(d).enumerate() {
                    block.row(from + row).for_each_nonzero(|at, value| out[at] = value);
                }
                &gathered
            }
        };
        mixture.densities(rows, &mut sums.room, &mut sums.densities);
        for (row, densities) in sums.densities.chunks_exact_mut(k).enumerate() {
            let weight = block.weight(from + row);
            let sum: f64 = densities.iter().sum();
            sums.log_likelihood += sum.ln() * weight;
            densities.iter_mut().for_each(|density| *density = *density / sum * weight);
        }
        for component in 0..k {
            sums.shares.clear();
            sums.shares.extend(sums.densities.iter().skip(component).step_by(k));
            sums.weights[component] += sums.shares.iter().sum::<f64>();
            let means = &mut sums.means[component * d..(component + 1) * d];
            kernels::gemv_transposed(1.0, rows, &sums.shares, means);
            let squares = &mut sums.squares[component * d * d..(component + 1) * d * d];
            kernels::syrk_rows(rows, Some(&sums.shares), d, squares);
        }
        sums.rows = gathered;
        from += n;
    }
}

fn update(weights: Vec<f64>, means: Vec<f64>, squares: Vec<f64>, d: usize) -> Result<Mixture> {
    let total: f64 = weights.iter().sum();
    let parts = weights.iter().zip(means.chunks_exact(d)).zip(squares.chunks_exact(d * d));
    let gaussians = parts
        .map(|((weight, sum), squares)| {
            let mut mean = sum.to_vec();
            kernels::scale(1.0 / weight, &mut mean);
            let mut covariance = squares.to_vec();
            for i in 0..d {
                for j in i..d {
                    let value = &mut covariance[i * d + j];
                    *value = (*value - weight * mean[i] * mean[j]) * (1.0 / weight);
                }
            }
            kernels::mirror_upper(&mut covariance, d);
            Gaussian::new(mean, covariance)
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Mixture { weights: weights.iter().map(|weight| weight / total).collect(), gaussians })
}

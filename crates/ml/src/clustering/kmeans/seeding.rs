//! First centres: rows at random, or k-means|| (Bahmani et al., "Scalable K-Means++", 2012) and a local k-means++ on
//! what that collects. Spark's random numbers, for rows that lie in one partition.

use super::closest::{Centers, Distance};
use crate::clustering::take_sample::take_sample;
use crate::data::{Block, Instances, for_each_mut};
use crate::error;
use crate::linalg::kernels;
use firesteel_common::Result;
use firesteel_common::random::{JavaRandom, XorShiftRandom};
use std::collections::HashSet;

/// Passes of Lloyd's algorithm over the candidates.
const LOCAL_ITERATIONS: usize = 30;

/// Rows chosen at random, one after the other; fewer than `k` if there are fewer.
pub(super) fn random_rows(data: &Instances, k: usize, seed: i64) -> Vec<f64> {
    let seed = i64::from(XorShiftRandom::new(seed).next_int());
    rows_at(&data.blocks, &take_sample(data.n_rows, k, false, seed), data.n_features)
}

/// k-means||: `n_steps` times about `2 k` rows, with probabilities by their distance to those chosen so far.
///
/// # Errors
/// There are no rows; the fit is interrupted.
pub(super) fn k_means_parallel(
    data: &Instances,
    k: usize,
    seed: i64,
    n_steps: usize,
    distance: Distance,
) -> Result<Vec<f64>> {
    let d = data.n_features;
    let seed = XorShiftRandom::new(seed).next_int();
    let first = take_sample(data.n_rows, 1, false, i64::from(seed));
    if first.is_empty() {
        return Err(error::empty_summary());
    }
    let mut chosen = rows_at(&data.blocks, &first, d);
    let mut all = chosen.clone();
    let mut costs: Vec<Vec<f64>> =
        data.blocks.iter().map(|block| vec![f64::INFINITY; block.n_rows()]).collect();
    for step in 0..n_steps {
        let centers = Centers::new(chosen, d, distance);
        for_each_mut(&mut costs, data.job.as_ref(), |number, costs| {
            let mut room = Vec::new();
            centers.for_each_closest(&data.blocks[number], &mut room, |row, _, cost| {
                costs[row] = costs[row].min(cost);
            });
            Ok(())
        })?;
        let sum: f64 = costs.iter().flatten().sum();
        let mut random = XorShiftRandom::new(i64::from(seed ^ ((step as i32) << 16)));
        let taken: Vec<usize> = costs
            .iter()
            .flatten()
            .enumerate()
            .filter(|(_, cost)| random.next_double() < 2.0 * **cost * k as f64 / sum)
            .map(|(position, _)| position)
            .collect();
        chosen = rows_at(&data.blocks, &taken, d);
        all.extend_from_slice(&chosen);
    }
    let distinct = distinct_rows(&all, d);
    if distinct.len() <= k * d {
        return Ok(distinct);
    }
    let centers = Centers::new(distinct, d, distance);
    let mut closest: Vec<Vec<f64>> = Vec::new();
    closest.resize_with(data.blocks.len(), || vec![0.0; centers.n_centers]);
    for_each_mut(&mut closest, data.job.as_ref(), |number, counts| {
        let mut room = Vec::new();
        centers
            .for_each_closest(&data.blocks[number], &mut room, |_, index, _| counts[index] += 1.0);
        Ok(())
    })?;
    let mut weights = vec![0.0; centers.n_centers];
    for counts in &closest {
        kernels::axpy(1.0, counts, &mut weights);
    }
    Ok(k_means_plus_plus(&centers.values, d, &weights, k))
}

/// Rows by their numbers over all blocks.
pub(crate) fn rows_at(blocks: &[Block], positions: &[usize], n_features: usize) -> Vec<f64> {
    let mut starts = Vec::with_capacity(blocks.len());
    let mut n_before = 0;
    for block in blocks {
        starts.push(n_before);
        n_before += block.n_rows();
    }
    let mut rows = vec![0.0; positions.len() * n_features];
    for (position, out) in positions.iter().zip(rows.chunks_exact_mut(n_features.max(1))) {
        let number = starts.partition_point(|start| start <= position) - 1;
        blocks[number].row(position - starts[number]).for_each_nonzero(|at, value| out[at] = value);
    }
    rows
}

fn distinct_rows(rows: &[f64], n_features: usize) -> Vec<f64> {
    let mut seen = HashSet::new();
    let mut distinct = Vec::new();
    for row in rows.chunks_exact(n_features.max(1)) {
        // Zeros of both signs are equal.
        let key: Vec<u64> = row.iter().map(|value| (value + 0.0).to_bits()).collect();
        if seen.insert(key) {
            distinct.extend_from_slice(row);
        }
    }
    distinct
}

/// k-means++ on weighted points, then Lloyd's algorithm. Squared Euclidean distances, whatever the fit's are.
fn k_means_plus_plus(points: &[f64], d: usize, weights: &[f64], k: usize) -> Vec<f64> {
    let n_points = weights.len();
    let point = |index: usize| &points[index * d..(index + 1) * d];
    let mut random = JavaRandom::new(0);
    let first = {
        let wanted = random.next_double() * weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let mut index = 0;
        while index < n_points && sum < wanted {
            sum += weights[index];
            index += 1;
        }
        index.saturating_sub(1)
    };
    let mut centers = point(first).to_vec();
    let mut costs: Vec<f64> =
        (0..n_points).map(|index| kernels::squared_distance(point(index), point(first))).collect();
    for _ in 1..k {
        let sum: f64 = costs.iter().zip(weights).map(|(cost, weight)| cost * weight).sum();
        let wanted = random.next_double() * sum;
        let mut reached = 0.0;
        let mut index = 0;
        while index < n_points && reached < wanted {
            reached += weights[index] * costs[index];
            index += 1;
        }
        let taken = point(index.saturating_sub(1));
        for (index, cost) in costs.iter_mut().enumerate() {
            *cost = cost.min(kernels::squared_distance(point(index), taken));
        }
        centers.extend_from_slice(taken);
    }
    let mut assigned = vec![usize::MAX; n_points];
    for _ in 0..LOCAL_ITERATIONS {
        let mut moved = false;
        let mut sums = vec![0.0; k * d];
        let mut counts = vec![0.0; k];
        for (index, assigned) in assigned.iter_mut().enumerate() {
            let mut best = (0, f64::INFINITY);
            for center in 0..k {
                let own = &centers[center * d..(center + 1) * d];
                let cost = kernels::squared_distance(point(index), own);
                if cost < best.1 {
                    best = (center, cost);
                }
            }
            let to = best.0;
            kernels::axpy(weights[index], point(index), &mut sums[to * d..(to + 1) * d]);
            counts[to] += weights[index];
            moved |= *assigned != to;
            *assigned = to;
        }
        for center in 0..k {
            let own = center * d..(center + 1) * d;
            if counts[center] == 0.0 {
                let chosen = random.next_int_below(n_points as i32) as usize;
                centers[own].copy_from_slice(point(chosen));
            } else {
                kernels::scale(1.0 / counts[center], &mut sums[own.clone()]);
                centers[own.clone()].copy_from_slice(&sums[own]);
            }
        }
        if !moved {
            break;
        }
    }
    centers
}

//! Thresholds between the bins of continuous features: quantiles of a sample of the rows.

use super::layout::Layout;
use crate::data::Instances;
use crate::row_sampler::RowSampler;
use firesteel_common::Result;
use firesteel_common::random::XorShiftRandom;

/// Thresholds of every feature, ascending; none for categories. Sets the number of bins of continuous features.
pub(super) fn find(data: &Instances, layout: &mut Layout, seed: i64) -> Result<Vec<Vec<f64>>> {
    let n_features = layout.n_features;
    let continuous: Vec<bool> =
        (0..n_features).map(|feature| layout.is_continuous(feature)).collect();
    let mut thresholds = vec![Vec::new(); n_features];
    if !continuous.contains(&true) {
        return Ok(thresholds);
    }
    let share = layout.sampled_share();
    let seed = i64::from(XorShiftRandom::new(seed).next_int());
    let mut sampler = RowSampler::new(share, seed, &data.partitions);
    let mut samples: Vec<Vec<(f64, f64)>> = vec![Vec::new(); n_features];
    for block in &data.blocks {
        for row in 0..block.n_rows() {
            if sampler.takes_next() {
                let weight = block.weight(row);
                block.row(row).for_each_nonzero(|feature, value| {
                    if continuous[feature] {
                        samples[feature].push((value, weight));
                    }
                });
            }
        }
    }
    let expected_weight = share * layout.weight_sum;
    let mut found: Vec<(usize, &mut Vec<(f64, f64)>)> = samples.iter_mut().enumerate().collect();
    let done = std::sync::Mutex::new(Vec::new());
    let n_bins: Vec<usize> = layout.n_bins.clone();
    crate::data::for_each_mut(&mut found, data.job.as_ref(), |_, (feature, samples)| {
        if continuous[*feature] {
            let own = of_feature(samples, expected_weight, n_bins[*feature] - 1);
            if let Ok(mut done) = done.lock() {
                done.push((*feature, own));
            }
        }
        Ok(())
    })?;
    for (feature, own) in done.into_inner().unwrap_or_default() {
        layout.n_bins[feature] = own.len() + 1;
        thresholds[feature] = own;
    }
    Ok(thresholds)
}

/// Thresholds of one feature from values that are not zero, with their weights.
fn of_feature(samples: &mut [(f64, f64)], expected_weight: f64, n_splits: usize) -> Vec<f64> {
    if samples.is_empty() {
        return Vec::new();
    }
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut counts: Vec<(f64, f64)> = Vec::new();
    for (value, weight) in samples.iter() {
        match counts.last_mut() {
            Some((last, total)) if last == value => *total += weight,
            _ => counts.push((*value, *weight)),
        }
    }
    let sampled_weight: f64 = counts.iter().map(|(_, weight)| weight).sum();
    // Zeros are not sampled: what is missing of the expected weight is theirs.
    let tolerance = f64::EPSILON * samples.len() as f64 * 100.0;
    if expected_weight - sampled_weight > tolerance {
        let at = counts.partition_point(|(value, _)| *value < 0.0);
        counts.insert(at, (0.0, expected_weight - sampled_weight));
    }
    let middle = |index: usize| (counts[index - 1].0 + counts[index].0) / 2.0;
    if counts.len() - 1 <= n_splits {
        return (1..counts.len()).map(middle).collect();
    }
    let stride = expected_weight / (n_splits + 1) as f64;
    let mut thresholds = Vec::with_capacity(n_splits);
    let mut so_far = counts[0].1;
    let mut target = stride;
    for index in 1..counts.len() {
        let before = so_far;
        so_far += counts[index].1;
        // A threshold goes where the weight so far comes closest to the target.
        if (before - target).abs() < (so_far - target).abs() {
            thresholds.push(middle(index));
            target += stride;
        }
    }
    thresholds
}

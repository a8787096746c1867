//! `GradientDescent.runMiniBatchSGD`: steps against the gradient of a sample, shorter with the root of their number.
//!
//! Samples are Spark's, as far as partitions are: Bernoulli, from `42 + iteration`. O(iterations · entries).

use super::penalty::{self, Penalty};
use super::weights::Weights;
use crate::data::{Aggregate, Block, Dataset, InstanceColumns, Instances, LabelKind};
use crate::error;
use crate::linalg::kernels::norm;
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::row_sampler::RowSampler;
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::LABEL_COL,
    shared::FIT_INTERCEPT,
    shared::MAX_ITER,
    shared::REG_PARAM,
    penalty::KIND,
    Param::string("loss", "squares").valid(Valid::OneOf(&["squares", "logistic", "hinge"])),
    Param::double("stepSize", 1.0),
    Param::double("miniBatchFraction", 1.0),
    Param::double("tol", 0.001),
    // Where it begins, that of the intercept last.
    Param::new("initialWeights", ParamKind::Doubles, Default::None),
    // Whether labels have to be 0 or 1.
    Param::bool("validateData", false),
];

/// How much the features of an example count in the gradient, by its margin and label.
type Slope = fn(f64, f64) -> f64;

fn slope(loss: &str) -> Slope {
    match loss {
        "logistic" => |margin, label| 1.0 / (1.0 + (-margin).exp()) - label,
        "hinge" => |margin, label| {
            let sign = 2.0 * label - 1.0;
            if sign * margin < 1.0 { -sign } else { 0.0 }
        },
        _ => |margin, label| margin - label,
    }
}

/// # Errors
/// Spark's, of the rows; `OPERATION_CANCELED`.
pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let mut rows = read(params, data)?;
    if params.bool("validateData")? {
        check_classes(&rows, 2)?;
    }
    let mut weights = params.doubles("initialWeights")?.to_vec();
    if rows.n_rows == 0 {
        return Ok(Fitted::new(Weights(weights)));
    }
    let slope = slope(params.string("loss")?);
    let penalty = Penalty::new(params)?;
    let (step, tolerance) = (params.double("stepSize")?, params.double("tol")?);
    let share = params.double("miniBatchFraction")?;
    let n = rows.n_features;
    let iterations_max = params.count("maxIter")?;
    let mut previous: Option<Vec<f64>> = None;
    for iteration in 1..=iterations_max {
        if share < 1.0 {
            sample(&mut rows, share, 42 + iteration as i64);
        }
        let (gradient, count) = gradient(&rows, &weights, n, slope)?;
        data.job.progress(iteration, iterations_max);
        if count == 0.0 {
            continue;
        }
        let size = step / (iteration as f64).sqrt();
        for (weight, gradient) in weights.iter_mut().zip(&gradient) {
            *weight = penalty.step(*weight, gradient / count, size);
        }
        if let Some(previous) = &previous {
            let moved: Vec<f64> = previous.iter().zip(&weights).map(|(a, b)| a - b).collect();
            if norm(&moved) < tolerance * norm(&weights).max(1.0) {
                break;
            }
        }
        previous = Some(weights.clone());
    }
    Ok(Fitted::new(Weights(weights)))
}

/// Examples as they are.
///
/// # Errors
/// Spark's.
pub(super) fn read(params: &Params, data: &Dataset) -> Result<Instances> {
    let features = params.string("featuresCol")?;
    let label = Some((params.string("labelCol")?, LabelKind::Unchecked));
    data.instances(&InstanceColumns { label, finite: false, ..InstanceColumns::features(features) })
}

/// # Errors
/// Spark's, if a label is no class.
pub(super) fn check_classes(rows: &Instances, n_classes: usize) -> Result<()> {
    let is_class = |label: &f64| *label == label.trunc() && (0.0..n_classes as f64).contains(label);
    match rows.blocks.iter().flat_map(|block| &block.labels).all(is_class) {
        true => Ok(()),
        false => Err(error::failed("Input validation failed.")),
    }
}

/// Rows that the sample does not have weigh nothing.
fn sample(rows: &mut Instances, share: f64, seed: i64) {
    let mut sampler = RowSampler::new(share, seed, &rows.partitions);
    for block in &mut rows.blocks {
        let weights = (0..block.n_rows()).map(|_| f64::from(u8::from(sampler.takes_next())));
        block.weights = Some(weights.collect());
    }
}

/// The sum over the sample, that of the intercept last, and the sample's size.
fn gradient(rows: &Instances, weights: &[f64], n: usize, slope: Slope) -> Result<(Vec<f64>, f64)> {
    let shift = weights.get(n).copied().unwrap_or(0.0);
    let add = |sum: &mut (Vec<f64>, f64, Vec<f64>), block: &Block| {
        let (sums, count, margins) = sum;
        block.margins(&weights[..n], shift, margins);
        let (by_feature, of_intercept) = sums.split_at_mut(n);
        for (row, margin) in margins.iter_mut().enumerate() {
            let weight = block.weight(row);
            *count += weight;
            *margin = if weight == 0.0 { 0.0 } else { slope(*margin, block.labels[row]) };
            if let Some(of_intercept) = of_intercept.first_mut() {
                *of_intercept += *margin;
            }
        }
        block.add_rows(margins, by_feature);
        Ok(())
    };
    let (sums, count, _) = rows.aggregate(
        || (vec![0.0; weights.len()], 0.0, Vec::new()),
        add,
        |(sums, count, _), (other, other_count, _)| {
            sums.iter_mut().zip(&other).for_each(|(sum, other)| *sum += other);
            *count += other_count;
        },
    )?;
    Ok((sums, count))
}

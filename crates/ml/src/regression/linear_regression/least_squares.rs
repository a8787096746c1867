//! Least squares with elastic net by passes over the data: `LeastSquaresBlockAggregator` under L-BFGS or OWL-QN.

use super::fit::Found;
use crate::data::{Aggregate, Instances};
use crate::error;
use crate::linalg::kernels::{axpy, dot};
use crate::optimize::{Stop, Watched, lbfgs, owlqn};
use crate::param::Params;
use crate::regression::scaling::{Penalty, Scaling};
use firesteel_common::Result;

pub(super) fn fit(params: &Params, instances: &Instances, stop: Stop) -> Result<Found> {
    let fit_intercept = params.bool("fitIntercept")?;
    let scaling = Scaling::of(instances)?;
    let n = instances.n_features;
    let (label_mean, label_std) = (scaling.label_mean, scaling.label_std);
    if label_std == 0.0 {
        if fit_intercept || label_mean == 0.0 {
            return Ok(Found {
                coefficients: vec![0.0; n],
                intercept: label_mean,
                scale: 1.0,
                history: vec![0.0],
                diag_inv_at_wa: None,
            });
        }
        if params.double("regParam")? != 0.0 {
            return Err(error::requirement(
                "The standard deviation of the label is zero. Model cannot be regularized.",
            ));
        }
    }
    // A constant label is not scaled.
    let label_scale = if label_std > 0.0 { label_std } else { label_mean.abs() };
    let penalty = Penalty::new(params, 1.0 / label_scale, &scaling)?;
    let shift = if fit_intercept { label_mean / label_scale } else { 0.0 };
    let scaled_mean: Vec<f64> = scaling
        .mean
        .iter()
        .zip(&scaling.inverse_std)
        .map(|(mean, inverse)| mean * inverse)
        .collect();
    let objective = |x: &mut [f64], gradient: &mut [f64]| {
        // Features are scaled by scaling coefficients instead: the data stay as they are.
        let effective: Vec<f64> =
            x.iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
        let offset = if fit_intercept { shift - dot(x, &scaled_mean) } else { 0.0 };
        let (loss, sum) = instances.aggregate(
            || (0.0, vec![0.0; n]),
            |(loss, sum), block| {
                let mut differences = Vec::new();
                block.margins(&effective, offset, &mut differences);
                for (row, difference) in differences.iter_mut().enumerate() {
                    let residual = *difference - block.labels[row] / label_scale;
                    let weight = block.weight(row);
                    *loss += weight * residual * residual / 2.0;
                    *difference = weight * residual;
                }
                block.add_rows(&differences, sum);
                Ok(())
            },
            |(loss, sum), (other_loss, other)| {
                *loss += other_loss;
                axpy(1.0, &other, sum);
            },
        )?;
        for ((g, s), inverse) in gradient.iter_mut().zip(&sum).zip(&scaling.inverse_std) {
            *g = s * inverse / scaling.weight;
        }
        Ok(loss / scaling.weight + penalty.add_l2(x, gradient))
    };
    let start = vec![0.0; n];
    let mut objective = Watched::new(objective, instances.job.as_ref(), stop);
    let found = match penalty.l1() {
        Some(penalties) => owlqn(&mut objective, start, penalties, stop)?,
        None => lbfgs(&mut objective, start, stop)?,
    };
    let coefficients: Vec<f64> = found
        .x
        .iter()
        .zip(&scaling.inverse_std)
        .map(|(x, inverse)| x * inverse * label_scale)
        .collect();
    let intercept =
        if fit_intercept { label_mean - dot(&coefficients, &scaling.mean) } else { 0.0 };
    Ok(Found { coefficients, intercept, scale: 1.0, history: found.history, diag_inv_at_wa: None })
}

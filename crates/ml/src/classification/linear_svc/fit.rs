//! Training by OWL-QN on scaled features, as Spark does it: the hinge loss has no second derivative.

use super::SUMMARY;
use super::model::LinearSvcModel;
use crate::classification::classes;
use crate::data::{Aggregate, Dataset, Instances, for_each_mut, n_classes};
use crate::error;
use crate::linalg::kernels::{axpy, dot};
use crate::model::Fitted;
use crate::optimize::{Stop, Watched, owlqn};
use crate::param::Params;
use crate::regression::scaling::{Penalty, Scaling};
use firesteel_common::Result;
use std::sync::Arc;

/// # Errors
/// Spark's, of the rows; `OPERATION_CANCELED`.
pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let mut rows = classes::read_declared(params, data, 2)?.with_first_row()?;
    let labels = rows.blocks.iter().flat_map(|block| block.labels.iter().copied());
    let n_classes = n_classes(classes::declared(params, data)?, labels.reduce(f64::max))?;
    if n_classes != 2 {
        return Err(error::requirement(format!(
            "LinearSVC only supports binary classification. {n_classes} classes detected in {}__labelCol",
            params.uid()
        )));
    }
    let scaling = Scaling::of(&rows)?;
    // Scaled once, in place: every step then reads the rows as they are.
    for_each_mut(&mut rows.blocks, data.job.as_ref(), |_, block| {
        block.scale(&scaling.inverse_std);
        Ok(())
    })?;
    let penalty = Penalty::new(params, 1.0, &scaling)?;
    let fit_intercept = params.bool("fitIntercept")?;
    let n = rows.n_features;
    // With an intercept margins are of centred features, so that the search is better conditioned.
    let scaled_mean: Vec<f64> = match fit_intercept {
        true => scaling
            .mean
            .iter()
            .zip(&scaling.inverse_std)
            .map(|(mean, inverse)| mean * inverse)
            .collect(),
        false => Vec::new(),
    };
    let objective = |x: &mut [f64], gradient: &mut [f64]| -> Result<f64> {
        let value = hinge(&rows, scaling.weight, &scaled_mean, x, gradient)?;
        Ok(value + penalty.add_l2(&x[..n], &mut gradient[..n]))
    };
    let start = vec![0.0; n + usize::from(fit_intercept)];
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let no_penalties = vec![0.0; start.len()];
    let mut objective = Watched::new(objective, data.job.as_ref(), stop);
    let found = owlqn(&mut objective, start, &no_penalties, stop)?;
    let intercept = match fit_intercept {
        true => found.x[n] - dot(&found.x[..n], &scaled_mean),
        false => 0.0,
    };
    let coefficients = found.x[..n]
        .iter()
        .zip(&scaling.std)
        .map(|(x, std)| if *std == 0.0 { 0.0 } else { x / std });
    let coefficients = coefficients.collect();
    let history = found.history;
    Ok(Fitted::new(LinearSvcModel::new(coefficients, intercept)).with_summary(
        move |params, predictions| Ok(Arc::new(SUMMARY.make(params, predictions, Some(history)))),
    ))
}

/// Mean hinge loss; `x` are coefficients of scaled features, and the intercept of centred ones if there is one.
fn hinge(
    rows: &Instances,
    weight: f64,
    scaled_mean: &[f64],
    x: &[f64],
    gradient: &mut [f64],
) -> Result<f64> {
    let n = rows.n_features;
    let offset = match scaled_mean.is_empty() {
        true => 0.0,
        false => x[n] - dot(&x[..n], scaled_mean),
    };
    let (loss, sums, _) = rows.aggregate(
        || (0.0, vec![0.0; x.len()], Vec::new()),
        |(loss, sums, margins), block| {
            block.margins(&x[..n], offset, margins);
            let mut of_margins = 0.0;
            for (row, margin) in margins.iter_mut().enumerate() {
                let sign = 2.0 * block.labels[row] - 1.0;
                let weight = block.weight(row);
                let missing = (1.0 - sign * *margin) * weight;
                if missing > 0.0 {
                    *loss += missing;
                    *margin = -sign * weight;
                    of_margins += *margin;
                } else {
                    *margin = 0.0;
                }
            }
            let (by_feature, of_intercept) = sums.split_at_mut(n);
            block.add_rows(margins, by_feature);
            if let Some(of_intercept) = of_intercept.first_mut() {
                axpy(-of_margins, scaled_mean, by_feature);
                *of_intercept += of_margins;
            }
            Ok(())
        },
        |(loss, sums, _), (other_loss, other, _)| {
            *loss += other_loss;
            sums.iter_mut().zip(&other).for_each(|(sum, other)| *sum += other);
        },
    )?;
    for (to, sum) in gradient.iter_mut().zip(&sums) {
        *to = sum * (1.0 / weight);
    }
    Ok(loss / weight)
}

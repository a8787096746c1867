//! Training by OWL-QN on scaled features, as Spark does it: the hinge loss has no second derivative.

use super::SUMMARY;
use super::model::LinearSvcModel;
use crate::classification::classes;
use crate::data::{Aggregate, Dataset, Instances, n_classes};
use crate::error;
use crate::linalg::kernels::dot;
use crate::model::Fitted;
use crate::optimize::{Stop, owlqn};
use crate::param::Params;
use crate::regression::scaling::{Penalty, Scaling};
use firesteel_common::Result;
use std::sync::Arc;

/// # Errors
/// Spark's, of the rows; `OPERATION_CANCELED`.
pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let rows = classes::read_declared(params, data, 2)?;
    let labels = rows.blocks.iter().flat_map(|block| block.labels.iter().copied());
    let n_classes = n_classes(classes::declared(params, data)?, labels.reduce(f64::max))?;
    if n_classes != 2 {
        return Err(error::requirement(format!(
            "LinearSVC only supports binary classification. {n_classes} classes detected in {}__labelCol",
            params.uid()
        )));
    }
    let scaling = Scaling::of(&rows)?;
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
    let mut objective = |x: &mut [f64], gradient: &mut [f64]| -> Result<f64> {
        let value = hinge(&rows, &scaling, &scaled_mean, x, gradient)?;
        Ok(value + penalty.add_l2(&x[..n], &mut gradient[..n]))
    };
    let start = vec![0.0; n + usize::from(fit_intercept)];
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let no_penalties = vec![0.0; start.len()];
    let found = owlqn(&mut objective, start, &no_penalties, stop)?;
    let intercept = match fit_intercept {
        true => found.x[n] - dot(&found.x[..n], &scaled_mean),
        false => 0.0,
    };
    let coefficients =
        found.x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
    let history = found.history;
    Ok(Fitted::new(LinearSvcModel::new(coefficients, intercept)).with_summary(
        move |params, predictions| Ok(Arc::new(SUMMARY.make(params, predictions, Some(history)))),
    ))
}

/// Mean hinge loss; `x` are coefficients of scaled features, and the intercept of centred ones if there is one.
fn hinge(
    rows: &Instances,
    scaling: &Scaling,
    scaled_mean: &[f64],
    x: &[f64],
    gradient: &mut [f64],
) -> Result<f64> {
    let n = rows.n_features;
    let coefficients: Vec<f64> =
        x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
    let offset = match scaled_mean.is_empty() {
        true => 0.0,
        false => x[n] - dot(&x[..n], scaled_mean),
    };
    let (loss, by_feature, by_margin, _) = rows.aggregate(
        || (0.0, vec![0.0; n], 0.0, Vec::new()),
        |(loss, by_feature, by_margin, margins), block| {
            block.margins(&coefficients, offset, margins);
            for (row, margin) in margins.iter_mut().enumerate() {
                let sign = 2.0 * block.labels[row] - 1.0;
                let weight = block.weight(row);
                let missing = 1.0 - sign * *margin;
                if missing > 0.0 {
                    *loss += missing * weight;
                    *margin = -sign * weight;
                } else {
                    *margin = 0.0;
                }
                *by_margin += *margin;
            }
            block.add_rows(margins, by_feature);
            Ok(())
        },
        |(loss, by_feature, by_margin, _), (other_loss, other, other_by_margin, _)| {
            *loss += other_loss;
            *by_margin += other_by_margin;
            by_feature.iter_mut().zip(&other).for_each(|(sum, other)| *sum += other);
        },
    )?;
    for (feature, (to, own)) in gradient.iter_mut().zip(&by_feature).enumerate() {
        let centre = scaled_mean.get(feature).map_or(0.0, |mean| mean * by_margin);
        *to = (own * scaling.inverse_std[feature] - centre) / scaling.weight;
    }
    if !scaled_mean.is_empty() || gradient.len() > n {
        gradient[n] = by_margin / scaling.weight;
    }
    Ok(loss / scaling.weight)
}

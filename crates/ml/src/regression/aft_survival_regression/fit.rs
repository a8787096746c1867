//! The likelihood of censored times, by L-BFGS: `AFTBlockAggregator`.

use super::model::AftModel;
use crate::data::{Aggregate, Dataset, InstanceColumns, Instances, LabelKind};
use crate::error;
use crate::linalg::double_text;
use crate::linalg::kernels::{axpy, dot};
use crate::model::Fitted;
use crate::optimize::{Stop, Watched, lbfgs};
use crate::param::Params;
use crate::regression::scaling::Scaling;
use firesteel_common::Result;

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let rows = read(params, data)?;
    let fit_intercept = params.bool("fitIntercept")?;
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let scaling = Scaling::of(&rows)?;
    let n = rows.n_features;
    let scaled_mean: Vec<f64> = scaling
        .mean
        .iter()
        .zip(&scaling.inverse_std)
        .map(|(mean, inverse)| mean * inverse)
        .collect();
    let (intercept_at, scale_at) = (n, n + 1);
    // Coefficients of scaled and centred features, intercept, logarithm of the scale.
    let objective = |x: &mut [f64], gradient: &mut [f64]| {
        let sigma = x[scale_at].exp();
        let log_sigma = x[scale_at];
        let effective: Vec<f64> =
            x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
        let shift = if fit_intercept { x[intercept_at] - dot(&x[..n], &scaled_mean) } else { 0.0 };
        let (loss, sums) = rows.aggregate(
            || (0.0, vec![0.0; n + 2]),
            |(loss, sums), block| {
                let mut factors = Vec::new();
                block.margins(&effective, shift, &mut factors);
                let censors = &block.extra[0];
                for (row, factor) in factors.iter_mut().enumerate() {
                    let delta = censors[row];
                    let epsilon = (block.labels[row].ln() - *factor) / sigma;
                    let hazard = epsilon.exp();
                    *loss += delta * log_sigma - delta * epsilon + hazard;
                    *factor = (delta - hazard) / sigma;
                    sums[n] += *factor;
                    sums[n + 1] += delta + (delta - hazard) * epsilon;
                }
                block.add_rows(&factors, &mut sums[..n]);
                Ok(())
            },
            |(loss, sums), (other_loss, other)| {
                *loss += other_loss;
                axpy(1.0, &other, sums);
            },
        )?;
        for i in 0..n {
            let centred = match fit_intercept {
                true => sums[i] * scaling.inverse_std[i] - sums[n] * scaled_mean[i],
                false => sums[i] * scaling.inverse_std[i],
            };
            gradient[i] = centred / scaling.weight;
        }
        gradient[intercept_at] = if fit_intercept { sums[n] / scaling.weight } else { 0.0 };
        gradient[scale_at] = sums[n + 1] / scaling.weight;
        Ok(loss / scaling.weight)
    };
    let mut objective = Watched::new(objective, rows.job.as_ref(), stop);
    let found = lbfgs(&mut objective, vec![0.0; n + 2], stop)?;
    let coefficients =
        found.x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
    let intercept = match fit_intercept {
        true => found.x[intercept_at] - dot(&found.x[..n], &scaled_mean),
        false => 0.0,
    };
    Ok(Fitted::new(AftModel::new(coefficients, intercept, found.x[scale_at].exp())))
}

fn read(params: &Params, data: &Dataset) -> Result<Instances> {
    let rows = data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Regression)),
        weight: None,
        extra: vec![params.string("censorCol")?],
        finite: true,
    })?;
    if rows.n_rows == 0 {
        return Err(error::no_first_row());
    }
    for censor in rows.blocks.iter().flat_map(|block| &block.extra[0]) {
        if censor.is_nan() {
            return Err(error::raised("Censors MUST NOT be Null or NaN"));
        }
        if *censor != 0.0 && *censor != 1.0 {
            let text = double_text(*censor);
            return Err(error::raised(format!("Censors MUST be in {{0, 1}}, but got {text}")));
        }
    }
    if rows.blocks.iter().flat_map(|block| &block.labels).any(|label| *label <= 0.0) {
        return Err(error::requirement("The lifetime or label should be greater than 0."));
    }
    Ok(rows)
}

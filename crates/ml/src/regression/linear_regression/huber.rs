//! Huber's loss with its scale as a further variable (Owen, "A robust hybrid of lasso and ridge regression", 2007),
//! by L-BFGS-B: `HuberBlockAggregator`.

use super::fit::Found;
use crate::data::{Aggregate, Instances};
use crate::linalg::kernels::axpy;
use crate::optimize::{Stop, Watched, lbfgsb};
use crate::param::Params;
use crate::regression::scaling::{Penalty, Scaling};
use firesteel_common::Result;

pub(super) fn fit(params: &Params, instances: &Instances, stop: Stop) -> Result<Found> {
    let fit_intercept = params.bool("fitIntercept")?;
    let epsilon = params.double("epsilon")?;
    let scaling = Scaling::of(instances)?;
    let penalty = Penalty::new(params, 1.0, &scaling)?;
    let n = instances.n_features;
    // Coefficients of scaled features, intercept, scale.
    let size = n + usize::from(fit_intercept) + 1;
    let objective = |x: &mut [f64], gradient: &mut [f64]| {
        let sigma = x[size - 1];
        let intercept = if fit_intercept { x[n] } else { 0.0 };
        let effective: Vec<f64> =
            x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
        let (loss, sums) = instances.aggregate(
            || (0.0, vec![0.0; n + 2]),
            |(loss, sums), block| {
                let mut margins = Vec::new();
                block.margins(&effective, intercept, &mut margins);
                for (row, margin) in margins.iter_mut().enumerate() {
                    let weight = block.weight(row);
                    let residual = block.labels[row] - *margin;
                    *margin = if residual.abs() <= sigma * epsilon {
                        *loss += 0.5 * weight * (sigma + residual * residual / sigma);
                        let ratio = residual / sigma;
                        sums[n + 1] += 0.5 * weight * (1.0 - ratio * ratio);
                        -weight * ratio
                    } else {
                        let sign = if residual >= 0.0 { -1.0 } else { 1.0 };
                        let outside = 2.0 * epsilon * residual.abs() - sigma * epsilon * epsilon;
                        *loss += 0.5 * weight * (sigma + outside);
                        sums[n + 1] += 0.5 * weight * (1.0 - epsilon * epsilon);
                        weight * sign * epsilon
                    };
                    sums[n] += *margin;
                }
                block.add_rows(&margins, &mut sums[..n]);
                Ok(())
            },
            |(loss, sums), (other_loss, other)| {
                *loss += other_loss;
                axpy(1.0, &other, sums);
            },
        )?;
        for i in 0..n {
            gradient[i] = sums[i] * scaling.inverse_std[i] / scaling.weight;
        }
        if fit_intercept {
            gradient[n] = sums[n] / scaling.weight;
        }
        gradient[size - 1] = sums[n + 1] / scaling.weight;
        Ok(loss / scaling.weight + penalty.add_l2(&x[..n], &mut gradient[..n]))
    };
    let mut start = vec![0.0; size];
    start[size - 1] = 1.0;
    let (mut lower, upper) = (vec![f64::NEG_INFINITY; size], vec![f64::INFINITY; size]);
    lower[size - 1] = f64::MIN_POSITIVE;
    let mut objective = Watched::new(objective, instances.job.as_ref(), stop);
    let found = lbfgsb(&mut objective, start, &lower, &upper, stop)?;
    let coefficients =
        found.x[..n].iter().zip(&scaling.inverse_std).map(|(x, inverse)| x * inverse).collect();
    Ok(Found {
        coefficients,
        intercept: if fit_intercept { found.x[n] } else { 0.0 },
        scale: found.x[size - 1],
        history: found.history,
        diag_inv_at_wa: None,
    })
}

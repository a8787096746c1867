//! `LBFGS` with `LogisticGradient` of many classes: the first class has no weights, features are scaled to unit
//! variance, and the penalty falls on the weights of scaled features, the intercept's included.

use super::gradient_descent::{check_classes, read};
use super::penalty::{self, Penalty};
use super::weights::Weights;
use crate::data::{Aggregate, Block, Dataset, for_each_mut};
use crate::error;
use crate::model::Fitted;
use crate::optimize::{Stop, Watched, lbfgs};
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::regression::scaling::Scaling;
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::LABEL_COL,
    shared::FIT_INTERCEPT,
    shared::MAX_ITER,
    shared::REG_PARAM,
    shared::TOL,
    penalty::KIND,
    Param::int("numClasses", 2),
    // Where it begins: features of the second class, its intercept, those of the third class, and so on.
    Param::new("initialWeights", ParamKind::Doubles, Default::None),
];

/// # Errors
/// Spark's, of the rows; `OPERATION_CANCELED`.
pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let mut rows = read(params, data)?;
    if rows.n_rows == 0 {
        return Err(error::empty_dataset());
    }
    let n_classes = params.count("numClasses")?;
    check_classes(&rows, n_classes)?;
    let scaling = Scaling::of(&rows)?;
    for_each_mut(&mut rows.blocks, data.job.as_ref(), |_, block| {
        block.scale(&scaling.inverse_std);
        Ok(())
    })?;
    let shape = Shape {
        n_features: rows.n_features,
        n_others: n_classes.saturating_sub(1),
        with_intercept: params.bool("fitIntercept")?,
    };
    let start = params.doubles("initialWeights")?.to_vec();
    if start.len() != shape.n_others * shape.stride() {
        return Err(error::requirement(
            "initialWeights have another length than classes and features ask for.",
        ));
    }
    let penalty = Penalty::new(params)?;
    let n_rows = rows.n_rows as f64;
    let objective = |x: &mut [f64], gradient: &mut [f64]| -> Result<f64> {
        let x: &[f64] = x;
        let (loss, sums, _) = rows.aggregate(
            || (0.0, vec![0.0; x.len()], Vec::new()),
            |(loss, sums, margins), block| {
                *loss += shape.add(block, x, sums, margins);
                Ok(())
            },
            |(loss, sums, _), (other_loss, other, _)| {
                *loss += other_loss;
                sums.iter_mut().zip(&other).for_each(|(sum, other)| *sum += other);
            },
        )?;
        for ((to, sum), x) in gradient.iter_mut().zip(&sums).zip(x) {
            *to = sum / n_rows + penalty.gradient(*x);
        }
        Ok(loss / n_rows + penalty.value(x))
    };
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let mut watched = Watched::new(objective, data.job.as_ref(), stop);
    let mut weights = lbfgs(&mut watched, start, stop)?.x;
    for own in weights.chunks_exact_mut(shape.stride().max(1)) {
        own.iter_mut().zip(&scaling.inverse_std).for_each(|(weight, inverse)| *weight *= inverse);
    }
    Ok(Fitted::new(Weights(weights)))
}

/// How weights lie: for each class but the first its features, then its intercept.
#[derive(Debug, Clone, Copy)]
struct Shape {
    n_features: usize,
    n_others: usize,
    with_intercept: bool,
}

impl Shape {
    fn stride(&self) -> usize {
        self.n_features + usize::from(self.with_intercept)
    }

    /// Adds a block's gradient to `sums`, and gives its loss.
    fn add(&self, block: &Block, x: &[f64], sums: &mut [f64], margins: &mut Vec<Vec<f64>>) -> f64 {
        let (n, stride) = (self.n_features, self.stride().max(1));
        margins.resize(self.n_others, Vec::new());
        for (own, margins) in x.chunks_exact(stride).zip(margins.iter_mut()) {
            block.margins(&own[..n], own.get(n).copied().unwrap_or(0.0), margins);
        }
        let mut loss = 0.0;
        for (row, label) in block.labels.iter().enumerate() {
            let largest = margins.iter().map(|margins| margins[row]).fold(0.0, f64::max);
            let powers = margins.iter().map(|margins| (margins[row] - largest).exp());
            let sum = (-largest).exp() + powers.sum::<f64>();
            let class = *label as usize;
            let own = if class == 0 { 0.0 } else { margins[class - 1][row] };
            loss += sum.ln() + largest - own;
            for (other, margins) in margins.iter_mut().enumerate() {
                let probability = (margins[row] - largest).exp() / sum;
                margins[row] = probability - f64::from(u8::from(class == other + 1));
            }
        }
        for (sums, factors) in sums.chunks_exact_mut(stride).zip(margins.iter()) {
            let (by_feature, of_intercept) = sums.split_at_mut(n);
            block.add_rows(factors, by_feature);
            if let Some(of_intercept) = of_intercept.first_mut() {
                *of_intercept += factors.iter().sum::<f64>();
            }
        }
        loss
    }
}

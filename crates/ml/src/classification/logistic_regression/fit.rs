//! What is minimised, by which method, and how the minimum becomes coefficients.
//!
//! Variables are coefficients of features divided by their deviations, class by class, then intercepts. With an
//! intercept that is free, features are centred too: margins subtract the means, and the intercept takes them back.

use super::binomial::BinomialSums;
use super::model::LogisticRegressionModel;
use super::multinomial::MultinomialSums;
use crate::attribute::Attribute;
use crate::classification::classes;
use crate::data::{Aggregate, Dataset, InstanceColumns, Instances, LabelKind, n_classes};
use crate::error;
use crate::linalg::kernels::{axpy, dot};
use crate::linalg::{Matrix, Vector, double_text};
use crate::model::Fitted;
use crate::optimize::{Minimum, Stop, Watched, lbfgs, lbfgsb, owlqn};
use crate::param::Params;
use crate::regression::scaling::{Penalty, Scaling};
use firesteel_common::Result;
use std::sync::Arc;

pub(in crate::classification) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    classes::check_numeric_label(params, data)?;
    let label = params.string("labelCol")?;
    let declared = Attribute::of(data.field(label)?).n_values();
    let columns = InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((label, LabelKind::classes(declared))),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    };
    let instances = data.instances(&columns)?.not_empty()?;
    let largest =
        instances.blocks.iter().flat_map(|block| &block.labels).copied().fold(0.0, f64::max);
    let n_classes = n_classes(declared, Some(largest))?;
    let mut histogram = vec![0.0; n_classes];
    for block in &instances.blocks {
        for (row, label) in block.labels.iter().enumerate() {
            histogram[*label as usize] += block.weight(row);
        }
    }
    let is_multinomial = match params.string("family")?.to_lowercase().as_str() {
        "binomial" if n_classes > 2 => {
            return Err(error::requirement(format!(
                "Binomial family only supports 1 or 2 outcome classes but found {n_classes}."
            )));
        }
        "binomial" => false,
        "multinomial" => true,
        _ => n_classes > 2,
    };
    if let Some(crate::Value::Doubles(thresholds)) = params.get("thresholds")
        && thresholds.len() != n_classes
    {
        return Err(error::requirement(format!(
            "LogisticRegression.train() called with non-matching numClasses and thresholds.length. \
             numClasses={n_classes}, but thresholds has length {}",
            thresholds.len()
        )));
    }
    let problem = Problem::new(params, &instances, &histogram, is_multinomial)?;
    let (model, history) = problem.solve()?;
    let model = Arc::new(model);
    let is_binary = n_classes <= 2;
    Ok(Fitted { model, class: None, summary: None, warning: None }.with_summary(
        move |params, predictions| {
            Ok(Arc::new(super::model::summary(params, predictions, is_binary, Some(history))))
        },
    ))
}

struct Problem<'a> {
    params: &'a Params,
    instances: &'a Instances,
    histogram: &'a [f64],
    is_multinomial: bool,
    /// Rows of coefficients: one for the binomial family.
    n_sets: usize,
    fit_intercept: bool,
    bounds: Option<Bounds>,
    scaling: Scaling,
    /// Means of scaled features; empty if margins are not centred.
    scaled_mean: Vec<f64>,
}

/// Bounds on the variables.
struct Bounds {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(
        params: &'a Params,
        instances: &'a Instances,
        histogram: &'a [f64],
        is_multinomial: bool,
    ) -> Result<Self> {
        let n_sets = if is_multinomial { histogram.len() } else { 1 };
        let fit_intercept = params.bool("fitIntercept")?;
        let scaling = Scaling::of(instances)?;
        let bounds = bounds(params, n_sets, fit_intercept, &scaling)?;
        let is_free = |name: &str, infinite: f64| match params.vector(name) {
            Ok(bounds) => bounds.to_dense().iter().all(|bound| *bound == infinite),
            Err(_) => true,
        };
        let is_centred = fit_intercept
            && is_free("lowerBoundsOnIntercepts", f64::NEG_INFINITY)
            && is_free("upperBoundsOnIntercepts", f64::INFINITY);
        let scaled_mean = match is_centred {
            true => scaling.mean.iter().zip(&scaling.inverse_std).map(|(m, i)| m * i).collect(),
            false => Vec::new(),
        };
        Ok(Self {
            params,
            instances,
            histogram,
            is_multinomial,
            n_sets,
            fit_intercept,
            bounds,
            scaling,
            scaled_mean,
        })
    }

    fn solve(&self) -> Result<(LogisticRegressionModel, Vec<f64>)> {
        let n = self.instances.n_features;
        let n_classes = self.histogram.len();
        let is_constant = self.histogram.iter().filter(|weight| **weight != 0.0).count() == 1;
        if self.fit_intercept && is_constant && self.bounds.is_none() {
            let class = self.histogram.iter().position(|weight| *weight != 0.0).unwrap_or(0);
            let intercepts = match (self.is_multinomial, n_classes) {
                (true, _) => Vector::Sparse {
                    size: n_classes,
                    indices: vec![class as i32],
                    values: vec![f64::INFINITY],
                },
                (false, 2) => Vector::Dense(vec![f64::INFINITY]),
                (false, _) => Vector::Dense(vec![f64::NEG_INFINITY]),
            };
            let zeros = Matrix::row_major(self.n_sets, n, vec![0.0; self.n_sets * n]);
            let model = LogisticRegressionModel::new(
                zeros.compressed(),
                intercepts,
                n_classes,
                self.is_multinomial,
            );
            return Ok((model, vec![0.0]));
        }
        let found = self.minimize()?;
        let (sets, mut intercepts) = found.x.split_at(self.n_sets * n);
        let mut intercepts = std::mem::take(&mut intercepts).to_vec();
        if !self.scaled_mean.is_empty() {
            for (intercept, own) in intercepts.iter_mut().zip(sets.chunks_exact(n.max(1))) {
                *intercept -= dot(own, &self.scaled_mean);
            }
        }
        let mut coefficients = vec![0.0; self.n_sets * n];
        for (at, value) in sets.iter().enumerate() {
            coefficients[at] = value * self.scaling.inverse_std[at % n];
        }
        if self.is_multinomial && self.bounds.is_none() {
            // Any constant could be added to all classes: without a penalty the one of mean zero is chosen.
            if self.params.double("regParam")? == 0.0 {
                for feature in 0..n {
                    let each = (0..self.n_sets).map(|set| set * n + feature);
                    let mean =
                        each.clone().map(|at| coefficients[at]).sum::<f64>() / self.n_sets as f64;
                    each.for_each(|at| coefficients[at] -= mean);
                }
            }
            let mean = intercepts.iter().sum::<f64>() / intercepts.len().max(1) as f64;
            intercepts.iter_mut().for_each(|intercept| *intercept -= mean);
        }
        if !self.fit_intercept {
            intercepts = vec![0.0; self.n_sets];
        }
        let coefficients = Matrix::row_major(self.n_sets, n, coefficients).compressed();
        let intercepts = Vector::Dense(intercepts).compressed();
        let model =
            LogisticRegressionModel::new(coefficients, intercepts, n_classes, self.is_multinomial);
        Ok((model, found.history))
    }

    fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; self.n_sets * self.instances.n_features];
        if self.fit_intercept {
            if self.is_multinomial {
                // Labels that were not seen have a finite start too.
                let raw: Vec<f64> = self.histogram.iter().map(|weight| weight.ln_1p()).collect();
                let mean = raw.iter().sum::<f64>() / raw.len() as f64;
                start.extend(raw.iter().map(|value| value - mean));
            } else {
                let of = |class: usize| self.histogram.get(class).copied().unwrap_or(0.0);
                let ratio = (of(1) / of(0)).ln();
                // With bounds a label may be constant.
                start.push(if ratio.is_finite() { ratio } else { 0.0 });
            }
        }
        start
    }

    fn minimize(&self) -> Result<Minimum> {
        let stop = Stop {
            iterations_max: self.params.count("maxIter")?,
            tolerance: self.params.double("tol")?,
        };
        let n = self.instances.n_features;
        let one = Penalty::new(self.params, 1.0, &self.scaling)?;
        let objective = |x: &mut [f64], gradient: &mut [f64]| {
            let value = match self.is_multinomial {
                true => self.multinomial(x, gradient)?,
                false => self.binomial(x, gradient)?,
            };
            let sets = x.chunks_exact(n.max(1)).zip(gradient.chunks_exact_mut(n.max(1)));
            let penalty: f64 =
                sets.take(self.n_sets).map(|(x, gradient)| one.add_l2(x, gradient)).sum();
            Ok(value + penalty)
        };
        let mut objective = Watched::new(objective, self.instances.job.as_ref(), stop);
        let mut start = self.start();
        if let Some(Bounds { lower, upper }) = &self.bounds {
            return lbfgsb(&mut objective, start, lower, upper, stop);
        }
        match one.l1() {
            None => lbfgs(&mut objective, start, stop),
            Some(l1) => {
                let mut penalties = l1.repeat(self.n_sets);
                penalties.resize(start.len(), 0.0);
                let start = std::mem::take(&mut start);
                owlqn(&mut objective, start, &penalties, stop)
            }
        }
    }

    /// Coefficients of features as they are, and what margins have besides.
    fn effective(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.instances.n_features;
        let sets = &x[..self.n_sets * n];
        let coefficients =
            sets.iter().enumerate().map(|(at, x)| x * self.scaling.inverse_std[at % n]).collect();
        let offsets = (0..self.n_sets).map(|set| {
            let intercept = if self.fit_intercept { x[self.n_sets * n + set] } else { 0.0 };
            match self.scaled_mean.is_empty() {
                true => intercept,
                false => intercept - dot(&sets[set * n..(set + 1) * n], &self.scaled_mean),
            }
        });
        (coefficients, offsets.collect())
    }

    /// From sums by features as they are and by margins to the gradient by the variables.
    fn put_gradient(&self, by_feature: &[f64], by_margin: &[f64], gradient: &mut [f64]) {
        let n = self.instances.n_features;
        for set in 0..self.n_sets {
            for feature in 0..n {
                let at = set * n + feature;
                let mut sum = by_feature[at] * self.scaling.inverse_std[feature];
                if let Some(mean) = self.scaled_mean.get(feature) {
                    sum -= by_margin[set] * mean;
                }
                gradient[at] = sum / self.scaling.weight;
            }
            if self.fit_intercept {
                gradient[self.n_sets * n + set] = by_margin[set] / self.scaling.weight;
            }
        }
    }

    fn binomial(&self, x: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let n = self.instances.n_features;
        let (coefficients, offsets) = self.effective(x);
        let sums = self.instances.aggregate(
            || BinomialSums::new(n),
            |sums, block| {
                sums.add(block, &coefficients, offsets[0]);
                Ok(())
            },
            |sums, other| {
                sums.loss += other.loss;
                axpy(1.0, &other.gradient, &mut sums.gradient);
            },
        )?;
        self.put_gradient(&sums.gradient[..n], &sums.gradient[n..], gradient);
        Ok(sums.loss / self.scaling.weight)
    }

    fn multinomial(&self, x: &[f64], gradient: &mut [f64]) -> Result<f64> {
        let n = self.instances.n_features;
        let (coefficients, offsets) = self.effective(x);
        let sums = self.instances.aggregate(
            || MultinomialSums::new(n, self.n_sets),
            |sums, block| {
                sums.add(block, &coefficients, &offsets);
                Ok(())
            },
            |sums, other| sums.merge(&other),
        )?;
        self.put_gradient(&sums.gradient, &sums.margin_gradient, gradient);
        Ok(sums.loss / self.scaling.weight)
    }
}

/// The bounds that parameters set, on the variables; none if none is set.
fn bounds(
    params: &Params,
    n_sets: usize,
    fit_intercept: bool,
    scaling: &Scaling,
) -> Result<Option<Bounds>> {
    let names = [
        "lowerBoundsOnCoefficients",
        "upperBoundsOnCoefficients",
        "lowerBoundsOnIntercepts",
        "upperBoundsOnIntercepts",
    ];
    if names.iter().all(|name| !params.is_set(name)) {
        return Ok(None);
    }
    let alpha = params.double("elasticNetParam")?;
    if alpha != 0.0 {
        return Err(error::requirement(format!(
            "Fitting under bound constrained optimization only supports L2 regularization, but got elasticNetParam \
             with value {}.",
            double_text(alpha)
        )));
    }
    if !fit_intercept && (params.is_set(names[2]) || params.is_set(names[3])) {
        return Err(error::requirement(
            "Please don't set bounds on intercepts if fitting without intercept.",
        ));
    }
    let n = scaling.mean.len();
    let side = |of_coefficients: &str, of_intercepts: &str, free: f64| -> Result<Vec<f64>> {
        let mut side = vec![free; n_sets * n];
        if params.is_set(of_coefficients) {
            let own = params.matrix(of_coefficients)?;
            if own.n_rows != n_sets || own.n_cols != n {
                return Err(error::requirement(format!(
                    "The shape of {of_coefficients} must be compatible with (1, number of features) for binomial \
                     regression, or (number of classes, number of features) for multinomial regression, but found: \
                     ({}, {}).",
                    own.n_rows, own.n_cols
                )));
            }
            for (at, bound) in own.to_row_major().into_iter().enumerate() {
                side[at] = bound * scaling.std[at % n];
            }
        }
        if fit_intercept {
            match params.is_set(of_intercepts) {
                true => {
                    let own = params.vector(of_intercepts)?.to_dense();
                    if own.len() != n_sets {
                        return Err(error::requirement(format!(
                            "The size of {of_intercepts} must be equal to 1 for binomial regression, or the number of \
                             classes for multinomial regression, but found: {}.",
                            own.len()
                        )));
                    }
                    side.extend(own);
                }
                false => side.extend(vec![free; n_sets]),
            }
        }
        Ok(side)
    };
    let lower = side(names[0], names[2], f64::NEG_INFINITY)?;
    let upper = side(names[1], names[3], f64::INFINITY)?;
    if lower.iter().zip(&upper).any(|(lower, upper)| lower > upper) {
        return Err(error::requirement(
            "LowerBoundsOnCoefficients should always be less than or equal to upperBoundsOnCoefficients",
        ));
    }
    Ok(Some(Bounds { lower, upper }))
}

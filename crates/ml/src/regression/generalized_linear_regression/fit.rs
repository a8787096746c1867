//! Iteratively reweighted least squares.

use super::family::{Assumption, Family};
use super::link::Link;
use super::model::GlmModel;
use super::summary::{GlmSummary, Training};
use crate::data::{Aggregate, Block, Dataset, InstanceColumns, Instances, LabelKind};
use crate::error;
use crate::job::Job;
use crate::model::Fitted;
use crate::optimize::Stop;
use crate::param::Params;
use crate::regression::weighted_least_squares::{
    FEATURES_MAX, Solution, Solver, Sums, WeightedLeastSquares,
};
use firesteel_common::Result;
use std::sync::Arc;

/// What the search found.
struct Found {
    solution: Solution,
    n_iterations: usize,
}

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let assumption = Assumption::of(params)?;
    let rows = read(params, data)?;
    if rows.n_features > FEATURES_MAX {
        return Err(error::failed(format!(
            "Currently, GeneralizedLinearRegression only supports number of features <= {FEATURES_MAX}. Found {} in \
             the input dataset.",
            rows.n_features
        )));
    }
    let fit_intercept = params.bool("fitIntercept")?;
    if rows.n_features == 0 && !fit_intercept {
        return Err(error::requirement(
            "GeneralizedLinearRegression was given data with 0 features, and with Param fitIntercept set to false. To \
             fit a model with 0 features, fitIntercept must be set to true.",
        ));
    }
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let problem =
        Problem { assumption, fit_intercept, reg_param: params.double("regParam")?, stop };
    let found = match (assumption.family, assumption.link) {
        _ if rows.n_features == 0 => {
            let intercept = problem.intercept_alone(&labels(&rows), rows.job.as_ref())?;
            let solution = Solution {
                coefficients: Vec::new(),
                intercept,
                diag_inv_at_wa: vec![0.0],
                objective_history: Vec::new(),
            };
            Found { solution, n_iterations: 1 }
        }
        (Family::Gaussian, Link::Identity) => {
            let sums = Sums::of(&rows, |block, row| {
                (block.labels[row] - offset(block, row), block.weight(row))
            })?;
            let solution = problem.least_squares(true).solve(&sums)?;
            Found { solution, n_iterations: 1 }
        }
        _ => problem.reweighted(&rows)?,
    };
    let Solution { coefficients, intercept, diag_inv_at_wa, .. } = found.solution;
    let model = Arc::new(GlmModel::new(coefficients, intercept, assumption));
    let own = Arc::clone(&model);
    let training = Training { n_iterations: found.n_iterations, diag_inv_at_wa };
    let fitted = Fitted { model, class: None, summary: None, warning: None };
    Ok(fitted.with_summary(move |params, predictions| {
        Ok(Arc::new(GlmSummary::new(params, own, predictions, Some(training))))
    }))
}

fn read(params: &Params, data: &Dataset) -> Result<Instances> {
    let offset = params.column("offsetCol");
    let rows = data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Regression)),
        weight: params.column("weightCol"),
        extra: offset.into_iter().collect(),
        finite: true,
    })?;
    if rows.n_rows == 0 {
        return Err(error::no_first_row());
    }
    for offset in rows.blocks.iter().flat_map(|block| block.extra.first()).flatten() {
        if offset.is_nan() {
            return Err(error::raised("Offsets MUST NOT be Null or NaN"));
        }
        if offset.is_infinite() {
            return Err(error::raised(format!(
                "Offsets MUST NOT be Infinity, but got {}",
                crate::linalg::double_text(*offset)
            )));
        }
    }
    Ok(rows)
}

fn offset(block: &Block, row: usize) -> f64 {
    block.extra.first().map_or(0.0, |offsets| offsets[row])
}

fn labels(rows: &Instances) -> Vec<Weighted> {
    let mut out = Vec::with_capacity(rows.n_rows);
    for block in &rows.blocks {
        out.extend((0..block.n_rows()).map(|row| Weighted {
            label: block.labels[row],
            weight: block.weight(row),
            offset: offset(block, row),
        }));
    }
    out
}

/// A row without its features.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighted {
    pub label: f64,
    pub weight: f64,
    pub offset: f64,
}

/// What is minimised, and how far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem {
    pub assumption: Assumption,
    pub fit_intercept: bool,
    pub reg_param: f64,
    pub stop: Stop,
}

impl Problem {
    fn least_squares(&self, standardize: bool) -> WeightedLeastSquares {
        WeightedLeastSquares {
            fit_intercept: self.fit_intercept,
            reg_param: self.reg_param,
            elastic_net_param: 0.0,
            standardize_features: standardize,
            standardize_label: standardize,
            solver: Solver::Auto,
            // Spark's, for equations that are singular.
            stop: Stop { iterations_max: 100, tolerance: 1e-6 },
        }
    }

    fn reweighted(&self, rows: &Instances) -> Result<Found> {
        let Assumption { family, link } = self.assumption;
        // A label that the family does not have is found before the first pass.
        rows.aggregate(
            || (),
            |(), block| {
                for row in 0..block.n_rows() {
                    family.initial_mean(block.labels[row], block.weight(row))?;
                }
                Ok(())
            },
            |(), ()| (),
        )?;
        let sums = Sums::of(rows, |block, row| {
            let (label, weight) = (block.labels[row], block.weight(row));
            let mean = family.initial_mean(label, weight).unwrap_or(f64::NAN);
            (link.link(mean) - offset(block, row), weight)
        })?;
        let mut found = self.least_squares(true).solve(&sums)?;
        let mut n_iterations = 0;
        while n_iterations < self.stop.iterations_max {
            let sums = Sums::of(rows, |block, row| {
                let offset = offset(block, row);
                let eta = block.row(row).dot(&found.coefficients) + found.intercept + offset;
                self.assumption.reweighted(block.labels[row], block.weight(row), offset, eta)
            })?;
            let next = self.least_squares(false).solve(&sums)?;
            let steps = next.coefficients.iter().zip(&found.coefficients);
            let step = steps.map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
            let step = step.max((next.intercept - found.intercept).abs());
            found = next;
            n_iterations += 1;
            rows.job.progress(n_iterations, self.stop.iterations_max);
            if step < self.stop.tolerance {
                break;
            }
        }
        Ok(Found { solution: found, n_iterations })
    }

    /// The intercept of a model without features.
    ///
    /// # Errors
    /// Spark's: the family has no such label; `OPERATION_CANCELED`.
    pub(super) fn intercept_alone(&self, rows: &[Weighted], job: &dyn Job) -> Result<f64> {
        let mean = |values: &mut dyn Iterator<Item = (f64, f64)>| {
            let (sum, weight) =
                values.fold((0.0, 0.0), |(sum, weight), (y, w)| (sum + w * y, weight + w));
            sum / weight
        };
        let Assumption { family, link } = self.assumption;
        let mut start = Vec::with_capacity(rows.len());
        for row in rows {
            let mean = family.initial_mean(row.label, row.weight)?;
            start.push((link.link(mean) - row.offset, row.weight));
        }
        let mut intercept = mean(&mut start.into_iter());
        for _ in 0..self.stop.iterations_max {
            job.check()?;
            let next = mean(&mut rows.iter().map(|row| {
                let eta = intercept + row.offset;
                self.assumption.reweighted(row.label, row.weight, row.offset, eta)
            }));
            let step = (next - intercept).abs();
            intercept = next;
            if step < self.stop.tolerance {
                break;
            }
        }
        Ok(intercept)
    }
}

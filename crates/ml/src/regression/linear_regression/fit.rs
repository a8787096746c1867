//! Which solver, and what comes of it.

use super::model::LinearRegressionModel;
use super::summary::LinearRegressionSummary;
use super::{huber, least_squares};
use crate::data::{Dataset, InstanceColumns, LabelKind};
use crate::error;
use crate::model::Fitted;
use crate::optimize::Stop;
use crate::param::Params;
use crate::regression::weighted_least_squares::{FEATURES_MAX, Solver, WeightedLeastSquares};
use firesteel_common::Result;
use std::sync::Arc;

/// What a solver found.
pub(super) struct Found {
    pub coefficients: Vec<f64>,
    pub intercept: f64,
    pub scale: f64,
    pub history: Vec<f64>,
    /// As [`Solution::diag_inv_at_wa`](crate::regression::weighted_least_squares::Solution); none of an iterative
    /// solver.
    pub diag_inv_at_wa: Option<Vec<f64>>,
}

pub(in crate::regression) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let is_huber = params.string("loss")?.eq_ignore_ascii_case("huber");
    let solver = params.string("solver")?.to_lowercase();
    let (reg_param, elastic_net_param) =
        (params.double("regParam")?, params.double("elasticNetParam")?);
    if is_huber {
        if solver == "normal" {
            return Err(error::requirement(
                "LinearRegression with huber loss doesn't support normal solver, please change solver to auto or \
                 l-bfgs.",
            ));
        }
        if elastic_net_param != 0.0 {
            return Err(error::requirement(format!(
                "LinearRegression with huber loss only supports L2 regularization, but got elasticNetParam = {}.",
                crate::linalg::double_text(elastic_net_param)
            )));
        }
    }
    let columns = InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Regression)),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    };
    let instances = data.instances(&columns)?;
    if instances.n_rows == 0 {
        return Err(crate::error::no_first_row());
    }
    let stop = Stop { iterations_max: params.count("maxIter")?, tolerance: params.double("tol")? };
    let fit_intercept = params.bool("fitIntercept")?;
    let n = instances.n_features;
    let found = if !is_huber && (solver == "normal" || (solver == "auto" && n <= FEATURES_MAX)) {
        let problem = WeightedLeastSquares {
            fit_intercept,
            reg_param,
            elastic_net_param,
            standardize_features: params.bool("standardization")?,
            standardize_label: true,
            solver: Solver::Auto,
            stop,
        };
        let solution = problem.fit(&instances)?;
        Found {
            coefficients: solution.coefficients,
            intercept: solution.intercept,
            scale: 1.0,
            history: solution.objective_history,
            diag_inv_at_wa: Some(solution.diag_inv_at_wa),
        }
    } else if is_huber {
        huber::fit(params, &instances, stop)?
    } else {
        least_squares::fit(params, &instances, stop)?
    };
    let model =
        Arc::new(LinearRegressionModel::new(found.coefficients, found.intercept, found.scale));
    let (history, diagonal) = (found.history, found.diag_inv_at_wa.unwrap_or_else(|| vec![0.0]));
    let own = Arc::clone(&model);
    let fitted = Fitted { model, class: None, summary: None, warning: None };
    Ok(fitted.with_summary(move |params, predictions| {
        Ok(Arc::new(LinearRegressionSummary::training(
            params,
            own,
            predictions,
            history,
            diagonal,
        )?))
    }))
}

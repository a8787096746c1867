//! Mixtures of normal distributions (`org.apache.spark.ml.clustering.GaussianMixture`).

mod density;
mod mixture;
mod model;

pub(super) use model::{COMPONENT, PROBABILITY, load};

use super::features::features_name;
use super::summary::{ClusteringSummary, Quality};
use crate::data::{Dataset, InstanceColumns};
use crate::error;
use crate::model::Fitted;
use crate::param::{Default, Param, Params, Valid, shared};
use firesteel_common::Result;
use model::GaussianMixtureModel;
use std::sync::Arc;

/// Covariances of so many features have more entries than a Java array.
const FEATURES_MAX: usize = 46_340;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::WEIGHT_COL,
    Param::int("k", 2).valid(Valid::Gt(1.0)),
    shared::MAX_ITER.or(Default::Int(100)),
    shared::TOL.or(Default::Double(0.01)),
    shared::SEED,
    shared::AGGREGATION_DEPTH,
];

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let columns = InstanceColumns {
        weight: params.column("weightCol"),
        ..InstanceColumns::features(features_name(params, data)?)
    };
    let instances = data.instances(&columns)?.with_first_row()?;
    if instances.n_features >= FEATURES_MAX {
        return Err(error::requirement(format!(
            "GaussianMixture cannot handle more than {FEATURES_MAX} features because the size of the covariance \
             matrix is quadratic in the number of features."
        )));
    }
    let k = params.count("k")?;
    let (n_iterations_max, tolerance) = (params.count("maxIter")?, params.double("tol")?);
    let trained = mixture::train(&instances, k, n_iterations_max, tolerance, params.long("seed")?)?;
    let (quality, n_iterations) =
        (Quality::LogLikelihood(trained.log_likelihood), trained.n_iterations);
    let model = GaussianMixtureModel::new(&trained.mixture);
    Ok(Fitted::new(model).with_summary(move |params, predictions| {
        let class = "org.apache.spark.ml.clustering.GaussianMixtureSummary";
        let sizes = (k, n_iterations);
        Ok(Arc::new(ClusteringSummary::new(class, params, predictions, sizes, quality)?))
    }))
}

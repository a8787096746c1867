//! Bisecting k-means (`org.apache.spark.ml.clustering.BisectingKMeans`): a tree of clusters, from the top.

mod model;
mod split;
mod tree;

pub(super) use model::{ASSIGN, load};

use super::features::features_name;
use super::kmeans::closest::Distance;
use super::summary::{ClusteringSummary, Quality};
use crate::data::{Dataset, InstanceColumns};
use crate::model::Fitted;
use crate::param::{Default, Param, Params, Valid, shared};
use firesteel_common::Result;
use model::BisectingKMeansModel;
use split::{Settings, run};
use std::sync::Arc;
use tree::Tree;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::PREDICTION_COL,
    Param::int("k", 4).valid(Valid::Gt(1.0)),
    shared::MAX_ITER.or(Default::Int(20)),
    Param::double("minDivisibleClusterSize", 1.0).valid(Valid::Gt(0.0)),
    shared::SEED,
    shared::DISTANCE_MEASURE,
    shared::WEIGHT_COL,
];

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let columns = InstanceColumns {
        weight: params.column("weightCol"),
        ..InstanceColumns::features(features_name(params, data)?)
    };
    let instances = data.instances(&columns)?.not_empty()?;
    let settings = Settings {
        k: params.count("k")?,
        n_iterations: params.count("maxIter")?,
        size_min: params.double("minDivisibleClusterSize")?,
        seed: params.long("seed")?,
        distance: Distance::of(params.string("distanceMeasure")?),
    };
    let tree = Tree::of(&run(&instances, &settings)?, settings.distance);
    let cost: f64 = tree.leaves().map(|leaf| leaf.cost).sum();
    let model = BisectingKMeansModel::new(tree, cost);
    let (k, n_iterations) = (model.k(), settings.n_iterations);
    Ok(Fitted::new(model).with_summary(move |params, predictions| {
        let class = "org.apache.spark.ml.clustering.BisectingKMeansSummary";
        let quality = Quality::TrainingCost(cost);
        let sizes = (k, n_iterations);
        Ok(Arc::new(ClusteringSummary::new(class, params, predictions, sizes, quality)?))
    }))
}

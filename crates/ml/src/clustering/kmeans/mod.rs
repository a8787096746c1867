//! K-means (`org.apache.spark.ml.clustering.KMeans`): Lloyd's algorithm, Euclidean or cosine, with weights.

pub(crate) mod closest;
mod lloyd;
mod model;
mod seeding;

pub(crate) use lloyd::{Settings, run};
pub(super) use model::{ASSIGN, KMeansModel, load};
pub(crate) use seeding::rows_at;

use super::features::features_name;
use super::summary::{ClusteringSummary, Quality};
use crate::data::{Dataset, InstanceColumns};
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use closest::Distance;
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::PREDICTION_COL,
    Param::int("k", 2).valid(Valid::Gt(1.0)),
    Param::string("initMode", "k-means||").valid(Valid::OneOf(&["k-means||", "random"])),
    Param::int("initSteps", 2).valid(Valid::Gt(0.0)),
    shared::MAX_ITER.or(Default::Int(20)),
    shared::TOL.or(Default::Double(1e-4)),
    shared::SEED,
    shared::DISTANCE_MEASURE,
    shared::WEIGHT_COL,
    // All solvers give the same answers; there is one here.
    Param::new("solver", ParamKind::String, Default::Str("auto"))
        .valid(Valid::OneOf(&["auto", "row", "block"])),
    shared::MAX_BLOCK_SIZE_IN_MB,
];

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let columns = InstanceColumns {
        weight: params.column("weightCol"),
        ..InstanceColumns::features(features_name(params, data)?)
    };
    let instances = data.instances(&columns)?;
    let settings = Settings {
        k: params.count("k")?,
        n_iterations_max: params.count("maxIter")?,
        tolerance: params.double("tol")?,
        seed: params.long("seed")?,
        n_seeding_steps: params.count("initSteps")?,
        random_seeding: params.string("initMode")? == "random",
        distance: Distance::of(params.string("distanceMeasure")?),
    };
    let clustering = run(&instances, &settings)?;
    let model = KMeansModel::new(clustering.centers);
    let k = model.k();
    let quality = Quality::TrainingCost(clustering.cost);
    let n_iterations = clustering.n_iterations;
    Ok(Fitted::new(model).with_summary(move |params, predictions| {
        let class = "org.apache.spark.ml.clustering.KMeansSummary";
        let (k, quality) = ((k, n_iterations), quality);
        Ok(std::sync::Arc::new(ClusteringSummary::new(class, params, predictions, k, quality)?))
    }))
}

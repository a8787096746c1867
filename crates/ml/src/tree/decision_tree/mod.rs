//! `DecisionTreeClassifier` and `DecisionTreeRegressor` with their models.

use super::grow::{Sample, grow};
use super::model::{Kind, TreeModel};
use super::params::{self, growth};
use super::training::{Training, read, read_classes};
use crate::class::{Class, Role};
use crate::data::{Dataset, Instances, LabelKind};
use crate::model::Fitted;
use crate::param::{Param, Params, shared};
use firesteel_common::Result;

pub(super) const CLASSIFIER_MODEL: &str =
    "org.apache.spark.ml.classification.DecisionTreeClassificationModel";
pub(super) const REGRESSOR_MODEL: &str =
    "org.apache.spark.ml.regression.DecisionTreeRegressionModel";

pub(super) const CLASSIFIER: &[Param] = &[
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    shared::FEATURES_COL,
    params::CLASSIFIER_IMPURITY,
    shared::LABEL_COL,
    shared::LEAF_COL,
    params::MAX_BINS,
    params::MAX_DEPTH,
    params::MAX_MEMORY_IN_MB,
    params::MIN_INFO_GAIN,
    params::MIN_INSTANCES_PER_NODE,
    params::MIN_WEIGHT_FRACTION_PER_NODE,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::SEED,
    shared::THRESHOLDS,
    shared::WEIGHT_COL,
];

pub(super) const REGRESSOR: &[Param] = &[
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    shared::FEATURES_COL,
    params::REGRESSOR_IMPURITY,
    shared::LABEL_COL,
    shared::LEAF_COL,
    params::MAX_BINS,
    params::MAX_DEPTH,
    params::MAX_MEMORY_IN_MB,
    params::MIN_INFO_GAIN,
    params::MIN_INSTANCES_PER_NODE,
    params::MIN_WEIGHT_FRACTION_PER_NODE,
    shared::PREDICTION_COL,
    shared::SEED,
    shared::VARIANCE_COL,
    shared::WEIGHT_COL,
];

/// What clients may fetch of either model.
const ATTRIBUTES: &[&str] = &[
    "depth",
    "featureImportances",
    "numFeatures",
    "numNodes",
    "predict",
    "predictLeaf",
    "toDebugString",
];
const CLASSIFIER_ATTRIBUTES: &[&str] = &[
    "depth",
    "featureImportances",
    "numClasses",
    "numFeatures",
    "numNodes",
    "predict",
    "predictLeaf",
    "predictProbability",
    "predictRaw",
    "toDebugString",
];

pub(super) const CLASSES: [Class; 4] = [
    Class {
        name: CLASSIFIER_MODEL,
        params: CLASSIFIER,
        role: Role::Model {
            attributes: CLASSIFIER_ATTRIBUTES,
            load: |_, from| TreeModel::load(Kind::Classifier, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.classification.DecisionTreeClassifier",
        params: CLASSIFIER,
        role: Role::Estimator { fit: fit_classifier, model: CLASSIFIER_MODEL },
    },
    Class {
        name: REGRESSOR_MODEL,
        params: REGRESSOR,
        role: Role::Model {
            attributes: ATTRIBUTES,
            load: |_, from| TreeModel::load(Kind::Regressor, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.regression.DecisionTreeRegressor",
        params: REGRESSOR,
        role: Role::Estimator { fit: fit_regressor, model: REGRESSOR_MODEL },
    },
];

fn fit_classifier(params: &Params, data: &Dataset) -> Result<Fitted> {
    let (rows, n_classes) = read_classes(params, data)?;
    fit(params, data, rows, Kind::Classifier, n_classes)
}

fn fit_regressor(params: &Params, data: &Dataset) -> Result<Fitted> {
    let rows = read(params, data, LabelKind::Regression)?;
    fit(params, data, rows, Kind::Regressor, 0)
}

fn fit(
    params: &Params,
    data: &Dataset,
    rows: Instances,
    kind: Kind,
    n_classes: usize,
) -> Result<Fitted> {
    let seed = params.long("seed")?;
    let growth = growth(params, params::impurity(params)?, 1)?;
    let training =
        Training::new(data, params.string("featuresCol")?, rows, n_classes, growth, seed)?;
    let sample = Sample {
        bins: &training.bins,
        labels: &training.labels,
        weights: training.weights.as_deref(),
        counts: None,
    };
    let trees = grow(sample, &training.layout, &training.thresholds, seed, training.job.as_ref())?;
    Ok(Fitted::new(TreeModel::new(kind, trees, vec![1.0], training.layout.n_features, n_classes)))
}

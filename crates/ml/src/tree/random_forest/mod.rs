//! `RandomForestClassifier` and `RandomForestRegressor` with their models.

use super::bagging;
use super::grow::{Sample, grow};
use super::model::{Kind, TreeModel};
use super::params::{self, growth};
use super::training::{Training, read, read_classes};
use crate::class::{Class, Role};
use crate::classification::summary_of::SummaryOf;
use crate::data::{Dataset, Instances, LabelKind};
use crate::model::Fitted;
use crate::param::{Param, Params, shared};
use firesteel_common::Result;
use std::sync::Arc;

const CLASSIFIER_MODEL: &str = "org.apache.spark.ml.classification.RandomForestClassificationModel";
const REGRESSOR_MODEL: &str = "org.apache.spark.ml.regression.RandomForestRegressionModel";

const CLASSIFIER: &[Param] = &[
    params::BOOTSTRAP,
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    params::FEATURE_SUBSET_STRATEGY,
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
    params::NUM_TREES,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::SEED,
    params::SUBSAMPLING_RATE,
    shared::THRESHOLDS,
    shared::WEIGHT_COL,
];

const REGRESSOR: &[Param] = &[
    params::BOOTSTRAP,
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    params::FEATURE_SUBSET_STRATEGY,
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
    params::NUM_TREES,
    shared::PREDICTION_COL,
    shared::SEED,
    params::SUBSAMPLING_RATE,
    shared::WEIGHT_COL,
];

const ATTRIBUTES: &[&str] = &[
    "featureImportances",
    "getNumTrees",
    "numFeatures",
    "predict",
    "predictLeaf",
    "toDebugString",
    "totalNumNodes",
    "treeWeights",
    "trees",
];
const CLASSIFIER_ATTRIBUTES: &[&str] = &[
    "evaluate",
    "featureImportances",
    "getNumTrees",
    "numClasses",
    "numFeatures",
    "predict",
    "predictLeaf",
    "predictProbability",
    "predictRaw",
    "summary",
    "toDebugString",
    "totalNumNodes",
    "treeWeights",
    "trees",
];

pub(super) const CLASSES: [Class; 4] = [
    Class {
        name: CLASSIFIER_MODEL,
        params: CLASSIFIER,
        role: Role::Model {
            attributes: CLASSIFIER_ATTRIBUTES,
            load: |_, from| TreeModel::load(Kind::ForestClassifier, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.classification.RandomForestClassifier",
        params: CLASSIFIER,
        role: Role::Estimator { fit: fit_classifier, model: CLASSIFIER_MODEL },
    },
    Class {
        name: REGRESSOR_MODEL,
        params: REGRESSOR,
        role: Role::Model {
            attributes: ATTRIBUTES,
            load: |_, from| TreeModel::load(Kind::ForestRegressor, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.regression.RandomForestRegressor",
        params: REGRESSOR,
        role: Role::Estimator { fit: fit_regressor, model: REGRESSOR_MODEL },
    },
];

fn fit_classifier(params: &Params, data: &Dataset) -> Result<Fitted> {
    let (rows, n_classes) = read_classes(params, data)?;
    fit(params, data, rows, Kind::ForestClassifier, n_classes)
}

fn fit_regressor(params: &Params, data: &Dataset) -> Result<Fitted> {
    let rows = read(params, data, LabelKind::Regression)?;
    fit(params, data, rows, Kind::ForestRegressor, 0)
}

fn fit(
    params: &Params,
    data: &Dataset,
    rows: Instances,
    kind: Kind,
    n_classes: usize,
) -> Result<Fitted> {
    let seed = params.long("seed")?;
    let n_trees = params.count("numTrees")?;
    let growth = growth(params, params::impurity(params)?, n_trees)?;
    let training =
        Training::new(data, params.string("featuresCol")?, rows, n_classes, growth, seed)?;
    let (rate, bootstrap) = (params.double("subsamplingRate")?, params.bool("bootstrap")?);
    let counts = bagging::counts(&training.partitions, n_trees, rate, bootstrap, seed);
    let sample = Sample {
        bins: &training.bins,
        labels: &training.labels,
        weights: training.weights.as_deref(),
        counts: counts.as_deref(),
    };
    let trees = grow(sample, &training.layout, &training.thresholds, seed, training.job.as_ref())?;
    let weights = vec![1.0; trees.len()];
    let fitted =
        Fitted::new(TreeModel::new(kind, trees, weights, training.layout.n_features, n_classes));
    Ok(match kind.is_classifier() {
        // There is no objective, but Spark has a history of one.
        true => fitted.with_summary(move |params, predictions| {
            Ok(Arc::new(summary(n_classes).make(params, predictions, Some(vec![0.0]))))
        }),
        false => fitted,
    })
}

/// The summary of a classification.
pub(super) fn summary(n_classes: usize) -> SummaryOf {
    SummaryOf {
        name: "RandomForestClassification",
        is_binary: n_classes <= 2,
        says_binary: true,
        score: "probabilityCol",
    }
}

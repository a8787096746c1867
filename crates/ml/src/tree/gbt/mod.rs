//! `GBTClassifier` and `GBTRegressor` with their models.

use super::boost::{Boosting, boost};
use super::impurity::Impurity;
use super::loss::Loss;
use super::model::{Kind, TreeModel};
use super::params::{self, growth};
use super::training::{Training, read};
use crate::class::{Class, Role};
use crate::classification::classes;
use crate::data::{Dataset, LabelKind};
use crate::model::Fitted;
use crate::param::{Default, Param, Params, Valid, shared};
use datafusion_expr::not;
use firesteel_common::Result;

const CLASSIFIER_MODEL: &str = "org.apache.spark.ml.classification.GBTClassificationModel";
const REGRESSOR_MODEL: &str = "org.apache.spark.ml.regression.GBTRegressionModel";

const CLASSIFIER: &[Param] = &[
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    params::FEATURE_SUBSET_STRATEGY.or(Default::Str("all")),
    shared::FEATURES_COL,
    params::REGRESSOR_IMPURITY,
    shared::LABEL_COL,
    shared::LEAF_COL,
    Param::string("lossType", "logistic").valid(Valid::OneOfIgnoringCase(&["logistic"])),
    params::MAX_BINS,
    params::MAX_DEPTH,
    shared::MAX_ITER.or(Default::Int(20)),
    params::MAX_MEMORY_IN_MB,
    params::MIN_INFO_GAIN,
    params::MIN_INSTANCES_PER_NODE,
    params::MIN_WEIGHT_FRACTION_PER_NODE,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::SEED,
    params::STEP_SIZE,
    params::SUBSAMPLING_RATE,
    shared::THRESHOLDS,
    params::VALIDATION_INDICATOR_COL,
    params::VALIDATION_TOL,
    shared::WEIGHT_COL,
];

const REGRESSOR: &[Param] = &[
    params::CACHE_NODE_IDS,
    shared::CHECKPOINT_INTERVAL,
    params::FEATURE_SUBSET_STRATEGY.or(Default::Str("all")),
    shared::FEATURES_COL,
    params::REGRESSOR_IMPURITY,
    shared::LABEL_COL,
    shared::LEAF_COL,
    Param::string("lossType", "squared").valid(Valid::OneOfIgnoringCase(&["absolute", "squared"])),
    params::MAX_BINS,
    params::MAX_DEPTH,
    shared::MAX_ITER.or(Default::Int(20)),
    params::MAX_MEMORY_IN_MB,
    params::MIN_INFO_GAIN,
    params::MIN_INSTANCES_PER_NODE,
    params::MIN_WEIGHT_FRACTION_PER_NODE,
    shared::PREDICTION_COL,
    shared::SEED,
    params::STEP_SIZE,
    params::SUBSAMPLING_RATE,
    params::VALIDATION_INDICATOR_COL,
    params::VALIDATION_TOL,
    shared::WEIGHT_COL,
];

const ATTRIBUTES: &[&str] = &[
    "evaluateEachIteration",
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
    "evaluateEachIteration",
    "featureImportances",
    "getNumTrees",
    "numClasses",
    "numFeatures",
    "predict",
    "predictLeaf",
    "predictProbability",
    "predictRaw",
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
            load: |_, from| TreeModel::load(Kind::BoostedClassifier, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.classification.GBTClassifier",
        params: CLASSIFIER,
        role: Role::Estimator {
            fit: |params, data| fit(params, data, Kind::BoostedClassifier),
            model: CLASSIFIER_MODEL,
        },
    },
    Class {
        name: REGRESSOR_MODEL,
        params: REGRESSOR,
        role: Role::Model {
            attributes: ATTRIBUTES,
            load: |_, from| TreeModel::load(Kind::BoostedRegressor, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.regression.GBTRegressor",
        params: REGRESSOR,
        role: Role::Estimator {
            fit: |params, data| fit(params, data, Kind::BoostedRegressor),
            model: REGRESSOR_MODEL,
        },
    },
];

/// The rows to train on, and those to stop by: `validationIndicatorCol`.
fn parts(params: &Params, data: &Dataset) -> Result<(Dataset, Option<Dataset>)> {
    let Some(name) = params.column("validationIndicatorCol") else {
        return Ok((data.clone(), None));
    };
    let indicator = data.frame.column(name)?.expr();
    let part = |predicate| -> Result<Dataset> {
        Ok(Dataset { frame: data.frame.clone().filter(predicate)?, job: data.job.clone() })
    };
    Ok((part(not(indicator.clone()))?, Some(part(indicator)?)))
}

fn fit(params: &Params, data: &Dataset, kind: Kind) -> Result<Fitted> {
    let (train, validation) = parts(params, data)?;
    let labels = match kind {
        Kind::BoostedClassifier => LabelKind::Class(2),
        _ => LabelKind::Regression,
    };
    let n_classes = if kind.is_classifier() { 2 } else { 0 };
    classes::check_thresholds(params, n_classes)?;
    let validation = validation.map(|part| read(params, &part, labels)).transpose()?;
    let rows = read(params, &train, labels)?;
    let boosting = Boosting {
        loss: Loss::named(params.string("lossType")?)?,
        n_iterations: params.count("maxIter")?,
        step_size: params.double("stepSize")?,
        subsampling_rate: params.double("subsamplingRate")?,
        validation_tol: params.double("validationTol")?,
        seed: params.long("seed")?,
    };
    let growth = growth(params, Impurity::Variance, 1)?;
    let mut training =
        Training::new(&train, params.string("featuresCol")?, rows, 0, growth, boosting.seed)?;
    if kind.is_classifier() {
        training.labels.iter_mut().for_each(|label| *label = 2.0 * *label - 1.0);
    }
    let (trees, weights) = boost(&training, validation.as_ref(), boosting)?;
    Ok(Fitted::new(TreeModel::new(kind, trees, weights, training.layout.n_features, n_classes)))
}

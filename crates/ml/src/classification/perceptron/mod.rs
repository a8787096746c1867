//! `MultilayerPerceptronClassifier`: sigmoid layers, softmax on top.

mod fit;
mod model;
mod network;

pub(super) use model::RAW;

use super::summary_of::SummaryOf;
use crate::class::{Class, Role};
use crate::param::{Default, Param, ParamKind, Valid, shared};
use crate::value::Value;
use fit::fit;
use model::load;

const MODEL: &str = "org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel";

const SUMMARY: SummaryOf = SummaryOf {
    name: "MultilayerPerceptronClassification",
    is_binary: false,
    says_binary: false,
    score: "probabilityCol",
};

/// At least two layers of at least one node.
fn are_layers(value: &Value) -> bool {
    matches!(value, Value::Ints(sizes) if sizes.len() > 1 && sizes.iter().all(|size| *size > 0))
}

const PARAMS: &[Param] = &[
    Param::int("blockSize", 128).valid(Valid::Gt(0.0)),
    shared::FEATURES_COL,
    Param::new("initialWeights", ParamKind::Vector, Default::None),
    shared::LABEL_COL,
    Param::new("layers", ParamKind::Ints, Default::None).valid(Valid::Check(are_layers)),
    shared::MAX_ITER,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::SEED,
    Param::string("solver", "l-bfgs").valid(Valid::OneOf(&["gd", "l-bfgs"])),
    shared::STEP_SIZE.or(Default::Double(0.03)),
    shared::THRESHOLDS,
    shared::TOL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &[
                "evaluate",
                "numClasses",
                "numFeatures",
                "predict",
                "predictProbability",
                "predictRaw",
                "summary",
                "weights",
            ],
            load,
        },
    },
    Class {
        name: "org.apache.spark.ml.classification.MultilayerPerceptronClassifier",
        params: PARAMS,
        role: Role::Estimator { fit, model: MODEL },
    },
];

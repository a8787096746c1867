//! `LinearSVC`: hinge loss with a squared penalty.

mod fit;
mod model;

pub(super) use model::RAW;

use super::summary_of::SummaryOf;
use crate::class::{Class, Role};
use crate::param::{Param, shared};

const MODEL: &str = "org.apache.spark.ml.classification.LinearSVCModel";

const SUMMARY: SummaryOf =
    SummaryOf { name: "LinearSVC", is_binary: true, says_binary: false, score: "rawPredictionCol" };

const PARAMS: &[Param] = &[
    shared::AGGREGATION_DEPTH,
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    shared::LABEL_COL,
    shared::MAX_BLOCK_SIZE_IN_MB,
    shared::MAX_ITER,
    shared::PREDICTION_COL,
    shared::RAW_PREDICTION_COL,
    shared::REG_PARAM,
    shared::STANDARDIZATION,
    // Any number: raw predictions have no bounds.
    Param::double("threshold", 0.0),
    shared::TOL,
    shared::WEIGHT_COL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: "org.apache.spark.ml.classification.LinearSVC",
        params: PARAMS,
        role: Role::Estimator { fit: fit::fit, model: MODEL },
    },
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &[
                "coefficients",
                "evaluate",
                "intercept",
                "numClasses",
                "numFeatures",
                "predict",
                "predictRaw",
                "summary",
            ],
            load: model::load,
        },
    },
];

//! `FMClassifier` and `FMRegressor`: factorization machines of degree two.

mod descent;
mod fit;
mod machine;
mod model;

pub(super) use model::{PREDICT, RAW};

use super::summary_of::SummaryOf;
use crate::class::{Class, Role};
use crate::param::{Default, Param, Valid, shared};

const CLASSIFIER_MODEL: &str = "org.apache.spark.ml.classification.FMClassificationModel";
const REGRESSOR_MODEL: &str = "org.apache.spark.ml.regression.FMRegressionModel";

const SUMMARY: SummaryOf = SummaryOf {
    name: "FMClassification",
    is_binary: true,
    says_binary: false,
    score: "probabilityCol",
};

const FACTOR_SIZE: Param = Param::int("factorSize", 8).valid(Valid::Gt(0.0));
const FIT_LINEAR: Param = Param::bool("fitLinear", true);
const INIT_STD: Param = Param::double("initStd", 0.01).valid(Valid::GtEq(0.0));
const MINI_BATCH_FRACTION: Param =
    Param::double("miniBatchFraction", 1.0).valid(Valid::Between(0.0, 1.0, false, true));
const SOLVER: Param =
    Param::string("solver", "adamW").valid(Valid::OneOfIgnoringCase(&["gd", "adamW"]));

const CLASSIFIER: &[Param] = &[
    FACTOR_SIZE,
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    FIT_LINEAR,
    INIT_STD,
    shared::LABEL_COL,
    shared::MAX_ITER,
    MINI_BATCH_FRACTION,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::REG_PARAM,
    shared::SEED,
    SOLVER,
    shared::STEP_SIZE.or(Default::Double(1.0)),
    shared::THRESHOLDS,
    shared::TOL,
    shared::WEIGHT_COL,
];

const REGRESSOR: &[Param] = &[
    FACTOR_SIZE,
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    FIT_LINEAR,
    INIT_STD,
    shared::LABEL_COL,
    shared::MAX_ITER,
    MINI_BATCH_FRACTION,
    shared::PREDICTION_COL,
    shared::REG_PARAM,
    shared::SEED,
    SOLVER,
    shared::STEP_SIZE.or(Default::Double(1.0)),
    shared::TOL,
    shared::WEIGHT_COL,
];

pub(super) const CLASSES: [Class; 4] = [
    Class {
        name: CLASSIFIER_MODEL,
        params: CLASSIFIER,
        role: Role::Model {
            attributes: &[
                "evaluate",
                "factors",
                "intercept",
                "linear",
                "numClasses",
                "numFeatures",
                "predict",
                "predictProbability",
                "predictRaw",
                "summary",
            ],
            load: |_, from| model::load(true, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.classification.FMClassifier",
        params: CLASSIFIER,
        role: Role::Estimator { fit: fit::fit_classifier, model: CLASSIFIER_MODEL },
    },
    Class {
        name: REGRESSOR_MODEL,
        params: REGRESSOR,
        role: Role::Model {
            attributes: &["factors", "intercept", "linear", "numFeatures", "predict"],
            load: |_, from| model::load(false, from),
        },
    },
    Class {
        name: "org.apache.spark.ml.regression.FMRegressor",
        params: REGRESSOR,
        role: Role::Estimator { fit: fit::fit_regressor, model: REGRESSOR_MODEL },
    },
];

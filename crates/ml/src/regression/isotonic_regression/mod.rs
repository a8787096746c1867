//! `IsotonicRegression`: the closest function of one feature that never falls (or never rises), by the
//! pool-adjacent-violators algorithm.

mod fit;
mod model;
mod pool;

pub(super) use model::PREDICT;

use crate::class::{Class, Role};
use crate::param::{Param, Valid, shared};

const MODEL: &str = "org.apache.spark.ml.regression.IsotonicRegressionModel";

const PARAMS: &[Param] = &[
    Param::int("featureIndex", 0).valid(Valid::GtEq(0.0)),
    shared::FEATURES_COL,
    Param::bool("isotonic", true),
    shared::LABEL_COL,
    shared::PREDICTION_COL,
    shared::WEIGHT_COL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: "org.apache.spark.ml.regression.IsotonicRegression",
        params: PARAMS,
        role: Role::Estimator { fit: fit::fit, model: MODEL },
    },
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &["boundaries", "numFeatures", "predict", "predictions"],
            load: model::load,
        },
    },
];

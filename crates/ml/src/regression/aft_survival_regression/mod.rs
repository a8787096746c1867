//! `AFTSurvivalRegression`: times until an event, some of which are only known to be longer than observed. The
//! logarithm of the time is linear in the features, with errors of an extreme value distribution (Weibull's model).

mod fit;
mod model;

pub(super) use model::{PREDICT, QUANTILES};

use crate::class::{Class, Role};
use crate::param::{Default, Param, ParamKind, Valid, shared};
use crate::value::Value;

const MODEL: &str = "org.apache.spark.ml.regression.AFTSurvivalRegressionModel";

const PARAMS: &[Param] = &[
    shared::AGGREGATION_DEPTH,
    Param::string("censorCol", "censor"),
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    shared::LABEL_COL,
    shared::MAX_BLOCK_SIZE_IN_MB,
    shared::MAX_ITER,
    shared::PREDICTION_COL,
    Param::new(
        "quantileProbabilities",
        ParamKind::Doubles,
        Default::Doubles(&[0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]),
    )
    .valid(Valid::Check(|value| match value {
        Value::Doubles(items) => {
            !items.is_empty() && items.iter().all(|item| *item > 0.0 && *item < 1.0)
        }
        _ => false,
    })),
    Param::new("quantilesCol", ParamKind::String, Default::None),
    shared::TOL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: "org.apache.spark.ml.regression.AFTSurvivalRegression",
        params: PARAMS,
        role: Role::Estimator { fit: fit::fit, model: MODEL },
    },
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &[
                "coefficients",
                "intercept",
                "numFeatures",
                "predict",
                "predictQuantiles",
                "scale",
            ],
            load: model::load,
        },
    },
];

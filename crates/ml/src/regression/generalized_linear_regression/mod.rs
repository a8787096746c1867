//! `GeneralizedLinearRegression`: labels of an exponential family whose mean is a function of a linear one, fitted by
//! iteratively reweighted least squares.
//!
//! | module | question |
//! |---|---|
//! | `family`, `link` | what is assumed of the labels |
//! | `fit` | the iterations |
//! | `model`, `summary`, `text` | what a fit gives, and how it is shown |

mod family;
mod fit;
mod link;
mod model;
mod summary;
mod text;

pub(super) use model::PREDICT;
pub(super) use summary::RESIDUALS;

use crate::class::{Class, Role};
use crate::param::{Default, Param, ParamKind, Valid, shared};

const MODEL: &str = "org.apache.spark.ml.regression.GeneralizedLinearRegressionModel";

const PARAMS: &[Param] = &[
    shared::AGGREGATION_DEPTH,
    Param::string("family", "gaussian")
        .valid(Valid::OneOfIgnoringCase(&["gaussian", "binomial", "poisson", "gamma", "tweedie"])),
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    shared::LABEL_COL,
    Param::new("link", ParamKind::String, Default::None).valid(Valid::OneOfIgnoringCase(&[
        "identity", "log", "inverse", "logit", "probit", "cloglog", "sqrt",
    ])),
    Param::new("linkPower", ParamKind::Double, Default::None),
    Param::new("linkPredictionCol", ParamKind::String, Default::None),
    shared::MAX_ITER.or(Default::Int(25)),
    Param::new("offsetCol", ParamKind::String, Default::None),
    shared::PREDICTION_COL,
    shared::REG_PARAM,
    Param::string("solver", "irls").valid(Valid::OneOfIgnoringCase(&["irls"])),
    shared::TOL,
    Param::double("variancePower", 0.0).valid(Valid::Check(|value| {
        value.as_f64().is_some_and(|power| power == 0.0 || power >= 1.0)
    })),
    shared::WEIGHT_COL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: "org.apache.spark.ml.regression.GeneralizedLinearRegression",
        params: PARAMS,
        role: Role::Estimator { fit: fit::fit, model: MODEL },
    },
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &["coefficients", "evaluate", "intercept", "numFeatures", "predict"],
            load: model::load,
        },
    },
];

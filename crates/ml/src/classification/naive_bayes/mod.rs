//! `NaiveBayes`: multinomial, complement, Bernoulli and Gaussian.

mod fit;
mod model;

pub(super) use model::RAW;

use crate::class::{Class, Role};
use crate::param::{Param, Valid, shared};
use fit::fit;
use model::load;
use serde::{Deserialize, Serialize};

const MODEL: &str = "org.apache.spark.ml.classification.NaiveBayesModel";

const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::LABEL_COL,
    Param::string("modelType", "multinomial").valid(Valid::OneOf(&[
        "multinomial",
        "bernoulli",
        "gaussian",
        "complement",
    ])),
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    Param::double("smoothing", 1.0).valid(Valid::GtEq(0.0)),
    shared::THRESHOLDS,
    shared::WEIGHT_COL,
];

pub(super) const CLASSES: [Class; 2] = [
    Class {
        name: "org.apache.spark.ml.classification.NaiveBayes",
        params: PARAMS,
        role: Role::Estimator { fit, model: MODEL },
    },
    Class {
        name: MODEL,
        params: PARAMS,
        role: Role::Model {
            attributes: &[
                "numClasses",
                "numFeatures",
                "pi",
                "predict",
                "predictProbability",
                "predictRaw",
                "sigma",
                "theta",
            ],
            load,
        },
    },
];

/// The parameter `modelType`: how features are distributed in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    Multinomial,
    Complement,
    Bernoulli,
    Gaussian,
}

impl Kind {
    fn of(params: &crate::param::Params) -> firesteel_common::Result<Self> {
        Ok(match params.string("modelType")? {
            "complement" => Kind::Complement,
            "bernoulli" => Kind::Bernoulli,
            "gaussian" => Kind::Gaussian,
            _ => Kind::Multinomial,
        })
    }
}

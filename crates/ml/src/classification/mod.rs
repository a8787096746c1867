//! Classifiers (`org.apache.spark.ml.classification`) except trees, which are in `tree`.

mod logistic_regression;
pub(crate) mod outputs;
pub(crate) mod summary;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.ml.classification.LogisticRegression",
            params: logistic_regression::PARAMS,
            role: Role::Estimator {
                fit: logistic_regression::fit,
                model: "org.apache.spark.ml.classification.LogisticRegressionModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.classification.LogisticRegressionModel",
            params: logistic_regression::PARAMS,
            role: Role::Model {
                attributes: logistic_regression::ATTRIBUTES,
                load: logistic_regression::load,
            },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    let own: Vec<&'static dyn AnyFunction> = vec![&logistic_regression::RAW];
    [outputs::functions(), own].concat()
}

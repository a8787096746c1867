//! Regression (`org.apache.spark.ml.regression`) except trees, which are in `tree`.

pub(crate) mod linear;
mod linear_regression;
pub(crate) mod prediction;
pub(crate) mod scaling;
pub(crate) mod weighted_least_squares;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.ml.regression.LinearRegression",
            params: linear_regression::PARAMS,
            role: Role::Estimator {
                fit: linear_regression::fit,
                model: "org.apache.spark.ml.regression.LinearRegressionModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.regression.LinearRegressionModel",
            params: linear_regression::PARAMS,
            role: Role::Model {
                attributes: linear_regression::ATTRIBUTES,
                load: linear_regression::load,
            },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&linear::LINEAR]
}

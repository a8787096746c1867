//! Regression (`org.apache.spark.ml.regression`) except trees, which are in `tree`.

mod aft_survival_regression;
mod generalized_linear_regression;
mod isotonic_regression;
pub(crate) mod linear;
mod linear_regression;
pub(crate) mod prediction;
pub(crate) mod scaling;
pub(crate) mod weighted_least_squares;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes.
pub(crate) fn classes() -> Vec<Class> {
    let mut classes = vec![
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
    ];
    classes.extend(aft_survival_regression::CLASSES);
    classes.extend(generalized_linear_regression::CLASSES);
    classes.extend(isotonic_regression::CLASSES);
    classes
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![
        &aft_survival_regression::PREDICT,
        &aft_survival_regression::QUANTILES,
        &generalized_linear_regression::PREDICT,
        &generalized_linear_regression::RESIDUALS,
        &isotonic_regression::PREDICT,
        &linear::LINEAR,
    ]
}

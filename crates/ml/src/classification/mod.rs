//! Classifiers (`org.apache.spark.ml.classification`) except trees, which are in `tree`.

pub(crate) mod classes;
mod factorization_machines;
mod linear_svc;
mod logistic_regression;
mod naive_bayes;
pub(crate) mod outputs;
mod perceptron;
pub(crate) mod summary;
pub(crate) mod summary_of;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    let logistic_regression = vec![
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
    ];
    [
        factorization_machines::CLASSES.to_vec(),
        linear_svc::CLASSES.to_vec(),
        logistic_regression,
        naive_bayes::CLASSES.to_vec(),
        perceptron::CLASSES.to_vec(),
    ]
    .concat()
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    let own: Vec<&'static dyn AnyFunction> = vec![
        &factorization_machines::PREDICT,
        &factorization_machines::RAW,
        &linear_svc::RAW,
        &logistic_regression::RAW,
        &naive_bayes::RAW,
        &perceptron::RAW,
    ];
    [outputs::functions(), own].concat()
}

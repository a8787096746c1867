//! Recommendation (`org.apache.spark.ml.recommendation`).

mod als;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.ml.recommendation.ALS",
            params: als::PARAMS,
            role: Role::Estimator {
                fit: als::fit,
                model: "org.apache.spark.ml.recommendation.ALSModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.recommendation.ALSModel",
            params: als::MODEL_PARAMS,
            role: Role::Model {
                attributes: &[
                    "rank",
                    "userFactors",
                    "itemFactors",
                    "recommendForAllUsers",
                    "recommendForAllItems",
                    "recommendForUserSubset",
                    "recommendForItemSubset",
                ],
                load: als::load,
            },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&als::KNOWN, &als::PREDICT, &als::RECOMMEND]
}

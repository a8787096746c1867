//! Optimisers of the older API (`org.apache.spark.mllib.optimization`), which no class of `spark.ml` has: `pyspark.mllib`
//! asks for them as estimators whose models are nothing but weights. Real Spark's Connect server knows no such classes.

mod gradient_descent;
mod lbfgs;
mod penalty;
mod weights;

use crate::class::{Class, Role};

const MODEL: &str = "org.apache.spark.mllib.optimization.Weights";

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.mllib.optimization.GradientDescent",
            params: gradient_descent::PARAMS,
            role: Role::Estimator { fit: gradient_descent::fit, model: MODEL },
        },
        Class {
            name: "org.apache.spark.mllib.optimization.LBFGS",
            params: lbfgs::PARAMS,
            role: Role::Estimator { fit: lbfgs::fit, model: MODEL },
        },
        Class {
            name: MODEL,
            params: &[],
            role: Role::Model { attributes: &["weights"], load: weights::load },
        },
    ]
}

//! Clustering (`org.apache.spark.ml.clustering`).

mod features;
pub(crate) mod kmeans;
mod summary;
pub(crate) mod take_sample;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.ml.clustering.KMeans",
            params: kmeans::PARAMS,
            role: Role::Estimator {
                fit: kmeans::fit,
                model: "org.apache.spark.ml.clustering.KMeansModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.clustering.KMeansModel",
            params: kmeans::PARAMS,
            role: Role::Model {
                attributes: &["predict", "numFeatures", "clusterCenterMatrix"],
                load: kmeans::load,
            },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&kmeans::ASSIGN]
}

//! Clustering (`org.apache.spark.ml.clustering`).

mod features;
pub(crate) mod kmeans;
mod lda;
mod summary;
pub(crate) mod take_sample;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// What both models of LDA offer; the local one says no to some.
const LDA_ATTRIBUTES: &[&str] = &[
    "isDistributed",
    "vocabSize",
    "topicsMatrix",
    "describeTopics",
    "logLikelihood",
    "logPerplexity",
    "estimatedDocConcentration",
    "toLocal",
    "trainingLogLikelihood",
    "logPrior",
    "getCheckpointFiles",
];

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: lda::DISTRIBUTED,
            params: lda::PARAMS,
            role: Role::Model { attributes: LDA_ATTRIBUTES, load: lda::load_distributed },
        },
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
        Class {
            name: "org.apache.spark.ml.clustering.LDA",
            params: lda::PARAMS,
            role: Role::Estimator { fit: lda::fit, model: lda::LOCAL },
        },
        Class {
            name: lda::LOCAL,
            params: lda::PARAMS,
            role: Role::Model { attributes: LDA_ATTRIBUTES, load: lda::load_local },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&kmeans::ASSIGN, &lda::INFER]
}

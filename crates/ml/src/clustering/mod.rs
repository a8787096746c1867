//! Clustering (`org.apache.spark.ml.clustering`).

mod bisecting_kmeans;
mod features;
mod gaussian_mixture;
pub(crate) mod kmeans;
mod lda;
pub(crate) mod power_iteration;
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
            name: "org.apache.spark.ml.clustering.BisectingKMeans",
            params: bisecting_kmeans::PARAMS,
            role: Role::Estimator {
                fit: bisecting_kmeans::fit,
                model: "org.apache.spark.ml.clustering.BisectingKMeansModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.clustering.BisectingKMeansModel",
            params: bisecting_kmeans::PARAMS,
            role: Role::Model {
                attributes: &["predict", "numFeatures", "clusterCenterMatrix", "computeCost"],
                load: bisecting_kmeans::load,
            },
        },
        Class {
            name: lda::DISTRIBUTED,
            params: lda::PARAMS,
            role: Role::Model { attributes: LDA_ATTRIBUTES, load: lda::load_distributed },
        },
        Class {
            name: "org.apache.spark.ml.clustering.GaussianMixture",
            params: gaussian_mixture::PARAMS,
            role: Role::Estimator {
                fit: gaussian_mixture::fit,
                model: "org.apache.spark.ml.clustering.GaussianMixtureModel",
            },
        },
        Class {
            name: "org.apache.spark.ml.clustering.GaussianMixtureModel",
            params: gaussian_mixture::PARAMS,
            role: Role::Model {
                attributes: &[
                    "weights",
                    "gaussiansDF",
                    "predict",
                    "predictProbability",
                    "numFeatures",
                ],
                load: gaussian_mixture::load,
            },
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
        power_iteration::WRAPPER,
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![
        &bisecting_kmeans::ASSIGN,
        &gaussian_mixture::COMPONENT,
        &gaussian_mixture::PROBABILITY,
        &kmeans::ASSIGN,
        &lda::INFER,
    ]
}

//! Evaluators (`org.apache.spark.ml.evaluation`) and the metrics that summaries share with them.

mod arrays;
mod binary;
mod binary_metrics;
mod clustering;
mod multiclass;
mod multiclass_metrics;
mod multilabel;
mod ranking;
mod regression;
mod regression_metrics;
mod rows;

pub(crate) use binary_metrics::BinaryMetrics;
pub(crate) use multiclass_metrics::MulticlassMetrics;
pub(crate) use regression_metrics::RegressionMetrics;

use crate::class::{Class, Role};
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![
        Class {
            name: "org.apache.spark.ml.evaluation.BinaryClassificationEvaluator",
            params: binary::PARAMS,
            role: Role::Evaluator { evaluate: binary::evaluate },
        },
        Class {
            name: "org.apache.spark.ml.evaluation.ClusteringEvaluator",
            params: clustering::PARAMS,
            role: Role::Evaluator { evaluate: clustering::evaluate },
        },
        Class {
            name: "org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator",
            params: multiclass::PARAMS,
            role: Role::Evaluator { evaluate: multiclass::evaluate },
        },
        Class {
            name: "org.apache.spark.ml.evaluation.MultilabelClassificationEvaluator",
            params: multilabel::PARAMS,
            role: Role::Evaluator { evaluate: multilabel::evaluate },
        },
        Class {
            name: "org.apache.spark.ml.evaluation.RankingEvaluator",
            params: ranking::PARAMS,
            role: Role::Evaluator { evaluate: ranking::evaluate },
        },
        Class {
            name: "org.apache.spark.ml.evaluation.RegressionEvaluator",
            params: regression::PARAMS,
            role: Role::Evaluator { evaluate: regression::evaluate },
        },
    ]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![]
}

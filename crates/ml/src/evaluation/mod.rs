//! Evaluators (`org.apache.spark.ml.evaluation`) and the metrics that summaries share with them.

use crate::class::Class;
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![]
}

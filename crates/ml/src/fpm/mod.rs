//! Frequent patterns (`org.apache.spark.ml.fpm`).

mod fp_growth;
mod items;
pub(crate) mod prefix_span;

use crate::class::Class;
use crate::function::AnyFunction;

/// The family's classes, sorted by name.
pub(crate) fn classes() -> Vec<Class> {
    vec![fp_growth::CLASS, fp_growth::MODEL]
}

/// What the family's classes put into plans.
pub(crate) fn functions() -> Vec<&'static dyn AnyFunction> {
    vec![&fp_growth::PREDICT]
}

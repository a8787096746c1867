//! Errors of functions that Spark runs as Scala functions in a query (`FAILED_EXECUTE_UDF`).

use crate::linalg::vector_type;
use firesteel_common::SparkError;

pub(super) use crate::error::function_failed as failed;

/// Of a function of vectors into vectors.
pub(super) fn vectors(name: &str, reason: &str) -> SparkError {
    let vector = vector_type().simple_string();
    failed(name, &vector, &vector, reason)
}

/// Scala's `require` in one.
pub(super) fn vectors_requirement(name: &str, message: &str) -> SparkError {
    vectors(name, &format!("java.lang.IllegalArgumentException: requirement failed: {message}"))
}

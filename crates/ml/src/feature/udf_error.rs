//! Errors of functions that Spark runs as Scala functions in a query (`FAILED_EXECUTE_UDF`).

use crate::linalg::vector_type;
use firesteel_common::SparkError;
use firesteel_common::error::ErrorKind;

/// `name` and the SQL types of argument and result as the message shows them; `reason` is `class: message`.
pub(super) fn failed(name: &str, argument: &str, result: &str, reason: &str) -> SparkError {
    let function = format!("`{name}`: ({argument}) => {result}");
    let message = format!("User defined function ({function}) failed due to: {reason}.");
    SparkError::new(ErrorKind::Execution, "FAILED_EXECUTE_UDF", message)
        .with("functionName", format!("`{name}`"))
        .with("signature", argument)
        .with("result", result)
        .with("reason", reason)
}

/// Of a function of vectors into vectors.
pub(super) fn vectors(name: &str, reason: &str) -> SparkError {
    let vector = vector_type().simple_string();
    failed(name, &vector, &vector, reason)
}

/// Scala's `require` in one.
pub(super) fn vectors_requirement(name: &str, message: &str) -> SparkError {
    vectors(name, &format!("java.lang.IllegalArgumentException: requirement failed: {message}"))
}

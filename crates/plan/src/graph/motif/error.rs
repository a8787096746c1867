//! Errors of patterns.

use firesteel_common::SparkError;
use firesteel_common::error::ErrorKind;

/// `org.graphframes.InvalidParseException`.
pub(super) fn invalid(message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::GraphFrames, "", message).with("class", "InvalidParseException")
}

/// A pattern that does not follow the grammar.
pub(super) fn bad(pattern: &str, reason: &str) -> SparkError {
    invalid(format!("Failed to parse bad motif string: '{pattern}'.  Returned message: {reason}"))
}

//! What can be wrong with a message, in Spark's words: `CONNECT_INVALID_PLAN` and its sub-conditions.

use firesteel_common::SparkError;
use firesteel_common::error::ErrorKind;

/// A sub-condition of `CONNECT_INVALID_PLAN`.
pub fn invalid(sub_condition: &str, message: impl AsRef<str>) -> SparkError {
    SparkError::new(
        ErrorKind::InvalidPlan,
        format!("CONNECT_INVALID_PLAN.{sub_condition}"),
        format!("The Spark Connect plan is invalid. {}", message.as_ref()),
    )
}

/// One of several parts must be there and none is.
pub fn unset(full_name: &str, name: &str) -> SparkError {
    let message = format!("This oneOf field in {full_name} is not set: {name}");
    invalid("INVALID_ONE_OF_FIELD_NOT_SET", message).with("fullName", full_name).with("name", name)
}

/// A part of a kind that is not for clients.
pub fn unsupported(full_name: &str, name: &str, number: i32) -> SparkError {
    let message =
        format!("This oneOf field message in {full_name} is not supported: {name}({number})");
    invalid("INVALID_ONE_OF_FIELD_NOT_SUPPORTED", message)
        .with("fullName", full_name)
        .with("name", name)
        .with("number", number.to_string())
}

/// An enum without a value, or with one that the protocol does not know.
pub fn invalid_enum(full_name: &str, name: &str) -> SparkError {
    let message = format!("This enum value of {full_name} is invalid: {name}(0)");
    invalid("INVALID_ENUM", message)
        .with("fullName", full_name)
        .with("name", name)
        .with("number", "0")
}

pub fn relation() -> SparkError {
    unset("spark.connect.Relation", "RELTYPE_NOT_SET")
}

pub fn expression() -> SparkError {
    unset("spark.connect.Expression", "EXPRTYPE_NOT_SET")
}

pub fn data_type() -> SparkError {
    let kind = "KIND_NOT_SET";
    let message = format!("Does not support convert {kind} to catalyst types.");
    invalid("DATA_TYPE_UNSUPPORTED_PROTO_TO_CATALYST", message).with("kindCase", kind)
}

pub fn literal() -> SparkError {
    let kind = "LITERALTYPE_NOT_SET(0)";
    let message = format!("Unsupported Literal Type: {kind}");
    invalid("UNSUPPORTED_LITERAL_TYPE", message).with("typeInfo", kind)
}

pub fn read() -> SparkError {
    unset("spark.connect.Read", "READTYPE_NOT_SET")
}

pub fn catalog() -> SparkError {
    unset("spark.connect.Catalog", "CATTYPE_NOT_SET")
}

pub fn window_function() -> SparkError {
    invalid("WINDOW_FUNCTION_REQUIRED", "WindowFunction is required in WindowExpression")
}

pub fn lower_bound() -> SparkError {
    invalid("LOWER_BOUND_REQUIRED_IN_WINDOW_FRAME", "LowerBound is required in WindowFrame")
}

pub fn upper_bound() -> SparkError {
    invalid("UPPER_BOUND_REQUIRED_IN_WINDOW_FRAME", "UpperBound is required in WindowFrame")
}

/// A part for which Spark has no words.
pub fn part(what: &str) -> impl FnOnce() -> SparkError {
    let message = format!("The plan lacks {what}.");
    move || SparkError::invalid_plan(message)
}

//! Spark's errors that several algorithms raise.

use firesteel_common::error::ErrorKind;
use firesteel_common::{SparkError, SparkType};

/// `IllegalArgumentException`.
pub fn illegal(message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

/// Scala's `require`.
pub fn requirement(message: impl AsRef<str>) -> SparkError {
    illegal(format!("requirement failed: {}", message.as_ref()))
}

/// `SparkException`.
pub fn failed(message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", message)
}

/// `raise_error` in a query that Spark checks its input with.
pub fn raised(message: impl Into<String>) -> SparkError {
    let message = message.into();
    SparkError::runtime("USER_RAISED_EXCEPTION", message.clone()).with("errorMessage", message)
}

/// A Scala function in a query failed: what Spark runs as a UDF in a transformer. `arguments` and `result` are SQL types,
/// `reason` is `class: message`.
pub fn function_failed(name: &str, arguments: &str, result: &str, reason: &str) -> SparkError {
    let function = format!("`{name}`: ({arguments}) => {result}");
    let message = format!("User defined function ({function}) failed due to: {reason}.");
    SparkError::new(ErrorKind::Execution, "FAILED_EXECUTE_UDF", message)
        .with("functionName", format!("`{name}`"))
        .with("signature", arguments)
        .with("result", result)
        .with("reason", reason)
}

/// As [`function_failed`], where the types are not at hand.
pub fn in_function(function: &str, message: impl AsRef<str>) -> SparkError {
    let message = message.as_ref();
    SparkError::new(
        ErrorKind::Execution,
        "FAILED_EXECUTE_UDF",
        format!("User defined function (`{function}`) failed due to: org.apache.spark.SparkException: {message}."),
    )
    .with("functionName", format!("`{function}`"))
    .with("reason", format!("org.apache.spark.SparkException: {message}"))
}

/// A query names a column that is not there.
pub fn unresolved_column<'a>(name: &str, columns: impl Iterator<Item = &'a str>) -> SparkError {
    let proposal: Vec<String> = columns.map(|column| format!("`{column}`")).collect();
    let proposal = proposal.join(", ");
    let message = format!(
        "A column, variable, or function parameter with name `{name}` cannot be resolved. Did you mean one of the \
         following? [{proposal}]."
    );
    SparkError::analysis("UNRESOLVED_COLUMN.WITH_SUGGESTION", message)
        .with("objectName", format!("`{name}`"))
        .with("proposal", proposal)
}

/// A query casts to doubles what is none.
pub fn no_cast_to_double(name: &str, data_type: &str) -> SparkError {
    let (expression, from) =
        (format!("\"CAST({name} AS DOUBLE)\""), format!("\"{}\"", data_type.to_uppercase()));
    let message = format!(
        "Cannot resolve {expression} due to data type mismatch: cannot cast {from} to \"DOUBLE\"."
    );
    SparkError::analysis("DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", message)
        .with("sqlExpr", expression)
        .with("srcType", from)
        .with("targetType", "\"DOUBLE\"")
}

/// A fit on no rows, where Spark looks at the first one for the number of features.
pub fn no_first_row() -> SparkError {
    SparkError::new(ErrorKind::NoSuchElement, "", "head of empty array")
}

/// A fit on no rows, of what Spark asks its summarizer for.
pub fn empty_summary() -> SparkError {
    requirement("Nothing has been added to this summarizer.")
}

/// A fit on no rows.
pub fn empty_dataset() -> SparkError {
    failed("ML algorithm was given empty dataset.")
}

/// An attribute that the class does not offer.
pub fn attribute_not_allowed(class: &str, attribute: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "CONNECT_ML.ATTRIBUTE_NOT_ALLOWED",
        format!(
            "Generic Spark Connect ML error. {attribute} in {class} is not allowed to be accessed."
        ),
    )
    .with("className", class)
    .with("methodName", attribute)
}

/// A class that is not served.
pub fn unsupported_class(class: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "CONNECT_ML.UNSUPPORTED_EXCEPTION",
        format!("Generic Spark Connect ML error. {class} is not supported."),
    )
    .with("message", format!("{class} is not supported."))
}

/// The name of a type's class in Spark.
pub fn class_name(data_type: &SparkType) -> String {
    match data_type {
        SparkType::Array { element, contains_null } => {
            format!("ArrayType({},{contains_null})", class_name(element))
        }
        other => {
            let name = other.simple_string();
            let name = match name.as_str() {
                "int" => "integer",
                "bigint" => "long",
                "smallint" => "short",
                "tinyint" => "byte",
                other => other,
            };
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            format!("{}{}Type", first.map(String::from).unwrap_or_default(), letters.as_str())
        }
    }
}

//! Errors that many functions raise while running, in Spark's words.

use firesteel_common::{ErrorKind, SparkError};

pub(crate) const ANSI_KEY: &str = "\"spark.sql.ansi.enabled\"";

/// `ARITHMETIC_OVERFLOW`; `instead` names the function that gives null: `try_add`, or is empty.
pub(crate) fn arithmetic_overflow(message: &str, instead: &str) -> SparkError {
    let alternative = if instead.is_empty() {
        String::new()
    } else {
        format!(" Use '{instead}' to tolerate overflow and return NULL instead.")
    };
    SparkError::new(
        ErrorKind::Arithmetic,
        "ARITHMETIC_OVERFLOW",
        format!(
            "{message}.{alternative} If necessary set {ANSI_KEY} to \"false\" to bypass this error."
        ),
    )
    .with("message", message)
    .with("alternative", alternative)
    .with("config", ANSI_KEY)
}

/// `BINARY_ARITHMETIC_OVERFLOW`: what bytes and shorts raise.
pub(crate) fn binary_overflow(left: &str, symbol: &str, right: &str, instead: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "BINARY_ARITHMETIC_OVERFLOW",
        format!(
            "{left} {symbol} {right} caused overflow. Use `{instead}` to ignore overflow problem \
             and return NULL."
        ),
    )
    .with("value1", left)
    .with("symbol", symbol)
    .with("value2", right)
    .with("functionName", format!("`{instead}`"))
}

pub(crate) fn divide_by_zero() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "DIVIDE_BY_ZERO",
        format!(
            "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL \
             instead. If necessary set {ANSI_KEY} to \"false\" to bypass this error."
        ),
    )
    .with("config", ANSI_KEY)
}

pub(crate) fn remainder_by_zero() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "REMAINDER_BY_ZERO",
        format!(
            "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL \
             instead. If necessary set {ANSI_KEY} to \"false\" to bypass this error."
        ),
    )
    .with("config", ANSI_KEY)
}

/// `NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION`: a decimal too large for its type.
pub(crate) fn decimal_out_of_range(value: &str, precision: u8, scale: i8) -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        format!(
            "{value} cannot be represented as Decimal({precision}, {scale}). If necessary set \
             {ANSI_KEY} to \"false\" to bypass this error, and return NULL instead."
        ),
    )
    .with("value", value)
    .with("precision", precision.to_string())
    .with("scale", scale.to_string())
    .with("config", ANSI_KEY)
}

/// `CAST_OVERFLOW`; `value` as a SQL literal, types in SQL form.
pub(crate) fn cast_overflow(value: &str, from: &str, to: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "CAST_OVERFLOW",
        format!(
            "The value {value} of the type \"{from}\" cannot be cast to \"{to}\" due to an \
             overflow. Use `try_cast` to tolerate overflow and return NULL instead."
        ),
    )
    .with("value", value)
    .with("sourceType", format!("\"{from}\""))
    .with("targetType", format!("\"{to}\""))
}

/// `CAST_INVALID_INPUT`; `value` as a SQL literal, types in SQL form.
pub(crate) fn cast_invalid_input(kind: ErrorKind, value: &str, from: &str, to: &str) -> SparkError {
    SparkError::new(
        kind,
        "CAST_INVALID_INPUT",
        format!(
            "The value {value} of the type \"{from}\" cannot be cast to \"{to}\" because it is \
             malformed. Correct the value as per the syntax, or change its target type. Use \
             `try_cast` to tolerate malformed input and return NULL instead."
        ),
    )
    .with("expression", value)
    .with("sourceType", format!("\"{from}\""))
    .with("targetType", format!("\"{to}\""))
}

/// `INVALID_INTERVAL_FORMAT`: a string that is no interval of the type, in SQL form.
pub(crate) fn invalid_interval(text: &str, to: &str) -> SparkError {
    SparkError::new(
        ErrorKind::IllegalArgument,
        "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE",
        format!(
            "Error parsing '{text}' to interval. Please ensure that the value provided is in a \
             valid format for defining an interval: {to}."
        ),
    )
    .with("input", text)
    .with("typeName", to)
}

/// `INVALID_PARAMETER_VALUE.<sub>` with its own message and parameters.
pub(crate) fn invalid_parameter_value(
    function: &str,
    parameter: &str,
    sub: &str,
    detail: &str,
) -> SparkError {
    SparkError::runtime(
        format!("INVALID_PARAMETER_VALUE.{sub}"),
        format!("The value of parameter(s) `{parameter}` in `{function}` is invalid: {detail}"),
    )
    .with("parameter", format!("`{parameter}`"))
    .with("functionName", format!("`{function}`"))
}

/// A string as a SQL literal in messages.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

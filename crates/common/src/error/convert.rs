//! Passage of [`SparkError`] through DataFusion and Arrow and back.

use super::{ErrorKind, SparkError};
use arrow::error::ArrowError;
use datafusion_common::DataFusionError;
use std::error::Error;

impl From<SparkError> for DataFusionError {
    fn from(error: SparkError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

impl From<SparkError> for ArrowError {
    fn from(error: SparkError) -> Self {
        ArrowError::ExternalError(Box::new(error))
    }
}

impl From<ArrowError> for SparkError {
    fn from(error: ArrowError) -> Self {
        match find_spark_error(&error) {
            Some(found) => found,
            None => from_arrow(&error),
        }
    }
}

impl From<DataFusionError> for SparkError {
    fn from(error: DataFusionError) -> Self {
        match find_spark_error(&error) {
            Some(found) => found,
            None => SparkError::from_envelope(&error.to_string())
                .unwrap_or_else(|| from_datafusion(&error)),
        }
    }
}

/// The [`SparkError`] that lies somewhere under DataFusion's and Arrow's wrappers.
fn find_spark_error(error: &(dyn Error + 'static)) -> Option<SparkError> {
    if let Some(found) = error.downcast_ref::<SparkError>() {
        return Some(found.clone());
    }
    match error.downcast_ref::<DataFusionError>() {
        Some(DataFusionError::External(inner)) => return find_spark_error(inner.as_ref()),
        Some(DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner)) => {
            return find_spark_error(inner.as_ref());
        }
        Some(DataFusionError::Shared(inner)) => return find_spark_error(inner.as_ref()),
        Some(DataFusionError::Collection(errors)) => {
            return errors.iter().find_map(|inner| find_spark_error(inner));
        }
        Some(DataFusionError::ArrowError(inner, _)) => return find_spark_error(inner.as_ref()),
        // What a cluster tries again: the death of a worker.
        Some(DataFusionError::IoError(inner)) => return find_spark_error(inner.get_ref()?),
        _ => {}
    }
    match error.downcast_ref::<ArrowError>() {
        Some(ArrowError::ExternalError(inner)) => find_spark_error(inner.as_ref()),
        _ => None,
    }
}

fn from_arrow(error: &ArrowError) -> SparkError {
    match error {
        ArrowError::DivideByZero => SparkError::new(
            ErrorKind::Arithmetic,
            "DIVIDE_BY_ZERO",
            "Division by zero. Use `try_divide` to get NULL instead, or set \
             \"spark.sql.ansi.enabled\" to \"false\".",
        )
        .with("config", "\"spark.sql.ansi.enabled\""),
        ArrowError::ArithmeticOverflow(message) => SparkError::new(
            ErrorKind::Arithmetic,
            "ARITHMETIC_OVERFLOW",
            format!("{message}. If necessary set \"spark.sql.ansi.enabled\" to \"false\"."),
        )
        .with("message", message.clone()),
        ArrowError::OffsetOverflowError(n) => SparkError::new(
            ErrorKind::Resources,
            "",
            format!(
                "A column of one batch of rows would hold {n} bytes or elements, and may hold \
                 2147483647."
            ),
        ),
        other => SparkError::new(ErrorKind::Execution, "", other.to_string()),
    }
}

fn from_datafusion(error: &DataFusionError) -> SparkError {
    match error.find_root() {
        DataFusionError::ArrowError(inner, _) => from_arrow(inner),
        DataFusionError::ResourcesExhausted(message) => {
            SparkError::new(ErrorKind::Resources, "", message.clone())
        }
        DataFusionError::Plan(message) => SparkError::new(ErrorKind::Analysis, "", message.clone()),
        DataFusionError::SchemaError(inner, _) => {
            SparkError::new(ErrorKind::Analysis, "", inner.to_string())
        }
        DataFusionError::NotImplemented(message) => SparkError::unsupported(message.clone()),
        DataFusionError::Internal(message) => SparkError::internal(message.clone()),
        DataFusionError::Execution(message)
            if message.contains("Scalar subquery returned more than one row") =>
        {
            SparkError::new(
                ErrorKind::Runtime,
                "SCALAR_SUBQUERY_TOO_MANY_ROWS",
                "More than one row returned by a subquery used as an expression.",
            )
        }
        DataFusionError::Execution(message) => {
            SparkError::new(ErrorKind::Execution, "", message.clone())
        }
        other => SparkError::new(ErrorKind::Execution, "", other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_wrapping() {
        let error = SparkError::analysis("UNRESOLVED_COLUMN.WITH_SUGGESTION", "no such column")
            .with("objectName", "`x`");
        let wrapped = DataFusionError::from(error).context("while planning");
        let wrapped = DataFusionError::ArrowError(
            Box::new(ArrowError::ExternalError(Box::new(wrapped))),
            None,
        );
        let back = SparkError::from(wrapped);
        assert_eq!(back.condition(), "UNRESOLVED_COLUMN.WITH_SUGGESTION");
        assert_eq!(back.sql_state(), Some("42703"));
        assert_eq!(back.parameters(), [("objectName".to_owned(), "`x`".to_owned())]);
    }
}

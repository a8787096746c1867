//! GraphFrames' exceptions.

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, StructType};

/// Scala's `require`.
///
/// # Errors
/// `IllegalArgumentException` unless it holds.
pub fn require(holds: bool, message: impl AsRef<str>) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(illegal(format!("requirement failed: {}", message.as_ref()))),
    }
}

/// `IllegalArgumentException`.
pub(super) fn illegal(message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::IllegalArgument, "", message)
}

/// `org.graphframes.NoSuchVertexException`.
pub fn no_such_vertex(id: &str) -> SparkError {
    let message = format!(
        "GraphFrame algorithm given vertex ID which does not exist in Graph. Vertex ID {id} not contained in the \
         vertices"
    );
    SparkError::new(ErrorKind::GraphFrames, "", message).with("class", "NoSuchVertexException")
}

/// `org.graphframes.InvalidGraphException`.
pub(super) fn invalid_graph(message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::GraphFrames, "", message).with("class", "InvalidGraphException")
}

pub(super) fn no_column(name: &str, schema: &StructType) -> SparkError {
    let names: Vec<_> = schema.fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let names = names.join(", ");
    illegal_field(name, &names)
}

fn illegal_field(name: &str, names: &str) -> SparkError {
    let message = format!("No such struct field `{name}` in {names}.");
    SparkError::new(ErrorKind::IllegalArgument, "FIELD_NOT_FOUND", message)
        .with("fieldName", format!("`{name}`"))
        .with("fields", names)
}

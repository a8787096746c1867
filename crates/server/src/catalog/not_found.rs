//! Errors for names that stand for nothing, in Spark's words.

use super::{CATALOG, full_name};
use crate::session::CurrentNamespace;
use firesteel_common::SparkError;
use firesteel_plan::spec;

/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn table_not_found(name: &spec::Name, current: &CurrentNamespace) -> SparkError {
    let quoted = full_name(name);
    let search = format!("[`system`.`session`, `{}`.`{}`]", current.catalog, current.database);
    SparkError::analysis(
        "TABLE_OR_VIEW_NOT_FOUND",
        format!(
            "The table or view {quoted} cannot be found. Verify the spelling and correctness of the \
             schema and catalog.\nSearch path: {search}.\nIf you did not qualify the name with a schema, \
             verify the current_schema() output, or qualify the name with the correct schema and \
             catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."
        ),
    )
    .with("relationName", quoted)
    .with("searchPath", search)
}

/// `EXPECT_TABLE_NOT_VIEW`: `operation` works on tables.
pub fn view_not_table(operation: &str, name: &spec::Name) -> SparkError {
    let quoted = full_name(name);
    SparkError::analysis(
        "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
        format!("'{operation}' expects a table but {quoted} is a view."),
    )
    .with("viewName", quoted)
    .with("operation", operation)
}

/// `SCHEMA_NOT_FOUND`.
pub fn database_not_found(database: &str) -> SparkError {
    let quoted = full_name(&vec![CATALOG.to_owned(), database.to_owned()]);
    SparkError::analysis(
        "SCHEMA_NOT_FOUND",
        format!(
            "The schema {quoted} cannot be found. Verify the spelling and correctness of the schema and \
             catalog.\nIf you did not qualify the name with a catalog, verify the current_schema() output, \
             or qualify the name with the correct catalog.\nTo tolerate the error on drop use DROP SCHEMA \
             IF EXISTS."
        ),
    )
    .with("schemaName", quoted)
}

//! The catalog `spark_catalog`: databases, tables and views, kept in memory; and `spark.catalog`'s answers.
//!
//! Data of tables lies in files under the warehouse directory; what tables there are is forgotten with
//! the engine, as with Spark's in-memory catalog.

mod answers;
mod databases;
mod function_names;
mod names;
mod not_found;
mod pattern;
mod tables;
mod view_nesting;

pub use answers::answer;
pub use databases::{CatalogTable, Database, Databases, TableKind, TableStatistics};
pub use function_names::built_in_names;
pub use names::{TableName, full_name, resolve_database};
pub use not_found::{database_not_found, table_not_found, view_not_table};
pub use pattern::matches_pattern;
pub use tables::{describe_table, find_table, is_temporary_view, open_table};
pub use view_nesting::{ViewNesting, recursive_view};

/// The one catalog.
pub const CATALOG: &str = "spark_catalog";
/// The database that always exists.
pub const DEFAULT_DATABASE: &str = "default";
/// Database of the views that all sessions see.
pub const GLOBAL_TEMP_DATABASE: &str = "global_temp";

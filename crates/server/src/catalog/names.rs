//! What a name of one, two or three parts means in a session.

use super::{CATALOG, database_not_found, table_not_found};
use crate::session::{CurrentNamespace, Session};
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec;

/// A table's name with everything that the user left out, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    pub database: String,
    pub table: String,
}

impl TableName {
    /// # Errors
    /// `TABLE_OR_VIEW_NOT_FOUND` for a catalog that does not exist or too many parts.
    pub fn new(name: &spec::Name, current: &CurrentNamespace) -> Result<TableName> {
        let (database, table) = match name.as_slice() {
            [table] => (current.database.clone(), table.clone()),
            [database, table] => (database.clone(), table.clone()),
            [catalog, database, table] if catalog.eq_ignore_ascii_case(CATALOG) => {
                (database.clone(), table.clone())
            }
            _ => return Err(table_not_found(name, current)),
        };
        Ok(TableName { database: database.to_lowercase(), table: table.to_lowercase() })
    }

    /// `` `spark_catalog`.`default`.`t` ``.
    pub fn quoted(&self) -> String {
        format!("`{CATALOG}`.`{}`.`{}`", self.database, self.table)
    }

    pub fn parts(&self) -> spec::Name {
        vec![CATALOG.to_owned(), self.database.clone(), self.table.clone()]
    }
}

/// A name with every part quoted.
pub fn full_name(name: &spec::Name) -> String {
    let parts = name.iter().map(|part| format!("`{}`", part.replace('`', "``")));
    parts.collect::<Vec<_>>().join(".")
}

/// The database that a name of one or two parts means; it must exist.
///
/// # Errors
/// `SCHEMA_NOT_FOUND`.
pub fn resolve_database(session: &Session, name: &[String]) -> Result<String> {
    let database = match name {
        [database] => database,
        [catalog, database] if catalog.eq_ignore_ascii_case(CATALOG) => database,
        [] => return Ok(session.current.read().database.clone()),
        other => {
            return Err(SparkError::unsupported(format!("the namespace {}", other.join("."))));
        }
    };
    let database = database.to_lowercase();
    match session.engine().databases().read().exists(&database) {
        true => Ok(database),
        false => Err(database_not_found(&database)),
    }
}

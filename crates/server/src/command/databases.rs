//! CREATE, DROP and USE of databases.

use super::Answer;
use super::tables::{delete_files, local_directory};
use crate::catalog::{CATALOG, resolve_database};
use crate::session::{Session, tables_gone};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{Name, Options};

/// The last part of a database's name, in lower case. A catalog before it must be ours.
fn own(name: &Name) -> Result<String> {
    match name.as_slice() {
        [database] => Ok(database.to_lowercase()),
        [catalog, database] if catalog.eq_ignore_ascii_case(CATALOG) => Ok(database.to_lowercase()),
        other => Err(SparkError::unsupported(format!("the namespace {}", other.join(".")))),
    }
}

pub fn create(
    session: &Session,
    name: &Name,
    if_not_exists: bool,
    comment: Option<String>,
    location: Option<String>,
    properties: Options,
) -> Result<Answer> {
    let name = own(name)?;
    let mut databases = session.engine().databases().write();
    databases.create_database(&name, if_not_exists, comment, location, properties)?;
    Ok(Answer::none())
}

pub fn drop(session: &Session, name: &Name, if_exists: bool, cascade: bool) -> Result<Answer> {
    let name = own(name)?;
    let mut databases = session.engine().databases().write();
    let location = databases.database(&name).ok().map(|found| found.location.clone());
    let dropped = databases.drop_database(&name, if_exists, cascade)?;
    std::mem::drop(databases);
    for table in &dropped {
        delete_files(table)?;
        tables_gone(session.engine(), &table.name.parts(), Some(&table.location))?;
    }
    if let Some(location) = location
        && let Ok(directory) = local_directory(&location)
    {
        // Only when nothing else is in it.
        let _ = std::fs::remove_dir(directory);
    }
    Ok(Answer::none())
}

pub fn use_database(session: &Session, name: &Name) -> Result<Answer> {
    if let [catalog] = name.as_slice()
        && catalog.eq_ignore_ascii_case(CATALOG)
    {
        return use_catalog(session, catalog);
    }
    let database = resolve_database(session, name)?;
    session.current.write().database = database;
    Ok(Answer::none())
}

pub fn use_catalog(_session: &Session, name: &str) -> Result<Answer> {
    if name.eq_ignore_ascii_case(CATALOG) {
        return Ok(Answer::none());
    }
    Err(SparkError::new(
        ErrorKind::Execution,
        "CATALOG_NOT_FOUND",
        format!(
            "The catalog `{name}` not found. Consider to set the SQL config \"spark.sql.catalog.{name}\" \
             to a catalog plugin."
        ),
    )
    .with("catalogName", format!("`{name}`"))
    .with("config", format!("\"spark.sql.catalog.{name}\"")))
}

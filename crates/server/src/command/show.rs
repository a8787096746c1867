//! SHOW …

use super::tables::local_directory;
use super::{Answer, Cell};
use crate::catalog::{
    CATALOG, CatalogTable, GLOBAL_TEMP_DATABASE, TableKind, built_in_names, describe_table,
    matches_pattern, resolve_database,
};
use crate::session::{QueryEnvironment, Session, ViewRegistry};
use firesteel_common::{Result, SparkError};
use firesteel_functions::collation::{ICU_VERSION, all as all_collations};
use firesteel_plan::spec::{Name, PartitionSpec};
use std::path::Path;

pub fn databases(session: &Session, pattern: Option<&str>) -> Answer {
    let mut answer = Answer::with_columns(&["namespace"]);
    for database in session.engine().databases().read().iter() {
        if matches_pattern(pattern, &database.name) {
            answer.push([Cell::from(database.name.as_str())]);
        }
    }
    answer
}

/// Tables and views of a database, then temporary views.
pub fn tables(
    session: &Session,
    database: Option<&[String]>,
    pattern: Option<&str>,
    extended: bool,
) -> Result<Answer> {
    let database = resolve_database(session, database.unwrap_or_default())?;
    let mut columns = vec!["namespace", "tableName", "isTemporary:flag"];
    if extended {
        columns.push("information");
    }
    let mut answer = Answer::with_columns(&columns);
    let databases = session.engine().databases().read();
    if database != GLOBAL_TEMP_DATABASE {
        for table in databases.database(&database)?.tables() {
            if matches_pattern(pattern, &table.name.table) {
                answer.push([
                    Cell::from(database.as_str()),
                    table.name.table.as_str().into(),
                    false.into(),
                    information(table).into(),
                ]);
            }
        }
    }
    let mut temporary = |views: &ViewRegistry, namespace: &str| {
        for (name, view) in views.iter().filter(|(name, _)| matches_pattern(pattern, name)) {
            let tree = view.resolved.schema().tree_string(None);
            let text = format!("Table: {name}\nType: VIEW\nSchema: {tree}\n");
            answer.push([Cell::from(namespace), name.into(), true.into(), text.into()]);
        }
    };
    if database == GLOBAL_TEMP_DATABASE {
        temporary(&databases.global_views, GLOBAL_TEMP_DATABASE);
    }
    temporary(&session.views.read(), "");
    for row in &mut answer.rows {
        row.truncate(answer.schema.fields.len());
    }
    Ok(answer)
}

fn information(table: &CatalogTable) -> String {
    let details = super::describe::details(table);
    let lines = details.into_iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("{}Schema: {}\n", lines.collect::<String>(), table.schema.tree_string(None))
}

pub fn views(
    session: &Session,
    database: Option<&[String]>,
    pattern: Option<&str>,
) -> Result<Answer> {
    let database = resolve_database(session, database.unwrap_or_default())?;
    let mut answer = Answer::with_columns(&["namespace", "viewName", "isTemporary:flag"]);
    let databases = session.engine().databases().read();
    if database == GLOBAL_TEMP_DATABASE {
        for (name, _) in databases.global_views.iter() {
            if matches_pattern(pattern, name) {
                answer.push([Cell::from(GLOBAL_TEMP_DATABASE), name.into(), true.into()]);
            }
        }
    } else {
        let tables = databases.database(&database)?.tables();
        for view in tables.filter(|table| table.kind == TableKind::View) {
            if matches_pattern(pattern, &view.name.table) {
                let name = view.name.table.as_str();
                answer.push([Cell::from(database.as_str()), name.into(), false.into()]);
            }
        }
    }
    for (name, _) in session.views.read().iter() {
        if matches_pattern(pattern, name) {
            answer.push([Cell::from(""), name.into(), true.into()]);
        }
    }
    Ok(answer)
}

pub fn columns(env: &QueryEnvironment, table: &Name) -> Result<Answer> {
    let (schema, _) = describe_table(env, table)?;
    let mut answer = Answer::with_columns(&["col_name"]);
    for field in schema.fields {
        answer.push([Cell::from(field.name)]);
    }
    Ok(answer)
}

/// Built-in functions (`SYSTEM`), the user's (`USER`), or both.
pub fn functions(session: &Session, scope: Option<&str>, pattern: Option<&str>) -> Answer {
    let scope = scope.unwrap_or("ALL").to_uppercase();
    let mut names: Vec<String> = Vec::new();
    if scope != "USER" {
        names.extend(built_in_names().map(str::to_owned));
    }
    if scope != "SYSTEM" {
        names.extend(session.functions.read().keys().cloned());
    }
    names.sort_unstable();
    names.dedup();
    let mut answer = Answer::with_columns(&["function"]);
    for name in names.into_iter().filter(|name| matches_pattern(pattern, name)) {
        answer.push([Cell::from(name)]);
    }
    answer
}

pub fn collations(pattern: Option<&str>) -> Answer {
    let mut answer = Answer::with_columns(&[
        "NAME",
        "LANGUAGE?",
        "COUNTRY?",
        "ACCENT_SENSITIVITY",
        "CASE_SENSITIVITY",
        "PAD_ATTRIBUTE",
        "ICU_VERSION?",
    ]);
    let sensitive = |ignores: bool| if ignores { "INSENSITIVE" } else { "SENSITIVE" };
    for own in all_collations() {
        let name = own.name();
        if !matches_pattern(pattern, &name) {
            continue;
        }
        answer.push([
            Cell::from(name),
            own.language().map(str::to_owned).into(),
            own.country().map(str::to_owned).into(),
            format!("ACCENT_{}", sensitive(own.ignores_accents())).into(),
            format!("CASE_{}", sensitive(own.ignores_case())).into(),
            if own.ignores_blanks() { "RTRIM" } else { "NO_PAD" }.into(),
            own.is_icu().then(|| ICU_VERSION.to_owned()).into(),
        ]);
    }
    answer
}

pub fn table_properties(env: &QueryEnvironment, table: &Name, key: Option<&str>) -> Result<Answer> {
    let (_, entry) = describe_table(env, table)?;
    let mut answer = Answer::with_columns(&["key", "value"]);
    let Some(entry) = entry else {
        return Ok(answer);
    };
    match key {
        None => {
            for (name, value) in &entry.properties {
                answer.push([Cell::from(name.as_str()), value.as_str().into()]);
            }
        }
        Some(key) => {
            let found = entry.properties.iter().find(|(name, _)| name == key);
            let value = found.map(|(_, value)| value.clone()).unwrap_or_else(|| {
                format!("Table {} does not have property: {key}", entry.name.parts().join("."))
            });
            answer.push([Cell::from(key), value.into()]);
        }
    }
    Ok(answer)
}

pub fn partitions(env: &QueryEnvironment, table: &Name, only: &PartitionSpec) -> Result<Answer> {
    let mut answer = Answer::with_columns(&["partition"]);
    let only = super::alter::spelled(only)?;
    let fits = |partition: &str| {
        only.iter().all(|(name, value)| {
            let mut pairs = partition.split('/').filter_map(|pair| pair.split_once('='));
            pairs.any(|(own, found)| own.eq_ignore_ascii_case(name) && found == value)
        })
    };
    for partition in partitions_of(env, table)?.into_iter().filter(|own| fits(own)) {
        answer.push([Cell::from(partition)]);
    }
    Ok(answer)
}

/// The partitions of a table that has any columns for them, as `a=1/b=x`, in order.
///
/// # Errors
/// `INVALID_PARTITION_OPERATION` for a table without partition columns.
pub fn partitions_of(env: &QueryEnvironment, table: &Name) -> Result<Vec<String>> {
    let (_, entry) = describe_table(env, table)?;
    let entry = entry.filter(|entry| entry.kind != TableKind::View);
    let Some(entry) = entry.filter(|entry| !entry.partition_by.is_empty()) else {
        let quoted = crate::catalog::TableName::new(table, &env.session().current.read())?.quoted();
        return Err(SparkError::analysis(
            "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY",
            format!("The partition command is invalid. Table {quoted} is not partitioned."),
        )
        .with("name", quoted));
    };
    let mut found = Vec::new();
    walk(&local_directory(&entry.location)?, entry.partition_by.len(), "", &mut found);
    found.sort_unstable();
    Ok(found)
}

fn walk(directory: &Path, levels: usize, prefix: &str, found: &mut Vec<String>) {
    if levels == 0 {
        found.push(prefix.to_owned());
        return;
    }
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains('=') && entry.path().is_dir() {
            let joined = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            walk(&entry.path(), levels - 1, &joined, found);
        }
    }
}

pub fn catalogs(pattern: Option<&str>) -> Answer {
    let answer = Answer::with_columns(&["catalog"]);
    match matches_pattern(pattern, CATALOG) {
        true => answer.row([Cell::from(CATALOG)]),
        false => answer,
    }
}

pub fn current_namespace(session: &Session) -> Answer {
    let current = session.current.read();
    Answer::with_columns(&["catalog", "namespace"])
        .row([Cell::from(current.catalog.as_str()), current.database.as_str().into()])
}

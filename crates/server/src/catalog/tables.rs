//! From a name to a table that can be read.

use super::{CatalogTable, GLOBAL_TEMP_DATABASE, TableKind, TableName, table_not_found};
use crate::command::value_of_earlier_rows;
use crate::session::{QueryEnvironment, Session};
use firesteel_common::{Result, StructField, StructType};
use firesteel_io as io;
use firesteel_plan::resolve::{Environment, Table, declared, resolve_query};
use firesteel_plan::spec;
use std::sync::Arc;

/// The table or view called `name`: temporary views first, then the catalog, then files by their format
/// (`` parquet.`/data/x` ``).
///
/// # Errors
/// When its files cannot be read.
pub fn find_table(
    env: &QueryEnvironment,
    name: &spec::Name,
    options: &spec::Options,
) -> Result<Option<Table>> {
    let session = env.session();
    match name.as_slice() {
        [view] => {
            let found = session.views.read().get(view).map(|found| Arc::clone(&found.resolved));
            if let Some(resolved) = found {
                env.views.meet(view);
                let qualifier = vec![view.to_lowercase()];
                return Ok(Some(Table::View { resolved, qualifier }));
            }
        }
        [database, view] if database.eq_ignore_ascii_case(GLOBAL_TEMP_DATABASE) => {
            let databases = session.engine().databases().read();
            return Ok(databases.global_views.get(view).map(|found| Table::View {
                resolved: Arc::clone(&found.resolved),
                qualifier: vec![GLOBAL_TEMP_DATABASE.to_owned(), view.to_lowercase()],
            }));
        }
        _ => {}
    }
    let current = session.current.read().clone();
    if let Ok(full) = TableName::new(name, &current) {
        let found = session.engine().databases().read().table(&full).cloned();
        if let Some(found) = found {
            return open_table(env, &found, options).map(Some);
        }
        if let [format, path] = name.as_slice()
            && !session.engine().databases().read().exists(&full.database)
            && matches!(format.to_lowercase().as_str(), "parquet" | "csv" | "json" | "text" | "orc")
        {
            let source = spec::DataSource {
                format: Some(format.clone()),
                schema: None,
                options: options.clone(),
                paths: vec![path.clone()],
                predicates: Vec::new(),
            };
            return env.data_source(&source).map(Some);
        }
    }
    Ok(None)
}

/// A table of the catalog, opened; a view, resolved.
///
/// # Errors
/// When its files cannot be read, or its query no longer fits the tables under it.
pub fn open_table(
    env: &QueryEnvironment,
    table: &CatalogTable,
    options: &spec::Options,
) -> Result<Table> {
    let qualifier = table.name.parts();
    if let Some((query, _)) = &table.query {
        let resolve = || resolve_query(env, query);
        let mut resolved = env.views.within(env.session(), &table.name, resolve)?;
        // The view's own names and comments, which CREATE VIEW may have given.
        let scope = Arc::make_mut(&mut resolved.scope);
        for (column, field) in scope.columns.iter_mut().zip(&table.schema.fields) {
            column.field.name.clone_from(&field.name);
            column.field.metadata.clone_from(&field.metadata);
        }
        return Ok(Table::View { resolved: Arc::new(resolved), qualifier });
    }
    let mut all = io::Options::new(table.options.clone());
    for (key, value) in options {
        all.set(key, value.clone());
    }
    let read: Vec<_> = table.schema.fields.iter().cloned().map(StructField::as_read).collect();
    let mut wanted = read.clone();
    for field in &mut wanted {
        if let Some(value) = value_of_earlier_rows(env, field)? {
            *field = io::with_missing_value(field.clone(), &value)?;
        }
    }
    let opened = env.open(&io::ReadRequest {
        format: Some(table.format.clone()),
        schema: Some(StructType { fields: wanted }),
        options: all,
        paths: vec![table.location.clone()],
    })?;
    let mut schema = opened.schema;
    for field in &mut schema.fields {
        if let Some(known) = read.iter().find(|known| known.name == field.name) {
            field.metadata.clone_from(&known.metadata);
        }
    }
    Ok(Table::Provider { provider: opened.provider, schema, qualifier })
}

/// Schema of a table or view, and its entry unless it is a temporary view.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn describe_table(
    env: &QueryEnvironment,
    name: &spec::Name,
) -> Result<(StructType, Option<CatalogTable>)> {
    let session = env.session();
    let current = session.current.read().clone();
    match temporary_view(env, name)? {
        Some(Table::View { resolved, .. }) => return Ok((declared(resolved.schema())?, None)),
        Some(Table::Provider { schema, .. }) => return Ok((declared(schema)?, None)),
        None => {}
    }
    let full = TableName::new(name, &current)?;
    let found = session.engine().databases().read().table(&full).cloned();
    let found = found.ok_or_else(|| table_not_found(name, &current))?;
    Ok((declared(found.schema.clone())?, Some(found)))
}

/// Whether the session has a temporary view of this name.
pub fn is_temporary_view(session: &Session, name: &spec::Name) -> bool {
    matches!(name.as_slice(), [view] if session.views.read().get(view).is_some())
}

fn temporary_view(env: &QueryEnvironment, name: &spec::Name) -> Result<Option<Table>> {
    let is_temporary = match name.as_slice() {
        [view] => env.session().views.read().get(view).is_some(),
        [database, _] => database.eq_ignore_ascii_case(GLOBAL_TEMP_DATABASE),
        _ => false,
    };
    if is_temporary { find_table(env, name, &Vec::new()) } else { Ok(None) }
}

impl CatalogTable {
    /// `MANAGED`, `EXTERNAL` or `VIEW`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            TableKind::Managed => "MANAGED",
            TableKind::External => "EXTERNAL",
            TableKind::View => "VIEW",
        }
    }
}

//! CREATE VIEW and DROP VIEW, and the DataFrame API's views.

use super::Answer;
use crate::catalog::{
    CatalogTable, GLOBAL_TEMP_DATABASE, TableKind, TableName, recursive_view, table_not_found,
};
use crate::planning::visible_plan;
use crate::session::{QueryEnvironment, Session, TempView, names_changed, tables_gone};
use firesteel_common::{Result, SparkError, StructType};
use firesteel_plan::resolve::{Resolved, resolve_query};
use firesteel_plan::spec::{CreateView, Name, ViewKind};
use firesteel_plan::sql;
use std::sync::Arc;

pub fn create(env: &QueryEnvironment, mut view: CreateView) -> Result<Answer> {
    let mut resolved = resolve_new(env, &view)?;
    // Errors until now are about this statement, later ones about the view.
    if let Some(text) = &view.text
        && let Ok(query) =
            sql::parse_view(text, &name_in_errors(env, &view)?, env.session().conf.read().dialect())
        && let Ok(again) = resolve_query(env, &query)
    {
        (view.query, resolved) = (query, again);
    }
    rename_columns(&mut resolved, &view)?;
    match view.kind {
        ViewKind::Temporary => create_temporary(env, view, resolved, false),
        ViewKind::GlobalTemporary => create_temporary(env, view, resolved, true),
        ViewKind::Persistent => create_persistent(env.session(), view, &resolved.schema()),
    }
}

/// Resolves the query of a view of the catalog as part of that view, so that it cannot be its own.
fn resolve_new(env: &QueryEnvironment, view: &CreateView) -> Result<Resolved> {
    let resolve = || resolve_query(env, &view.query);
    match view.kind {
        ViewKind::Persistent => {
            let name = TableName::new(&view.name, &env.session().current.read())?;
            env.views.within(env.session(), &name, resolve)
        }
        _ => resolve(),
    }
}

/// What Spark calls the view in places of errors: tables of the catalog with all parts of their name.
fn name_in_errors(env: &QueryEnvironment, view: &CreateView) -> Result<String> {
    match view.kind {
        ViewKind::Persistent => {
            Ok(TableName::new(&view.name, &env.session().current.read())?.parts().join("."))
        }
        _ => Ok(view.name.join(".")),
    }
}

/// Gives the columns the names and comments that CREATE VIEW lists.
fn rename_columns(resolved: &mut Resolved, view: &CreateView) -> Result<()> {
    if view.columns.is_empty() {
        return Ok(());
    }
    let scope = Arc::make_mut(&mut resolved.scope);
    if scope.columns.len() != view.columns.len() {
        let which = match scope.columns.len() < view.columns.len() {
            true => "NOT_ENOUGH_DATA_COLUMNS",
            false => "TOO_MANY_DATA_COLUMNS",
        };
        let names = view.columns.iter().map(|(name, _)| format!("`{name}`"));
        let found = scope.columns.iter().map(|column| format!("`{}`", column.field.name));
        let (names, found) =
            (names.collect::<Vec<_>>().join(", "), found.collect::<Vec<_>>().join(", "));
        return Err(SparkError::analysis(
            format!("CREATE_VIEW_COLUMN_ARITY_MISMATCH.{which}"),
            format!(
                "Cannot create view {}, the reason is the number of columns.\nView columns: {names}.\nData \
                 columns: {found}.",
                crate::catalog::full_name(&view.name)
            ),
        )
        .with("viewName", crate::catalog::full_name(&view.name))
        .with("viewColumns", names)
        .with("dataColumns", found));
    }
    for (column, (name, comment)) in scope.columns.iter_mut().zip(&view.columns) {
        column.field.name.clone_from(name);
        if let Some(comment) = comment {
            column.field.metadata.insert("comment".to_owned(), comment.clone().into());
        }
    }
    Ok(())
}

fn create_temporary(
    env: &QueryEnvironment,
    view: CreateView,
    resolved: Resolved,
    global: bool,
) -> Result<Answer> {
    let name = match view.name.as_slice() {
        [name] => name,
        [database, name] if global && database.eq_ignore_ascii_case(GLOBAL_TEMP_DATABASE) => name,
        _ => {
            let quoted = crate::catalog::full_name(&view.name);
            return Err(SparkError::analysis(
                "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS",
                format!(
                    "CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept single-part view \
                     names, but got: {quoted}."
                ),
            )
            .with("actualName", quoted));
        }
    };
    let session = env.session();
    // A frame is a view as it is now; a text means what its names mean later.
    let uses = if view.text.is_some() && !global { env.views.met() } else { Vec::new() };
    if view.replace
        && let Some(cycle) = session.views.read().cycle(name, &uses)
    {
        let cycle = cycle.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> ");
        return Err(recursive_view(&format!("`{}`", name.to_lowercase()), &cycle));
    }
    let (resolved, comment, text) = (Arc::new(resolved), view.comment, view.text);
    let new = TempView { resolved: Arc::clone(&resolved), comment, text, uses };
    let put = |views: &mut crate::session::ViewRegistry| {
        if views.get(name).is_some() && !view.replace {
            if view.if_not_exists {
                return Ok(Answer::none());
            }
            let shown = match global {
                true => format!("`{GLOBAL_TEMP_DATABASE}`.`{}`", name.to_lowercase()),
                false => format!("`{name}`"),
            };
            return Err(SparkError::analysis(
                "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
                format!(
                    "Cannot create the temporary view {shown} because it already exists.\nChoose a different \
                     name, drop or replace the existing view."
                ),
            )
            .with("relationName", shown));
        }
        views.put(name, new);
        Ok(Answer::none())
    };
    let before = match global {
        true => None,
        false => session.views.read().get(name).map(|view| Arc::clone(&view.resolved)),
    };
    let after = Arc::clone(&resolved);
    let answer = match global {
        true => put(&mut session.engine().databases().write().global_views),
        false => put(&mut session.views.write()),
    }?;
    if let Some(before) = before
        && !session.persisted.read().is_empty()
        && session.canonical(&visible_plan(&before)?)?
            != session.canonical(&visible_plan(&after)?)?
    {
        session.view_changed(name, true);
    }
    names_changed(session.engine());
    Ok(answer)
}

fn create_persistent(session: &Session, view: CreateView, schema: &StructType) -> Result<Answer> {
    let Some(text) = view.text else {
        return Err(SparkError::internal("a persistent view without its text"));
    };
    let name = TableName::new(&view.name, &session.current.read())?;
    let parts = name.parts();
    let mut databases = session.engine().databases().write();
    databases.database(&name.database)?;
    if let Some(existing) = databases.table(&name) {
        if view.if_not_exists {
            return Ok(Answer::none());
        }
        if !view.replace || existing.kind != TableKind::View {
            return Err(already_exists(&name));
        }
    }
    databases.put_table(CatalogTable {
        name,
        kind: TableKind::View,
        format: String::new(),
        location: String::new(),
        schema: schema.clone(),
        partition_by: Vec::new(),
        layout: firesteel_plan::spec::Layout::default(),
        statistics: None,
        options: Vec::new(),
        properties: view.properties,
        comment: view.comment,
        query: Some((view.query, text)),
        created: super::tables::now_text(),
    })?;
    std::mem::drop(databases);
    tables_gone(session.engine(), &parts, None)?;
    Ok(Answer::none())
}

/// `TABLE_OR_VIEW_ALREADY_EXISTS`.
pub fn already_exists(name: &TableName) -> SparkError {
    let quoted = name.quoted();
    SparkError::analysis(
        "TABLE_OR_VIEW_ALREADY_EXISTS",
        format!(
            "Cannot create table or view {quoted} because it already exists.\nChoose a different name, drop \
             or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing \
             objects."
        ),
    )
    .with("relationName", quoted)
}

/// DROP VIEW: a temporary view first, then one of the catalog.
pub fn drop(session: &Session, name: &Name, if_exists: bool) -> Result<Answer> {
    if let [view] = name.as_slice()
        && session.views.write().remove(view).is_some()
    {
        session.view_changed(view, false);
        return Ok(Answer::none());
    }
    let mut databases = session.engine().databases().write();
    if let [database, view] = name.as_slice()
        && database.eq_ignore_ascii_case(GLOBAL_TEMP_DATABASE)
        && databases.global_views.remove(view).is_some()
    {
        return Ok(Answer::none());
    }
    let current = session.current.read();
    let full = TableName::new(name, &current)?;
    match databases.table(&full).map(|table| table.kind) {
        Some(TableKind::View) => {
            databases.remove_table(&full);
            std::mem::drop(databases);
            tables_gone(session.engine(), &full.parts(), None)?;
            Ok(Answer::none())
        }
        Some(_) => Err(not_a_view(&full, databases.table(&full))),
        None if if_exists => Ok(Answer::none()),
        None => Err(table_not_found(&full.parts(), &current)),
    }
}

fn not_a_view(name: &TableName, table: Option<&CatalogTable>) -> SparkError {
    let name = name.parts().join(".");
    let kind = table.map_or("TABLE", CatalogTable::type_name);
    SparkError::analysis(
        "WRONG_COMMAND_FOR_OBJECT_TYPE",
        format!(
            "The operation DROP VIEW requires a VIEW or METRIC_VIEW. But {name} is a {kind}. Use DROP \
             TABLE instead."
        ),
    )
    .with("operation", "DROP VIEW")
    .with("requiredType", "VIEW or METRIC_VIEW")
    .with("objectName", name)
    .with("foundType", kind)
    .with("alternative", "DROP TABLE")
}

//! `spark.catalog.*`: rows with the columns of Spark's own answers.

use super::function_names::built_in_names;
use super::{
    CATALOG, CatalogTable, GLOBAL_TEMP_DATABASE, TableKind, describe_table, full_name,
    matches_pattern, resolve_database,
};
use crate::command::{
    Answer, Cell, analyze, cache_table, create_table, create_table_text, drop_database, drop_table,
    drop_view, is_cached, partitions_of, recover, refresh, truncate_table, uncache_table,
};
use crate::session::{QueryEnvironment, StorageLevel, files_changed, names_changed};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use firesteel_functions::registry;
use firesteel_plan::spec::{CatalogCall, ColumnDefinition, CreateTable, Name};

const TABLE_COLUMNS: [&str; 6] =
    ["name?", "catalog?", "namespace:list?", "description?", "tableType?", "isTemporary:flag"];
const FUNCTION_COLUMNS: [&str; 6] =
    ["name?", "catalog?", "namespace:list?", "description?", "className?", "isTemporary:flag"];
/// Functions that the grammar or the resolver knows and the registry of functions does not.
const CASTS_AND_TABLES: [&str; 3] = ["cast", "try_cast", "range"];
const DATABASE_COLUMNS: [&str; 4] = ["name?", "catalog?", "description?", "locationUri?"];

/// Answers a call, and does what it says.
///
/// # Errors
/// `SCHEMA_NOT_FOUND`, `TABLE_OR_VIEW_NOT_FOUND`, `UNRESOLVED_ROUTINE` and their kin.
pub fn answer(env: &QueryEnvironment, call: &CatalogCall) -> Result<Answer> {
    let session = env.session();
    let databases = || session.engine().databases();
    Ok(match call {
        CatalogCall::CurrentDatabase => text(session.current.read().database.clone()),
        CatalogCall::SetCurrentDatabase { database } => {
            let database = resolve_database(session, &split(database)?)?;
            session.current.write().database = database;
            names_changed(session.engine());
            done()
        }
        CatalogCall::ListDatabases { pattern } => {
            let mut answer = Answer::with_columns(&DATABASE_COLUMNS);
            for database in databases().read().iter() {
                if matches_pattern(pattern.as_deref(), &database.name) {
                    answer.push(database_row(database));
                }
            }
            answer
        }
        CatalogCall::GetDatabase { database } => {
            let name = resolve_database(session, &split(database)?)?;
            let databases = databases().read();
            Answer::with_columns(&DATABASE_COLUMNS).row(database_row(databases.database(&name)?))
        }
        CatalogCall::DatabaseExists { database } => {
            flag(resolve_database(session, &split(database)?).is_ok())
        }
        CatalogCall::CreateDatabase { database, if_not_exists, properties } => {
            let name = database.to_lowercase();
            // Some properties are more than that.
            let of = |wanted: &str| {
                let found = properties.iter().find(|(key, _)| key == wanted);
                found.map(|(_, value)| value.clone())
            };
            let (comment, location) = (of("comment"), of("location"));
            let rest = properties.iter().filter(|(key, _)| key != "comment" && key != "location");
            let rest = rest.cloned().collect();
            databases().write().create_database(&name, *if_not_exists, comment, location, rest)?;
            done()
        }
        CatalogCall::DropDatabase { database, if_exists, cascade } => {
            drop_database(session, &split(database)?, *if_exists, *cascade)?;
            done()
        }
        CatalogCall::ListTables { database, pattern } => {
            list_tables(env, database.as_deref(), pattern.as_deref(), false)?
        }
        CatalogCall::ListViews { database, pattern } => {
            list_tables(env, database.as_deref(), pattern.as_deref(), true)?
        }
        CatalogCall::GetTable { table, database } => {
            let name = qualified(table, database.as_deref());
            let (_, entry) = describe_table(env, &name)?;
            Answer::with_columns(&TABLE_COLUMNS).row(match entry {
                Some(entry) => table_row(&entry),
                None => temporary_row(&name),
            })
        }
        CatalogCall::TableExists { table, database } => {
            flag(describe_table(env, &qualified(table, database.as_deref())).is_ok())
        }
        CatalogCall::ListColumns { table, database } => {
            list_columns(env, &qualified(table, database.as_deref()))?
        }
        CatalogCall::CreateTable { table, path, source, description, schema, options } => {
            create_table(
                env,
                CreateTable {
                    name: table.clone(),
                    columns: schema.iter().flat_map(|schema| &schema.fields).map(column).collect(),
                    format: source.clone(),
                    options: options.clone(),
                    partition_by: Vec::new(),
                    layout: firesteel_plan::spec::Layout::default(),
                    location: path.clone(),
                    comment: description.clone().filter(|text| !text.is_empty()),
                    properties: Vec::new(),
                    query: None,
                    if_not_exists: false,
                    replace: false,
                },
            )?;
            // The client goes on with the table as a DataFrame and asks for no rows of this answer.
            done()
        }
        CatalogCall::DropTable { table, if_exists, .. } => {
            drop_table(session, table, *if_exists)?;
            done()
        }
        CatalogCall::DropView { view, if_exists } => {
            drop_view(session, view, *if_exists)?;
            done()
        }
        CatalogCall::DropTempView { view } => {
            let was_there = session.views.write().remove(view).is_some();
            if was_there {
                session.view_changed(view, false);
            }
            flag(was_there)
        }
        CatalogCall::DropGlobalTempView { view } => {
            let was_there = databases().write().global_views.remove(view).is_some();
            names_changed(session.engine());
            flag(was_there)
        }
        CatalogCall::ListFunctions { pattern, database } => {
            if let Some(database) = database {
                resolve_database(session, &split(database)?)?;
            }
            let mut answer = Answer::with_columns(&FUNCTION_COLUMNS);
            for name in function_names(env) {
                if matches_pattern(pattern.as_deref(), &name) {
                    answer.push(function_row(&name));
                }
            }
            answer
        }
        CatalogCall::GetFunction { function, database } => {
            let name = find_function(env, &qualified(function, database.as_deref()))?;
            Answer::with_columns(&FUNCTION_COLUMNS).row(function_row(&name))
        }
        CatalogCall::FunctionExists { function, database } => {
            flag(find_function(env, &qualified(function, database.as_deref())).is_ok())
        }
        CatalogCall::ListPartitions { table } => {
            let mut answer = Answer::with_columns(&["partition?"]);
            for partition in partitions_of(env, table)? {
                answer.push([Cell::from(partition)]);
            }
            answer
        }
        CatalogCall::GetTableProperties { table } => {
            let (_, entry) = describe_table(env, table)?;
            let mut answer = Answer::with_columns(&["key", "value"]);
            for (key, value) in entry.into_iter().flat_map(|entry| entry.properties) {
                answer.push([Cell::from(key), value.into()]);
            }
            answer
        }
        CatalogCall::GetCreateTableString { table, .. } => text(create_table_text(env, table)?),
        CatalogCall::TruncateTable { table } => {
            if let (_, Some(entry)) = describe_table(env, table)?
                && entry.kind == TableKind::View
            {
                let quoted = entry.name.quoted();
                return Err(SparkError::analysis(
                    "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
                    format!("'Catalog.truncateTable' expects a table but {quoted} is a view."),
                )
                .with("viewName", quoted)
                .with("operation", "Catalog.truncateTable"));
            }
            truncate_table(session, table)?;
            done()
        }
        CatalogCall::RefreshTable { table } => {
            refresh(env, table)?;
            done()
        }
        CatalogCall::AnalyzeTable { table, no_scan } => {
            analyze(env, table, *no_scan)?;
            done()
        }
        CatalogCall::RecoverPartitions { table } => {
            recover(env, table)?;
            done()
        }
        CatalogCall::RefreshByPath { path } => {
            files_changed(session.engine(), path)?;
            done()
        }
        CatalogCall::IsCached { table } => flag(is_cached(env, table)?),
        CatalogCall::CacheTable { table, storage_level } => {
            let level = storage_level.as_deref().map(StorageLevel::named).transpose()?;
            cache_table(env, table, level.unwrap_or(StorageLevel::MEMORY_AND_DISK))?;
            done()
        }
        CatalogCall::UncacheTable { table } => {
            uncache_table(env, table, false)?;
            done()
        }
        CatalogCall::ClearCache => {
            session.persisted.write().clear();
            done()
        }
        CatalogCall::CurrentCatalog => text(session.current.read().catalog.clone()),
        CatalogCall::SetCurrentCatalog { catalog } => {
            if !catalog.eq_ignore_ascii_case(CATALOG) {
                return Err(catalog_not_found(catalog));
            }
            done()
        }
        CatalogCall::ListCatalogs { pattern } => {
            let answer = Answer::with_columns(&["name?", "description?"]);
            match matches_pattern(pattern.as_deref(), CATALOG) {
                true => answer.row([Cell::from(CATALOG), Cell::Null]),
                false => answer,
            }
        }
    })
}

fn text(value: String) -> Answer {
    Answer::with_columns(&["value?"]).row([Cell::from(value)])
}

fn flag(value: bool) -> Answer {
    Answer::with_columns(&["value:flag"]).row([Cell::from(value)])
}

fn done() -> Answer {
    Answer::with_columns(&["value"])
}

fn split(name: &str) -> Result<Name> {
    firesteel_plan::sql::parse_name(name)
}

fn qualified(name: &Name, database: Option<&str>) -> Name {
    match database {
        Some(database) if name.len() == 1 => vec![database.to_owned(), name[0].clone()],
        _ => name.clone(),
    }
}

fn database_row(database: &super::Database) -> [Cell; 4] {
    [
        Cell::from(database.name.as_str()),
        CATALOG.into(),
        database.comment.as_str().into(),
        database.location.as_str().into(),
    ]
}

fn table_row(table: &CatalogTable) -> [Cell; 6] {
    [
        Cell::from(table.name.table.as_str()),
        CATALOG.into(),
        Cell::List(vec![table.name.database.clone()]),
        table.comment.clone().into(),
        table.type_name().into(),
        false.into(),
    ]
}

fn temporary_row(name: &Name) -> [Cell; 6] {
    let (namespace, view) = match name.as_slice() {
        [_, view] => (vec![GLOBAL_TEMP_DATABASE.to_owned()], view),
        [view] => (Vec::new(), view),
        _ => (Vec::new(), &name[name.len() - 1]),
    };
    [
        Cell::from(view.to_lowercase()),
        Cell::Null,
        Cell::List(namespace),
        Cell::Null,
        "TEMPORARY".into(),
        true.into(),
    ]
}

fn list_tables(
    env: &QueryEnvironment,
    database: Option<&str>,
    pattern: Option<&str>,
    views_only: bool,
) -> Result<Answer> {
    let session = env.session();
    let name = database.map(split).transpose()?.unwrap_or_default();
    let database = resolve_database(session, &name)?;
    let mut answer = Answer::with_columns(&TABLE_COLUMNS);
    let databases = session.engine().databases().read();
    if database == GLOBAL_TEMP_DATABASE {
        for (name, _) in
            databases.global_views.iter().filter(|(name, _)| matches_pattern(pattern, name))
        {
            answer.push(temporary_row(&vec![database.clone(), name.to_owned()]));
        }
    } else {
        for table in databases.database(&database)?.tables() {
            let wanted = !views_only || table.kind == TableKind::View;
            if wanted && matches_pattern(pattern, &table.name.table) {
                answer.push(table_row(table));
            }
        }
    }
    for (name, _) in session.views.read().iter().filter(|(name, _)| matches_pattern(pattern, name))
    {
        answer.push(temporary_row(&vec![name.to_owned()]));
    }
    Ok(answer)
}

fn list_columns(env: &QueryEnvironment, table: &Name) -> Result<Answer> {
    let (schema, entry) = describe_table(env, table)?;
    let mut answer = Answer::with_columns(&[
        "name?",
        "description?",
        "dataType?",
        "nullable:flag",
        "isPartition:flag",
        "isBucket:flag",
        "isCluster:flag",
    ]);
    let (partitions, layout) =
        entry.map(|entry| (entry.partition_by, entry.layout)).unwrap_or_default();
    let is_in = |columns: &[String], name: &str| {
        columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    };
    for field in &schema.fields {
        let comment = field.metadata.get("comment").and_then(|text| text.as_str());
        let is_partition = partitions.iter().any(|name| name.eq_ignore_ascii_case(&field.name));
        answer.push([
            Cell::from(field.name.as_str()),
            comment.map(str::to_owned).into(),
            field.data_type.without_length().simple_string().into(),
            field.nullable.into(),
            is_partition.into(),
            layout.bucket_by.as_ref().is_some_and(|(_, by)| is_in(by, &field.name)).into(),
            is_in(&layout.cluster_by, &field.name).into(),
        ]);
    }
    Ok(answer)
}

fn column(field: &firesteel_common::StructField) -> ColumnDefinition {
    let comment = field.metadata.get("comment").and_then(|text| text.as_str());
    ColumnDefinition {
        name: field.name.clone(),
        data_type: field.data_type.clone(),
        nullable: field.nullable,
        comment: comment.map(str::to_owned),
        default: None,
        generated: None,
    }
}

fn function_names(env: &QueryEnvironment) -> Vec<String> {
    let mut names: Vec<_> = built_in_names().map(str::to_owned).collect();
    names.extend(env.session().functions.read().keys().cloned());
    names.sort_unstable();
    names.dedup();
    names
}

fn find_function(env: &QueryEnvironment, name: &Name) -> Result<String> {
    let short = name.last().map(|name| name.to_lowercase()).unwrap_or_default();
    let is_user = name.len() == 1 && env.session().functions.read().contains_key(&short);
    // Built-in functions are in no database.
    let is_built_in = match name.as_slice() {
        [_] => true,
        [schema, _] => matches!(schema.to_lowercase().as_str(), "builtin" | "session"),
        [catalog, ..] => catalog.eq_ignore_ascii_case("system"),
        [] => false,
    };
    let is_known = registry::lookup(&short).is_some() || CASTS_AND_TABLES.contains(&short.as_str());
    if is_user || (is_built_in && is_known) {
        return Ok(short);
    }
    let quoted = full_name(name);
    let search = "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]";
    Err(SparkError::analysis(
        "UNRESOLVED_ROUTINE",
        format!("Cannot resolve routine {quoted} on search path {search}."),
    )
    .with("routineName", quoted)
    .with("searchPath", search))
}

fn function_row(name: &str) -> [Cell; 6] {
    // Spark names the JVM class of a function; here there is none.
    let class = "";
    [Cell::from(name), Cell::Null, Cell::Null, Cell::Null, class.into(), true.into()]
}

fn catalog_not_found(catalog: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "CATALOG_NOT_FOUND",
        format!(
            "The catalog `{catalog}` not found. Consider to set the SQL config \
             \"spark.sql.catalog.{catalog}\" to a catalog plugin."
        ),
    )
    .with("catalogName", format!("`{catalog}`"))
    .with("config", format!("\"spark.sql.catalog.{catalog}\""))
}

//! CREATE, DROP, RENAME, TRUNCATE and REFRESH of tables.

use super::Answer;
use super::column_default;
use super::views::already_exists;
use super::write::{plan_of, write_rows};
use crate::catalog::{
    CatalogTable, TableKind, TableName, describe_table, full_name, is_temporary_view,
    table_not_found, view_not_table,
};
use crate::planning::blocking;
use crate::session::{QueryEnvironment, Session, files_changed, names_changed, tables_gone};
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::error::ErrorKind;
use firesteel_common::types::{StructField, StructType};
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::collation::is_collated;
use firesteel_io as io;
use firesteel_plan::resolve::{Environment, Table, declared};
use firesteel_plan::spec::{CreateTable, Expr, ExprNode, Layout, Name};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `CREATE TABLE`, with or without a query.
pub async fn create(session: &Arc<Session>, create: CreateTable) -> Result<Answer> {
    let query = create.query.clone();
    let Some(query) = query else {
        let session = Arc::clone(session);
        return blocking(move || create_table(&QueryEnvironment::new(&session)?, create)).await;
    };
    let name = TableName::new(&create.name, &session.current.read())?;
    if session.engine().databases().read().table(&name).is_some() && !create.replace {
        return if create.if_not_exists { Ok(Answer::none()) } else { Err(already_exists(&name)) };
    }
    let (plan, schema) = plan_of(session, query).await?;
    let mut table = entry(session, &create, name, schema.clone())?;
    for field in &mut table.schema.fields {
        field.nullable = true;
    }
    table.schema = declared(table.schema)?;
    let request = io::WriteRequest {
        format: Some(table.format.clone()),
        path: table.location.clone(),
        mode: io::SaveMode::Overwrite,
        options: io::Options::new(table.options.clone()),
        partition_by: table.partition_by.clone(),
        dynamic_overwrite: false,
    };
    write_rows(session, &request, &plan, &schema).await?;
    session.engine().databases().write().put_table(table)?;
    names_changed(session.engine());
    Ok(Answer::none())
}

/// A table without rows, or one over files that exist.
///
/// # Errors
/// `TABLE_OR_VIEW_ALREADY_EXISTS`, or when there is no schema and none can be inferred.
pub fn create_table(env: &QueryEnvironment, create: CreateTable) -> Result<Answer> {
    let session = env.session();
    let name = TableName::new(&create.name, &session.current.read())?;
    if session.engine().databases().read().table(&name).is_some() && !create.replace {
        return if create.if_not_exists { Ok(Answer::none()) } else { Err(already_exists(&name)) };
    }
    let mut schema = StructType::default();
    for column in &create.columns {
        if let Some(expression) = &column.generated {
            return Err(generated(&name, expression));
        }
        let settings = env.settings();
        let mut known = schema.fields.iter();
        if known.any(|field: &StructField| settings.same_name(&field.name, &column.name)) {
            return Err(column_exists(&column.name));
        }
        // Files do not keep NOT NULL, and Spark forgets it too.
        let mut field = StructField::new(&column.name, column.data_type.clone(), true);
        if let Some(comment) = &column.comment {
            field.metadata.insert("comment".to_owned(), comment.clone().into());
        }
        if let Some(text) = &column.default {
            let default = || session.conf.read().effective("spark.sql.sources.default");
            let format = create.format.clone().or_else(default).unwrap_or_default().to_lowercase();
            column_default::declare(env, &mut field, text, &format, "CREATE TABLE")?;
        }
        schema.fields.push(field);
    }
    let mut table = entry(session, &create, name, schema)?;
    if table.schema.fields.is_empty() && table.kind == TableKind::Managed {
        let format = match table.format.as_str() {
            "parquet" => "Parquet".to_owned(),
            "csv" | "json" | "orc" => table.format.to_uppercase(),
            other => other.to_owned(),
        };
        return Err(SparkError::analysis(
            "UNABLE_TO_INFER_SCHEMA",
            format!("Unable to infer schema for {format}. It must be specified manually."),
        )
        .with("format", format));
    }
    if table.schema.fields.is_empty() {
        let opened = env.open(&io::ReadRequest {
            format: Some(table.format.clone()),
            schema: None,
            options: io::Options::new(table.options.clone()),
            paths: vec![table.location.clone()],
        })?;
        table.schema = opened.schema;
    }
    if table.kind == TableKind::Managed {
        let directory = local_directory(&table.location)?;
        if directory.exists()
            && std::fs::read_dir(&directory).is_ok_and(|mut files| files.next().is_some())
        {
            let quoted = table.name.quoted();
            return Err(SparkError::analysis(
                "LOCATION_ALREADY_EXISTS",
                format!(
                    "Cannot name the managed table as {quoted}, as its associated location '{}' already \
                     exists. Please pick a different table name, or remove the existing location first.",
                    table.location
                ),
            )
            .with("identifier", quoted)
            .with("location", format!("'{}'", table.location)));
        }
        std::fs::create_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
    }
    session.engine().databases().write().put_table(table)?;
    names_changed(session.engine());
    Ok(Answer::none())
}

/// Tables of files compute no columns.
fn generated(table: &TableName, expression: &str) -> SparkError {
    let operation = if expression.is_empty() { "identity columns" } else { "generated columns" };
    let table = table.quoted();
    SparkError::analysis(
        "UNSUPPORTED_FEATURE.TABLE_OPERATION",
        format!(
            "The feature is not supported: Table {table} does not support {operation}. Please check the current \
             catalog and namespace to make sure the qualified table name is expected, and also check the catalog \
             implementation which is configured by \"spark.sql.catalog\"."
        ),
    )
    .with("tableName", table)
    .with("operation", operation)
}

/// The catalog's entry of a new table; partition columns go to the end, as Spark puts them.
fn entry(
    session: &Session,
    create: &CreateTable,
    name: TableName,
    mut schema: StructType,
) -> Result<CatalogTable> {
    let mut partition_by = Vec::new();
    for column in &create.partition_by {
        partition_by.push(partition_column(column)?);
    }
    check_layout(&create.layout, &partition_by, &schema, &name)?;
    check_collations(&create.layout, &partition_by, &schema)?;
    let (mut partitions, data): (Vec<_>, Vec<_>) = std::mem::take(&mut schema.fields)
        .into_iter()
        .partition(|field| partition_by.iter().any(|name| name.eq_ignore_ascii_case(&field.name)));
    partitions.sort_by_key(|field| {
        partition_by.iter().position(|name| name.eq_ignore_ascii_case(&field.name))
    });
    schema.fields = data;
    schema.fields.extend(partitions);
    let given = create.options.iter().find(|(key, _)| key.eq_ignore_ascii_case("path"));
    let given = create.location.clone().or_else(|| given.map(|(_, path)| path.clone()));
    let kind = if given.is_some() { TableKind::External } else { TableKind::Managed };
    let location = match given {
        Some(location) => location,
        None => session.engine().databases().read().managed_location(&name)?,
    };
    let default = || session.conf.read().effective("spark.sql.sources.default");
    let options = create.options.iter().filter(|(key, _)| !key.eq_ignore_ascii_case("path"));
    Ok(CatalogTable {
        name,
        kind,
        format: create
            .format
            .clone()
            .or_else(default)
            .unwrap_or_else(|| "parquet".into())
            .to_lowercase(),
        location,
        schema,
        partition_by,
        layout: create.layout.clone(),
        statistics: None,
        options: options.cloned().collect(),
        properties: create.properties.clone(),
        comment: create.comment.clone(),
        query: None,
        created: now_text(),
    })
}

/// The columns that the layout and the partitions name must be there, and fit together.
fn check_layout(
    layout: &Layout,
    partition_by: &[String],
    schema: &StructType,
    name: &TableName,
) -> Result<()> {
    if layout.bucket_by.is_none() && !layout.sort_by.is_empty() {
        return Err(SparkError::analysis(
            "SORT_BY_WITHOUT_BUCKETING",
            "sortBy must be used together with bucketBy.",
        ));
    }
    if !layout.cluster_by.is_empty() && !partition_by.is_empty() {
        return Err(SparkError::analysis(
            "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED",
            "Cannot specify both CLUSTER BY and PARTITIONED BY.",
        ));
    }
    if schema.fields.is_empty() {
        // They are still to be inferred.
        return Ok(());
    }
    let buckets = layout.bucket_by.iter().flat_map(|(_, columns)| columns);
    let named = partition_by.iter().map(|column| ("partition", column));
    let named = named.chain(buckets.map(|column| ("bucket", column)));
    let named = named.chain(layout.sort_by.iter().map(|column| ("sort", column)));
    for (kind, column) in named {
        if schema.fields.iter().any(|field| field.name.eq_ignore_ascii_case(column)) {
            continue;
        }
        let known = schema.fields.iter().map(|field| format!("`{}`", field.name));
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(SparkError::analysis(
            "COLUMN_NOT_DEFINED_IN_TABLE",
            format!(
                "{kind} column `{column}` is not defined in table {}, defined table columns are: {known}.",
                name.quoted()
            ),
        )
        .with("colType", kind)
        .with("colName", format!("`{column}`"))
        .with("tableName", name.quoted())
        .with("tableCols", known));
    }
    Ok(())
}

/// Keys of maps, partitions and buckets compare as bytes, so that they have no collation.
fn check_collations(layout: &Layout, partition_by: &[String], schema: &StructType) -> Result<()> {
    let is_named = |names: &[String], field: &StructField| {
        names.iter().any(|name| name.eq_ignore_ascii_case(&field.name))
    };
    let has_map_keys = |part: &SparkType| match part {
        SparkType::Map { key, .. } => is_collated(key),
        _ => false,
    };
    for field in &schema.fields {
        let shown = format!("\"{}\"", field.data_type.sql());
        if field.data_type.holds(&has_map_keys) {
            return Err(SparkError::analysis(
                "UNSUPPORTED_FEATURE.COLLATIONS_IN_MAP_KEYS",
                "The feature is not supported: Collated strings for keys of maps",
            ));
        }
        if is_named(partition_by, field) && is_collated(&field.data_type) {
            return Err(SparkError::analysis(
                "INVALID_PARTITION_COLUMN_DATA_TYPE",
                format!("Cannot use {shown} for partition column."),
            )
            .with("type", shown));
        }
        let buckets = layout.bucket_by.iter().any(|(_, columns)| is_named(columns, field));
        if buckets && is_collated(&field.data_type) {
            return Err(SparkError::analysis(
                "INVALID_BUCKET_COLUMN_DATA_TYPE",
                format!(
                    "Cannot use {shown} for bucket column. Collated data types are not supported for bucketing."
                ),
            )
            .with("type", shown));
        }
    }
    Ok(())
}

/// A partition column by name; transforms such as `bucket` are not there.
pub(super) fn partition_column(column: &Expr) -> Result<String> {
    match &column.node {
        ExprNode::Attribute { name, .. } if name.len() == 1 => Ok(name[0].clone()),
        _ => Err(SparkError::unsupported("partitioning by anything but columns")),
    }
}

/// `DROP TABLE`.
pub fn drop_table(session: &Session, name: &Name, if_exists: bool) -> Result<Answer> {
    if let [view] = name.as_slice()
        && session.views.read().get(view).is_some()
    {
        session.views.write().remove(view);
        session.view_changed(view, false);
        return Ok(Answer::none());
    }
    let current = session.current.read().clone();
    let full = TableName::new(name, &current)?;
    let mut databases = session.engine().databases().write();
    match databases.table(&full).map(|table| table.kind) {
        Some(_) => {
            let table = databases.remove_table(&full);
            std::mem::drop(databases);
            if let Some(table) = table {
                // As in Spark 4.2, a view goes too.
                if table.kind != TableKind::View {
                    delete_files(&table)?;
                }
                let location = (table.kind != TableKind::View).then_some(table.location.as_str());
                tables_gone(session.engine(), &full.parts(), location)?;
            }
            Ok(Answer::none())
        }
        None if if_exists => Ok(Answer::none()),
        None => Err(table_not_found(&full.parts(), &current)),
    }
}

/// Deletes the files of a managed table.
pub(super) fn delete_files(table: &CatalogTable) -> Result<()> {
    if table.kind != TableKind::Managed {
        return Ok(());
    }
    let directory = local_directory(&table.location)?;
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(failed(&directory, &error))
        }
        _ => Ok(()),
    }
}

pub fn rename(session: &Arc<Session>, from: &Name, to: &Name) -> Result<Answer> {
    let current = session.current.read().clone();
    if let ([from], [to]) = (from.as_slice(), to.as_slice()) {
        let mut views = session.views.write();
        if let Some(view) = views.remove(from) {
            views.put(to, view);
            std::mem::drop(views);
            session.view_changed(from, false);
            return Ok(Answer::none());
        }
    }
    let (old, mut new) = (TableName::new(from, &current)?, TableName::new(to, &current)?);
    if to.len() == 1 {
        new.database.clone_from(&old.database);
    }
    let mut databases = session.engine().databases().write();
    if databases.table(&new).is_some() {
        return Err(already_exists(&new));
    }
    let Some(mut table) = databases.remove_table(&old) else {
        return Err(table_not_found(&old.parts(), &current));
    };
    table.name = new.clone();
    let location = table.location.clone();
    if table.kind == TableKind::Managed {
        let moved = databases.managed_location(&new)?;
        let (source, target) = (local_directory(&location)?, local_directory(&moved)?);
        if source.exists() {
            std::fs::rename(&source, &target).map_err(|error| failed(&source, &error))?;
        }
        table.location = moved;
    }
    databases.put_table(table)?;
    std::mem::drop(databases);
    let named = session.persisted.read();
    let level = named.iter().find(|kept| kept.is_named(&old.parts())).map(|kept| kept.level);
    std::mem::drop(named);
    tables_gone(session.engine(), &old.parts(), Some(&location))?;
    if let Some(level) = level {
        super::cache_table(&QueryEnvironment::new(session)?, &new.parts(), level)?;
    }
    Ok(Answer::none())
}

fn column_exists(name: &str) -> SparkError {
    let quoted = full_name(&vec![name.to_lowercase()]);
    SparkError::analysis(
        "COLUMN_ALREADY_EXISTS",
        format!(
            "The column {quoted} already exists. Choose another name or rename the existing column."
        ),
    )
    .with("columnName", quoted)
}

/// `TRUNCATE TABLE`: the rows go, the table stays.
pub fn truncate_table(session: &Session, name: &Name) -> Result<Answer> {
    let current = session.current.read().clone();
    let full = TableName::new(name, &current)?;
    let table = session.engine().databases().read().table(&full).cloned();
    if is_temporary_view(session, name) {
        return Err(view_not_table("TRUNCATE TABLE", name));
    }
    let table = table.ok_or_else(|| table_not_found(name, &current))?;
    if table.kind != TableKind::Managed {
        return Err(SparkError::unsupported("TRUNCATE TABLE on an external table or a view"));
    }
    delete_files(&table)?;
    let directory = local_directory(&table.location)?;
    std::fs::create_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
    files_changed(session.engine(), &table.location)?;
    Ok(Answer::none())
}

/// `REFRESH TABLE`: what is kept of the files that the table or view reads is forgotten.
pub fn refresh(env: &QueryEnvironment, name: &Name) -> Result<Answer> {
    let session = env.session();
    describe_table(env, name)?;
    let Some(table) = env.table(name, &Vec::new())? else {
        return Ok(Answer::none());
    };
    let mut roots = Vec::new();
    let mut note = |provider: &dyn TableProvider| {
        if let Some(files) = provider.downcast_ref::<io::FileTable>() {
            roots.extend(files.roots().iter().map(|root| root.to_string_lossy().into_owned()));
        }
    };
    match &table {
        Table::Provider { provider, .. } => note(provider.as_ref()),
        Table::View { resolved, .. } => {
            resolved.plan.apply_with_subqueries(|node| {
                if let LogicalPlan::TableScan(scan) = node {
                    note(source_as_provider(&scan.source)?.as_ref());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
    }
    for root in roots {
        files_changed(session.engine(), &root)?;
    }
    Ok(Answer::none())
}

/// The path behind a `file:` URI.
pub(super) fn local_directory(location: &str) -> Result<PathBuf> {
    let path = match location.strip_prefix("file:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None => location,
    };
    match path.contains("://") {
        true => Err(SparkError::unsupported(format!("the location {location}"))),
        false => Ok(PathBuf::from(path)),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", format!("{}: {error}", path.display()))
}

/// Now, as `DESCRIBE EXTENDED` shows times.
pub(super) fn now_text() -> String {
    chrono::Utc::now().format("%a %b %d %H:%M:%S UTC %Y").to_string()
}

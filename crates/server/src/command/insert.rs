//! INSERT, `df.write.saveAsTable`, `insertInto` and `df.writeTo`.

use super::Answer;
use super::column_default;
use super::store_assignment::{Policy, fitting, stored, with_lengths};
use super::tables;
use super::views::already_exists;
use super::write::{dynamic_overwrite, mode, plan_of, write_path, write_rows};
use crate::catalog::{
    CatalogTable, TableKind, TableName, is_temporary_view, table_not_found, view_not_table,
};
use crate::session::Session;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use firesteel_io as io;
use firesteel_plan::spec::{
    CastMode, CreateTable, Expr, ExprNode, Insert, Literal, Name, Relation, RelationNode, SaveMode,
    TableMethod, WritePath, WriteTable,
};
use std::sync::Arc;

pub async fn insert(session: &Arc<Session>, insert: Insert) -> Result<Answer> {
    if let Some((path, format, options)) = insert.directory {
        let write = WritePath {
            input: insert.query,
            format,
            path: Some(path),
            mode: SaveMode::Overwrite,
            options,
            partition_by: Vec::new(),
            sort_by: Vec::new(),
            bucket_by: None,
            cluster_by: Vec::new(),
        };
        return write_path(session, write).await;
    }
    let table = existing(session, &insert.table)?;
    let fixed: Vec<_> = insert
        .partition
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect();
    // A partition that is named in full is replaced alone.
    let within_partitions = !fixed.is_empty();
    let is_fixed = |name: &str| fixed.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let open: Vec<String> = match insert.columns.is_empty() {
        true => {
            let names = table.schema.fields.iter().map(|field| field.name.clone());
            names.filter(|name| !is_fixed(name)).collect()
        }
        false => insert.columns.clone(),
    };
    for (at, name) in insert.columns.iter().enumerate() {
        if insert.columns[..at].iter().any(|other| other.eq_ignore_ascii_case(name)) {
            let quoted = format!("`{}`", name.to_lowercase());
            return Err(SparkError::analysis(
                "COLUMN_ALREADY_EXISTS",
                format!(
                    "The column {quoted} already exists. Choose another name or rename the existing column."
                ),
            )
            .with("columnName", quoted));
        }
    }
    let query = column_default::with_values(insert.query, &table.schema, &open)?;
    let resolved = plan_of(session, query.clone()).await;
    let (_, schema) = resolved.map_err(column_default::misplaced)?;
    let columns = match insert.by_name {
        true => schema.fields.iter().map(|field| field.name.clone()).collect(),
        false => insert.columns,
    };
    let input = shaped(session, query, &schema, &table, &columns, &fixed)?;
    append(session, &table, input, insert.overwrite, within_partitions).await
}

pub async fn write_table(session: &Arc<Session>, write: WriteTable) -> Result<Answer> {
    let name = TableName::new(&write.table, &session.current.read())?;
    let found = session.engine().databases().read().table(&name).cloned();
    match (&write.method, found) {
        (TableMethod::SaveAsTable(SaveMode::ErrorIfExists) | TableMethod::Create, Some(_)) => {
            Err(already_exists(&name))
        }
        (TableMethod::SaveAsTable(SaveMode::Ignore), Some(_)) => Ok(Answer::none()),
        (TableMethod::SaveAsTable(SaveMode::Append), Some(table)) => {
            let (_, schema) = plan_of(session, write.input.clone()).await?;
            if schema.fields.len() != table.schema.fields.len() {
                return Err(column_number_mismatch(&table, &schema));
            }
            let input = by_name(session, write.input, &table).await?;
            append(session, &table, input, false, false).await
        }
        (TableMethod::Append, Some(table)) => {
            let input = by_name(session, write.input, &table).await?;
            append(session, &table, input, false, false).await
        }
        (TableMethod::InsertInto { overwrite }, Some(table)) => {
            let (_, schema) = plan_of(session, write.input.clone()).await?;
            let input = shaped(session, write.input, &schema, &table, &[], &[])?;
            append(session, &table, input, *overwrite, false).await
        }
        (TableMethod::OverwritePartitions, Some(table)) => {
            let input = by_name(session, write.input, &table).await?;
            append(session, &table, input, true, true).await
        }
        (TableMethod::Overwrite(condition), Some(table)) => {
            if !matches!(&condition.node, ExprNode::Literal(Literal::Boolean(true))) {
                return Err(SparkError::unsupported("overwriting rows by a condition"));
            }
            let input = by_name(session, write.input, &table).await?;
            append(session, &table, input, true, false).await
        }
        (
            TableMethod::InsertInto { .. }
            | TableMethod::Append
            | TableMethod::Overwrite(_)
            | TableMethod::OverwritePartitions
            | TableMethod::Replace,
            None,
        ) => Err(table_not_found(&write.table, &session.current.read())),
        (TableMethod::SaveAsTable(_) | TableMethod::Create, _)
        | (TableMethod::Replace | TableMethod::CreateOrReplace, _) => {
            create_from(session, write).await
        }
    }
}

/// Creates or replaces a table with the rows of a query.
async fn create_from(session: &Arc<Session>, write: WriteTable) -> Result<Answer> {
    let create = CreateTable {
        name: write.table,
        columns: Vec::new(),
        format: write.format,
        location: None,
        options: write.options,
        partition_by: write.partition_by,
        layout: write.layout,
        comment: None,
        properties: write.properties,
        query: Some(write.input),
        if_not_exists: false,
        replace: true,
    };
    tables::create(session, create).await
}

fn existing(session: &Session, name: &Name) -> Result<CatalogTable> {
    let current = session.current.read().clone();
    let full = TableName::new(name, &current)?;
    if is_temporary_view(session, name) {
        return Err(view_not_table("INSERT", name));
    }
    let found = session.engine().databases().read().table(&full).cloned();
    match found {
        Some(table) if table.kind == TableKind::View => {
            Err(view_not_table("INSERT", &full.parts()))
        }
        Some(table) => Ok(table),
        None => Err(table_not_found(name, &current)),
    }
}

/// Columns of the query go to the table's columns of the same name.
async fn by_name(
    session: &Arc<Session>,
    input: Relation,
    table: &CatalogTable,
) -> Result<Relation> {
    let (_, schema) = plan_of(session, input.clone()).await?;
    let columns: Vec<_> = schema.fields.iter().map(|field| field.name.clone()).collect();
    shaped(session, input, &schema, table, &columns, &[])
}

/// The query with the table's columns, in order and with its types. `columns` says which column of the
/// table each column of the query is; empty: by position. `fixed` are partition columns with a value.
fn shaped(
    session: &Session,
    input: Relation,
    query: &StructType,
    table: &CatalogTable,
    columns: &[String],
    fixed: &[(String, Expr)],
) -> Result<Relation> {
    let is_fixed = |name: &str| fixed.iter().any(|(fixed, _)| fixed.eq_ignore_ascii_case(name));
    let open: Vec<&str> = match columns {
        [] => table
            .schema
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .filter(|name| !is_fixed(name))
            .collect(),
        columns => columns.iter().map(String::as_str).collect(),
    };
    if open.len() != query.fields.len() {
        return Err(arity_mismatch(table, &open, query));
    }
    for name in &open {
        if !table.schema.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
            return Err(SparkError::analysis(
                "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS",
                format!(
                    "Cannot write incompatible data for the table {}: Cannot write extra columns `{name}`.",
                    table.name.quoted()
                ),
            )
            .with("tableName", table.name.quoted())
            .with("extraColumns", format!("`{name}`")));
        }
    }
    // Positions as names: the query's own may repeat.
    let names: Vec<_> = (0..open.len()).map(|position| format!("c{position}")).collect();
    let input = Relation::from(RelationNode::ToDf { input, names: names.clone() });
    let policy = Policy::of(session);
    let exprs = table.schema.fields.iter().map(|field| {
        let position = open.iter().position(|name| name.eq_ignore_ascii_case(&field.name));
        let fixed = fixed.iter().find(|(name, _)| name.eq_ignore_ascii_case(&field.name));
        let to = &with_lengths(session, &field.data_type);
        let value = match (position, fixed) {
            (Some(position), _) => {
                let value = Expr::attribute([names[position].clone()]);
                let from = &query.fields[position].data_type;
                stored(policy, value, from, to, table, &field.name)?
            }
            // The value of a partition is text for Spark, which may be cast to anything.
            (None, Some((_, value))) => fitting(value.clone(), to, CastMode::Ansi),
            (None, None) => column_default::missing(session, table, field, to)?,
        };
        Ok(value.alias(&field.name))
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    Ok(Relation::from(RelationNode::Project { input, exprs }))
}

fn column_number_mismatch(table: &CatalogTable, query: &StructType) -> SparkError {
    let name = table.name.parts().join(".");
    let known = SparkType::Struct(table.schema.clone()).simple_string();
    let found = SparkType::Struct(query.clone()).simple_string();
    SparkError::analysis(
        "_LEGACY_ERROR_TEMP_1161",
        format!(
            "The column number of the existing table {name} ({known}) doesn't match the data schema \
             ({found})."
        ),
    )
    .with("tableName", name)
    .with("existingTableSchema", known)
    .with("querySchema", found)
}

fn arity_mismatch(table: &CatalogTable, open: &[&str], query: &StructType) -> SparkError {
    let which = match query.fields.len() < open.len() {
        true => "NOT_ENOUGH_DATA_COLUMNS",
        false => "TOO_MANY_DATA_COLUMNS",
    };
    let names = open.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let data = query.fields.iter().map(|field| format!("`{}`", field.name));
    let data = data.collect::<Vec<_>>().join(", ");
    let few = match which {
        "NOT_ENOUGH_DATA_COLUMNS" => "not enough data columns",
        _ => "too many data columns",
    };
    SparkError::analysis(
        format!("INSERT_COLUMN_ARITY_MISMATCH.{which}"),
        format!(
            "Cannot write to {}, the reason is {few}:\nTable columns: {names}.\nData columns: {data}.",
            table.name.quoted()
        ),
    )
    .with("tableName", table.name.quoted())
    .with("tableColumns", names)
    .with("dataColumns", data)
}

/// Writes rows into the table's directory.
async fn append(
    session: &Arc<Session>,
    table: &CatalogTable,
    input: Relation,
    overwrite: bool,
    within_partitions: bool,
) -> Result<Answer> {
    let (plan, mut schema) = plan_of(session, input).await?;
    for (field, declared) in schema.fields.iter_mut().zip(&table.schema.fields) {
        field.metadata.clone_from(&declared.metadata);
    }
    let options = io::Options::new(table.options.clone());
    let request = io::WriteRequest {
        format: Some(table.format.clone()),
        path: table.location.clone(),
        mode: mode(if overwrite { SaveMode::Overwrite } else { SaveMode::Append }),
        dynamic_overwrite: within_partitions || dynamic_overwrite(session, &options),
        options,
        partition_by: table.partition_by.clone(),
    };
    write_rows(session, &request, &plan, &schema).await
}

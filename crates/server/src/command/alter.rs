//! ALTER TABLE, ALTER VIEW, ALTER DATABASE, COMMENT ON, CREATE TABLE LIKE, and what tables of files refuse.

use super::Answer;
use super::column_default;
use super::tables::{create_table, local_directory};
use crate::catalog::{
    CatalogTable, TableKind, TableName, describe_table, full_name, resolve_database,
    table_not_found,
};
use crate::session::{QueryEnvironment, Session};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError, StructField};
use firesteel_functions::collation::with_collation;
use firesteel_io as io;
use firesteel_plan::resolve::{Environment, resolve_query};
use firesteel_plan::spec::{
    ColumnDefinition, CreateTable, CreateView, Expr, ExprNode, Literal, Name, Options,
    PartitionSpec, TableChange, ViewKind,
};
use std::path::PathBuf;

pub fn table(
    env: &QueryEnvironment,
    name: &Name,
    is_view: bool,
    change: TableChange,
) -> Result<Answer> {
    let session = env.session();
    if let (true, TableChange::Query(query, text), [view]) = (is_view, &change, name.as_slice())
        && session.views.read().get(view).is_some()
    {
        let (query, text) = (query.clone(), Some(text.clone()));
        let view = CreateView {
            name: name.clone(),
            query,
            kind: ViewKind::Temporary,
            replace: true,
            if_not_exists: false,
            columns: Vec::new(),
            comment: None,
            properties: Options::default(),
            text,
        };
        return super::views::create(env, view);
    }
    let mut table = existing(env, name)?;
    if is_view != (table.kind == TableKind::View) {
        return Err(wrong_kind(&table, is_view));
    }
    match change {
        TableChange::SetProperties(properties) => {
            for (key, value) in properties {
                table.properties.retain(|(known, _)| *known != key);
                table.properties.push((key, value));
            }
        }
        TableChange::UnsetProperties { keys, if_exists } => {
            let known = |key: &String| table.properties.iter().any(|(known, _)| known == key);
            if let Some(missing) = keys.iter().find(|key| !known(key))
                && !if_exists
            {
                let shown = table.name.quoted();
                return Err(SparkError::analysis(
                    "UNSET_NONEXISTENT_PROPERTIES",
                    format!(
                        "Attempted to unset non-existent properties [`{missing}`] in table {shown}."
                    ),
                )
                .with("properties", format!("`{missing}`"))
                .with("table", shown));
            }
            table.properties.retain(|(known, _)| !keys.contains(known));
        }
        TableChange::AddColumns(columns) => add_columns(env, &mut table, columns)?,
        TableChange::ColumnDefault { column, default } => {
            let format = table.format.clone();
            let wanted = column.last().map(String::as_str).unwrap_or_default();
            let mut fields = table.schema.fields.iter_mut();
            let Some(field) = fields.find(|field| field.name.eq_ignore_ascii_case(wanted)) else {
                return Err(column_not_found(&column, &table));
            };
            column_default::change(env, field, default.as_deref(), &format)?;
        }
        TableChange::CommentOnColumn { column, comment } => {
            let wanted = column.last().map(String::as_str).unwrap_or_default();
            let mut fields = table.schema.fields.iter_mut();
            let Some(field) = fields.find(|field| field.name.eq_ignore_ascii_case(wanted)) else {
                return Err(column_not_found(&column, &table));
            };
            field.metadata.insert("comment".to_owned(), comment.into());
        }
        TableChange::AddPartitions { partitions, if_not_exists } => {
            add_partitions(&table, partitions, if_not_exists)?;
        }
        TableChange::DropPartitions { partitions, if_exists } => {
            drop_partitions(&table, partitions, if_exists)?;
        }
        TableChange::SetLocation(location) => {
            table.location = location;
            table.kind = TableKind::External;
        }
        TableChange::Query(query, text) => {
            let resolve = || resolve_query(env, &query);
            table.schema = env.views.within(session, &table.name, resolve)?.schema();
            table.query = Some((query, text));
        }
        TableChange::Refused(operation) => return Err(refused(&table.name.quoted(), operation)),
    }
    session.engine().databases().write().put_table(table)?;
    Ok(Answer::none())
}

/// New columns come before the partition columns; rows written earlier have nulls there.
fn add_columns(
    env: &QueryEnvironment,
    table: &mut CatalogTable,
    columns: Vec<ColumnDefinition>,
) -> Result<()> {
    for column in columns {
        let fields = &mut table.schema.fields;
        if fields.iter().any(|field| field.name.eq_ignore_ascii_case(&column.name)) {
            let quoted = format!("`{}`", column.name.to_lowercase());
            return Err(SparkError::analysis(
                "COLUMN_ALREADY_EXISTS",
                format!(
                    "The column {quoted} already exists. Choose another name or rename the existing \
                     column."
                ),
            )
            .with("columnName", quoted));
        }
        let default = table.properties.iter().find(|(key, _)| key == "collation");
        let data_type = match default {
            Some((_, collation)) => with_collation(&column.data_type, collation),
            None => column.data_type,
        };
        let mut field = StructField::new(&column.name, data_type, true);
        if let Some(comment) = column.comment {
            field.metadata.insert("comment".to_owned(), comment.into());
        }
        if let Some(text) = &column.default {
            let command = "ALTER TABLE ADD COLUMNS";
            column_default::declare(env, &mut field, text, &table.format, command)?;
            // Their readers do not tell a missing value from a null.
            if table.format != "parquet" {
                return Err(SparkError::unsupported(format!(
                    "ALTER TABLE … ADD COLUMN … DEFAULT on a table of {} files",
                    table.format
                )));
            }
        }
        let at = fields.len() - table.partition_by.len();
        fields.insert(at, field);
    }
    Ok(())
}

fn add_partitions(
    table: &CatalogTable,
    partitions: Vec<(PartitionSpec, Option<String>)>,
    if_not_exists: bool,
) -> Result<()> {
    for (partition, location) in partitions {
        if location.is_some() {
            return Err(SparkError::unsupported("partitions at another place than their table"));
        }
        let directory = partition_directory(table, &partition)?;
        if directory.exists() && !if_not_exists {
            let shown = shown(&partition)?;
            return Err(SparkError::analysis(
                "PARTITIONS_ALREADY_EXIST",
                format!(
                    "Cannot ADD or RENAME TO partition(s) {shown} in table {} because they already \
                     exist.",
                    table.name.quoted()
                ),
            )
            .with("partitionList", shown)
            .with("tableName", table.name.quoted()));
        }
        std::fs::create_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
    }
    Ok(())
}

fn drop_partitions(
    table: &CatalogTable,
    partitions: Vec<PartitionSpec>,
    if_exists: bool,
) -> Result<()> {
    for partition in partitions {
        let directory = partition_directory(table, &partition)?;
        match std::fs::remove_dir_all(&directory) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if !if_exists {
                    return Err(partition_not_found(table, &shown(&partition)?));
                }
            }
            Err(error) => return Err(failed(&directory, &error)),
        }
    }
    Ok(())
}

/// `PARTITIONS_NOT_FOUND`.
pub(super) fn partition_not_found(table: &CatalogTable, shown: &str) -> SparkError {
    let quoted = table.name.quoted();
    SparkError::analysis(
        "PARTITIONS_NOT_FOUND",
        format!(
            "The partition(s) {shown} cannot be found in table {quoted}.\nVerify the partition \
             specification and table name."
        ),
    )
    .with("partitionList", shown)
    .with("tableName", quoted)
}

/// The directory of one partition: all partition columns must have a value.
fn partition_directory(table: &CatalogTable, partition: &PartitionSpec) -> Result<PathBuf> {
    if table.partition_by.is_empty() {
        return Err(not_partitioned(&table.name.quoted(), "ALTER TABLE ... PARTITION"));
    }
    let mut directory = local_directory(&table.location)?;
    for column in &table.partition_by {
        let found = partition.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
        let Some((_, value)) = found else {
            return Err(SparkError::unsupported("partition specifications that leave columns out"));
        };
        let value = io::partition_value_name(value_text(value)?.as_deref());
        directory.push(format!("{column}={value}"));
    }
    Ok(directory)
}

/// `a=1/b=x`, as SHOW PARTITIONS spells it.
pub(super) fn spelled(partition: &PartitionSpec) -> Result<Vec<(String, String)>> {
    let pair = |(name, value): &(String, Expr)| {
        Ok((name.clone(), io::partition_value_name(value_text(value)?.as_deref())))
    };
    partition.iter().map(pair).collect()
}

fn shown(partition: &PartitionSpec) -> Result<String> {
    let pairs = spelled(partition)?;
    let pairs = pairs.iter().map(|(name, value)| format!("`{name}` = {value}"));
    Ok(format!("PARTITION ({})", pairs.collect::<Vec<_>>().join(", ")))
}

fn value_text(value: &Expr) -> Result<Option<String>> {
    let ExprNode::Literal(literal) = &value.node else {
        return Err(SparkError::unsupported("partition values that are not literals"));
    };
    Ok(match literal {
        Literal::Null(_) => None,
        Literal::String(text) => Some(text.clone()),
        Literal::Boolean(flag) => Some(flag.to_string()),
        Literal::Byte(number) => Some(number.to_string()),
        Literal::Short(number) => Some(number.to_string()),
        Literal::Integer(number) => Some(number.to_string()),
        Literal::Long(number) => Some(number.to_string()),
        _ => return Err(SparkError::unsupported("partition values of this type")),
    })
}

/// `ALTER TABLE … RECOVER PARTITIONS`: partitions are listed anew for each query, so there is nothing
/// to do but to check that the table has any.
pub fn recover(env: &QueryEnvironment, name: &Name) -> Result<Answer> {
    let table = existing(env, name)?;
    if table.partition_by.is_empty() {
        return Err(not_partitioned(&table.name.quoted(), "ALTER TABLE RECOVER PARTITIONS"));
    }
    Ok(Answer::none())
}

fn not_partitioned(table: &str, operation: &str) -> SparkError {
    SparkError::analysis(
        "NOT_A_PARTITIONED_TABLE",
        format!(
            "Operation {operation} is not allowed for {table} because it is not a partitioned table."
        ),
    )
    .with("operation", operation)
    .with("tableIdentWithDB", table)
}

pub fn database(session: &Session, name: &Name, properties: Options) -> Result<Answer> {
    let name = resolve_database(session, name)?;
    let mut databases = session.engine().databases().write();
    databases.change(&name, |database| {
        for (key, value) in properties {
            database.properties.retain(|(known, _)| *known != key);
            database.properties.push((key, value));
        }
    })?;
    Ok(Answer::none())
}

pub fn comment_on_table(
    env: &QueryEnvironment,
    name: &Name,
    comment: Option<String>,
) -> Result<Answer> {
    let mut table = existing(env, name)?;
    table.comment = comment;
    env.session().engine().databases().write().put_table(table)?;
    Ok(Answer::none())
}

pub fn comment_on_database(
    session: &Session,
    name: &Name,
    comment: Option<String>,
) -> Result<Answer> {
    let name = resolve_database(session, name)?;
    let mut databases = session.engine().databases().write();
    databases.change(&name, |database| database.comment = comment.unwrap_or_default())?;
    Ok(Answer::none())
}

/// `CREATE TABLE new LIKE old`: the columns, the format and the options, without rows.
pub fn create_like(
    env: &QueryEnvironment,
    name: Name,
    source: &Name,
    create: CreateTable,
) -> Result<Answer> {
    let (schema, found) = describe_table(env, source)?;
    let columns = schema.fields.into_iter().map(|field| {
        let comment = field.metadata.get("comment").and_then(|text| text.as_str());
        ColumnDefinition {
            comment: comment.map(str::to_owned),
            default: column_default::text_of(&field).map(str::to_owned),
            name: field.name,
            data_type: field.data_type,
            nullable: field.nullable,
            generated: None,
        }
    });
    let found = found.filter(|found| found.kind != TableKind::View);
    let partition_by = found.iter().flat_map(|found| &found.partition_by);
    create_table(
        env,
        CreateTable {
            name,
            columns: columns.collect(),
            format: create.format.or_else(|| found.as_ref().map(|found| found.format.clone())),
            options: found.as_ref().map(|found| found.options.clone()).unwrap_or_default(),
            partition_by: partition_by.map(|name| Expr::attribute([name.clone()])).collect(),
            ..create
        },
    )
}

/// UPDATE, DELETE and MERGE: the table must be there before it can refuse.
pub fn row_level(env: &QueryEnvironment, name: &Name, operation: &str) -> Result<Answer> {
    if env.table(name, &Vec::new())?.is_none() {
        return Err(table_not_found(name, &env.session().current.read()));
    }
    let quoted = match TableName::new(name, &env.session().current.read()) {
        Ok(full) => full.quoted(),
        Err(_) => full_name(name),
    };
    Err(refused(&quoted, operation))
}

/// `UNSUPPORTED_FEATURE.TABLE_OPERATION`.
fn refused(table: &str, operation: &str) -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_FEATURE.TABLE_OPERATION",
        format!(
            "The feature is not supported: Table {table} does not support {operation}. Please check the \
             current catalog and namespace to make sure the qualified table name is expected, and also \
             check the catalog implementation which is configured by \"spark.sql.catalog\"."
        ),
    )
    .with("tableName", table)
    .with("operation", operation)
}

fn existing(env: &QueryEnvironment, name: &Name) -> Result<CatalogTable> {
    let (_, found) = describe_table(env, name)?;
    found.ok_or_else(|| table_not_found(name, &env.session().current.read()))
}

fn wrong_kind(table: &CatalogTable, wants_view: bool) -> SparkError {
    let quoted = table.name.quoted();
    let (condition, expected, found) = match wants_view {
        true => ("EXPECT_VIEW_NOT_TABLE.USE_ALTER_TABLE", "a view", "a table"),
        false => ("EXPECT_TABLE_NOT_VIEW.USE_ALTER_VIEW", "a table", "a view"),
    };
    let operation = if wants_view { "ALTER VIEW" } else { "ALTER TABLE" };
    SparkError::analysis(
        condition,
        format!("'{operation}' expects {expected} but {quoted} is {found}."),
    )
    .with("operation", operation)
}

fn column_not_found(column: &Name, table: &CatalogTable) -> SparkError {
    SparkError::analysis(
        "COLUMN_NOT_FOUND",
        format!(
            "The column {} cannot be found in {}. Verify the spelling and correctness of the column \
             name.",
            full_name(column),
            table.name.quoted()
        ),
    )
    .with("colName", full_name(column))
}

fn failed(path: &std::path::Path, error: &std::io::Error) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", format!("{}: {error}", path.display()))
}

//! DESCRIBE … and SHOW CREATE TABLE.

use super::column_default::text_of as default_of;
use super::{Answer, Cell};
use crate::catalog::{
    CATALOG, CatalogTable, GLOBAL_TEMP_DATABASE, TableKind, database_not_found, describe_table,
    full_name, resolve_database, table_not_found,
};
use crate::session::{QueryEnvironment, Session};
use firesteel_common::types::quote_if_needed;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use firesteel_functions::registry;
use firesteel_plan::resolve::resolve_query;
use firesteel_plan::spec::{Name, Relation};
use std::fmt::Write;

fn comment(field: &StructField) -> Option<String> {
    field.metadata.get("comment").and_then(|text| text.as_str()).map(str::to_owned)
}

fn columns_answer() -> Answer {
    Answer::with_columns(&["col_name", "data_type", "comment?"])
}

fn push_columns(answer: &mut Answer, schema: &StructType) {
    for field in &schema.fields {
        let data_type = field.data_type.simple_string();
        answer.push([Cell::from(field.name.as_str()), data_type.into(), comment(field).into()]);
    }
}

/// `DESCRIBE [EXTENDED] table [column]`.
pub fn table(
    env: &QueryEnvironment,
    name: &Name,
    extended: bool,
    column: Option<&Name>,
) -> Result<Answer> {
    let (schema, entry) = describe_table(env, name)?;
    if let Some(column) = column {
        return describe_column(&schema, name, column, extended);
    }
    let mut answer = columns_answer();
    push_columns(&mut answer, &schema);
    let Some(entry) = entry else {
        return Ok(answer);
    };
    if !entry.partition_by.is_empty() {
        answer.push(["# Partition Information", "", ""].map(Cell::from));
        answer.push(["# col_name", "data_type", "comment"].map(Cell::from));
        let is_partition = |field: &&StructField| {
            entry.partition_by.iter().any(|name| name.eq_ignore_ascii_case(&field.name))
        };
        let fields = schema.fields.iter().filter(is_partition).cloned().collect();
        push_columns(&mut answer, &StructType { fields });
    }
    let defaults: Vec<_> =
        schema.fields.iter().filter(|field| default_of(field).is_some()).collect();
    if extended {
        answer.push(["", "", ""].map(Cell::from));
        answer.push(["# Detailed Table Information", "", ""].map(Cell::from));
        for (name, value) in details(&entry) {
            answer.push([Cell::from(name), value.into(), "".into()]);
        }
    }
    if !defaults.is_empty() {
        answer.push(["", "", ""].map(Cell::from));
        answer.push(["# Column Default Values", "", ""].map(Cell::from));
    }
    for field in defaults {
        let text = default_of(field).unwrap_or_default();
        let data_type = field.data_type.simple_string();
        answer.push([Cell::from(field.name.as_str()), data_type.into(), text.into()]);
    }
    Ok(answer)
}

/// What DESCRIBE EXTENDED and SHOW TABLE EXTENDED tell.
pub(super) fn details(table: &CatalogTable) -> Vec<(&'static str, String)> {
    let mut details = vec![
        ("Catalog", CATALOG.to_owned()),
        ("Database", table.name.database.clone()),
        ("Table", table.name.table.clone()),
        ("Created Time", table.created.clone()),
        ("Last Access", "UNKNOWN".to_owned()),
        ("Created By", "Spark 4.2.0".to_owned()),
        ("Type", table.type_name().to_owned()),
    ];
    if table.kind != TableKind::View {
        details.push(("Provider", table.format.clone()));
    }
    if let Some(comment) = &table.comment {
        details.push(("Comment", comment.clone()));
    }
    if let Some((_, text)) = &table.query {
        details.push(("View Text", text.clone()));
        details.push(("View Original Text", text.clone()));
    }
    if let Some((n, columns)) = &table.layout.bucket_by {
        let quoted = |columns: &[String]| {
            let columns = columns.iter().map(|name| format!("`{name}`"));
            format!("[{}]", columns.collect::<Vec<_>>().join(", "))
        };
        details.push(("Num Buckets", n.to_string()));
        details.push(("Bucket Columns", quoted(columns)));
        details.push(("Sort Columns", quoted(&table.layout.sort_by)));
    }
    let default = table.properties.iter().find(|(key, _)| key == "collation");
    if let Some((_, collation)) = default {
        details.push(("Collation", collation.clone()));
    }
    if table.properties.len() > usize::from(default.is_some()) {
        let pairs = table.properties.iter().filter(|(key, _)| key != "collation");
        let pairs = pairs.map(|(key, value)| format!("{key}={value}"));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        details.push(("Table Properties", format!("[{pairs}]")));
    }
    if let Some(statistics) = &table.statistics {
        let rows = statistics.n_rows.map(|rows| format!(", {rows} rows")).unwrap_or_default();
        details.push(("Statistics", format!("{} bytes{rows}", statistics.size_bytes)));
    }
    if table.kind != TableKind::View {
        details.push(("Location", table.location.clone()));
    }
    if !table.partition_by.is_empty() {
        let columns = table.partition_by.iter().map(|name| format!("`{name}`"));
        details.push(("Partition Provider", "Catalog".to_owned()));
        details
            .push(("Partition Columns", format!("[{}]", columns.collect::<Vec<_>>().join(", "))));
    }
    details
}

fn describe_column(
    schema: &StructType,
    table: &Name,
    column: &Name,
    extended: bool,
) -> Result<Answer> {
    let wanted = column.last().map(String::as_str).unwrap_or_default();
    let found = schema.fields.iter().find(|field| field.name.eq_ignore_ascii_case(wanted));
    let Some(field) = found else {
        return Err(SparkError::analysis(
            "COLUMN_NOT_FOUND",
            format!(
                "The column {} cannot be found in {}. Verify the spelling and correctness of the column \
                 name.",
                full_name(column),
                full_name(table)
            ),
        )
        .with("colName", full_name(column)));
    };
    let text = comment(field).unwrap_or_else(|| "NULL".to_owned());
    let mut answer = Answer::with_columns(&["info_name", "info_value"])
        .row([Cell::from("col_name"), field.name.as_str().into()])
        .row([Cell::from("data_type"), field.data_type.simple_string().into()])
        .row([Cell::from("comment"), text.into()]);
    if extended {
        let statistics = [
            "min",
            "max",
            "num_nulls",
            "distinct_count",
            "avg_col_len",
            "max_col_len",
            "histogram",
        ];
        for name in statistics {
            answer.push([Cell::from(name), "NULL".into()]);
        }
        if let Some(text) = default_of(field) {
            answer.push([Cell::from("default"), text.into()]);
        }
    }
    Ok(answer)
}

pub fn query(env: &QueryEnvironment, query: &Relation) -> Result<Answer> {
    let mut answer = columns_answer();
    push_columns(&mut answer, &resolve_query(env, query)?.schema());
    Ok(answer)
}

pub fn database(session: &Session, name: &Name, extended: bool) -> Result<Answer> {
    let name = resolve_database(session, name)?;
    let databases = session.engine().databases().read();
    if name == GLOBAL_TEMP_DATABASE {
        return Err(database_not_found(&name));
    }
    let database = databases.database(&name)?;
    let mut answer = Answer::with_columns(&["info_name", "info_value?"])
        .row([Cell::from("Catalog Name"), CATALOG.into()])
        .row([Cell::from("Namespace Name"), database.name.as_str().into()])
        .row([Cell::from("Comment"), database.comment.as_str().into()])
        .row([Cell::from("Location"), database.location.as_str().into()])
        .row([Cell::from("Owner"), session.key.user.as_str().into()]);
    if extended {
        let pairs = database.properties.iter().map(|(key, value)| format!("({key},{value})"));
        let pairs = pairs.collect::<Vec<_>>().join(", ");
        let text = if pairs.is_empty() { String::new() } else { format!("({pairs})") };
        answer.push([Cell::from("Properties"), text.into()]);
    }
    Ok(answer)
}

pub fn function(name: &Name) -> Result<Answer> {
    let short = name.last().map(|name| name.to_lowercase()).unwrap_or_default();
    if registry::lookup(&short).is_none() {
        let quoted = full_name(name);
        return Err(SparkError::analysis(
            "UNRESOLVED_ROUTINE",
            format!("Cannot resolve routine {quoted} on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]."),
        )
        .with("routineName", quoted));
    }
    Ok(Answer::with_columns(&["function_desc"])
        .row([Cell::from(format!("Function: {short}"))])
        .row([Cell::from(format!("Usage: {short}(...)"))]))
}

pub fn show_create_table(env: &QueryEnvironment, name: &Name) -> Result<Answer> {
    let text = create_table_text(env, name)?;
    Ok(Answer::with_columns(&["createtab_stmt"]).row([Cell::from(text)]))
}

/// A type as SHOW CREATE TABLE writes it: with the collation of every string.
fn with_collation(data_type: &SparkType) -> String {
    match data_type {
        SparkType::String { collation: None }
        | SparkType::Char { .. }
        | SparkType::Varchar { .. } => format!("{} COLLATE UTF8_BINARY", data_type.sql()),
        SparkType::String { collation: Some(name) } => {
            format!("STRING COLLATE {}", name.to_uppercase())
        }
        SparkType::Array { element, .. } => format!("ARRAY<{}>", with_collation(element)),
        SparkType::Map { key, value, .. } => {
            format!("MAP<{}, {}>", with_collation(key), with_collation(value))
        }
        SparkType::Struct(row) => {
            let fields = row.fields.iter().map(|field| {
                let not_null = if field.nullable { "" } else { " NOT NULL" };
                let name = quote_if_needed(&field.name);
                format!("{name}: {}{not_null}", with_collation(&field.data_type))
            });
            format!("STRUCT<{}>", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.sql(),
    }
}

/// The statement that would make the table again, laid out as Spark does.
///
/// # Errors
/// `TABLE_OR_VIEW_NOT_FOUND`.
pub fn create_table_text(env: &QueryEnvironment, name: &Name) -> Result<String> {
    let (schema, entry) = describe_table(env, name)?;
    let Some(table) = entry else {
        return Err(table_not_found(name, &env.session().current.read()));
    };
    let mut text = String::new();
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let is_view = table.kind == TableKind::View;
    // Writing to a String cannot fail.
    if is_view {
        let _ = write!(text, "CREATE VIEW {}.{}", table.name.database, table.name.table);
    } else {
        let _ = write!(text, "CREATE TABLE {}", table.name.parts().join("."));
    }
    let columns = schema.fields.iter().map(|field| {
        let name = quote_if_needed(&field.name);
        let data_type = match is_view {
            true => String::new(),
            false => format!(" {}", with_collation(&field.data_type)),
        };
        let not_null = if field.nullable || is_view { "" } else { " NOT NULL" };
        let comment = comment(field);
        let comment = comment.map(|text| format!(" COMMENT '{}'", escape(&text)));
        let default = default_of(field).filter(|_| !is_view);
        let default = default.map(|text| format!(" DEFAULT {text}")).unwrap_or_default();
        format!("{name}{data_type}{not_null}{default}{}", comment.unwrap_or_default())
    });
    let _ = writeln!(text, " (\n  {})", columns.collect::<Vec<_>>().join(",\n  "));
    if let Some((_, query)) = &table.query {
        if let Some(comment) = &table.comment {
            let _ = writeln!(text, "COMMENT '{}'", escape(comment));
        }
        let _ = writeln!(text, "WITH SCHEMA COMPENSATION\nAS {query}");
        return Ok(text);
    }
    let _ = writeln!(text, "USING {}", table.format);
    let pairs = |pairs: &[(String, String)]| {
        let lines =
            pairs.iter().map(|(key, value)| format!("'{}' = '{}'", escape(key), escape(value)));
        lines.collect::<Vec<_>>().join(",\n  ")
    };
    if !table.options.is_empty() {
        let _ = writeln!(text, "OPTIONS (\n  {})", pairs(&table.options));
    }
    if !table.partition_by.is_empty() {
        let _ = writeln!(text, "PARTITIONED BY ({})", table.partition_by.join(", "));
    }
    if let Some(comment) = &table.comment {
        let _ = writeln!(text, "COMMENT '{}'", escape(comment));
    }
    if table.kind == TableKind::External {
        let _ = writeln!(text, "LOCATION '{}'", escape(&table.location));
    }
    let (default, properties): (Vec<_>, Vec<_>) =
        table.properties.iter().cloned().partition(|(key, _)| key == "collation");
    for (_, collation) in default {
        let _ = writeln!(text, "DEFAULT COLLATION {collation}");
    }
    if !properties.is_empty() {
        let _ = writeln!(text, "TBLPROPERTIES (\n  {})", pairs(&properties));
    }
    Ok(text)
}

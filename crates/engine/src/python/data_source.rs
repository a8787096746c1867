//! Data sources written in Python, before and after the tasks that read or write: `pyspark.sql.worker`'s
//! `create_data_source`, `plan_data_source_read`, `data_source_pushdown_filters`, `write_into_data_source` and `commit_data_source_write`.

use super::analyze::{Answers, converse, planner_head};
use firesteel_common::nodes::PythonScan;
use firesteel_common::python::{
    DataSourceInstance, DataSourceRead, DataSourceSchema, DataSourceWrite, PythonDataSource,
    PythonSettings,
};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

/// Makes an instance. `schema` is the user's, as JSON. Blocks.
///
/// # Errors
/// `PYTHON_DATA_SOURCE_ERROR` with what the class raised.
pub fn create_data_source(
    settings: &PythonSettings,
    source: &PythonDataSource,
    schema: Option<&str>,
    options: &[(String, String)],
) -> Result<DataSourceInstance> {
    let mut message = planner_head(settings, &source.version);
    message.blob(&source.command).blob(&source.name).flag(schema.is_some());
    if let Some(schema) = schema {
        message.blob(schema);
    }
    message.pairs(options.iter());
    let read = |from: &mut Answers| {
        let instance = Arc::from(from.blob()?);
        let is_ddl = from.int()? == 1;
        let text = from.text()?;
        let schema = match is_ddl {
            true => DataSourceSchema::Ddl(text),
            false => DataSourceSchema::Json(text),
        };
        Ok(DataSourceInstance { instance, schema })
    };
    converse(settings, "pyspark.sql.worker.create_data_source", message, read)
        .map_err(|error| failed(&source.name, "create", &error))
}

/// Asks for the partitions and for the function that reads them. `schema` is JSON. Blocks.
///
/// # Errors
/// `PYTHON_DATA_SOURCE_ERROR` with what the reader raised.
pub fn plan_data_source_read(scan: &PythonScan, schema: &str) -> Result<DataSourceRead> {
    const PARTITION: &str = r#"{"type":"struct","fields":[{"name":"partition","type":"binary","nullable":true,"metadata":{}}]}"#;
    let settings = scan.settings.as_ref();
    let mut message = planner_head(settings, &scan.source.version);
    message.blob(&scan.instance).blob(PARTITION).blob(schema);
    message.count(records_max(settings)).flag(scan.pushes_filters).flag(false);
    message.flag(binary_as_bytes(settings));
    converse(settings, "pyspark.sql.worker.plan_data_source_read", message, planned_read)
        .map_err(|error| failed(&scan.source.name, "plan", &error))
}

/// As [`plan_data_source_read`], with a JSON list of conditions ([`SourceFilter`]) that the reader may take over;
/// gives the places of those that it does.
///
/// [`SourceFilter`]: firesteel_common::python::SourceFilter
///
/// # Errors
/// `PYTHON_DATA_SOURCE_ERROR` with what the reader raised.
pub fn push_data_source_filters(
    scan: &PythonScan,
    schema: &str,
    filters: &str,
) -> Result<(DataSourceRead, Vec<usize>)> {
    let settings = scan.settings.as_ref();
    let mut message = planner_head(settings, &scan.source.version);
    message.blob(&scan.instance).blob(schema).blob(filters);
    message.count(records_max(settings)).flag(binary_as_bytes(settings));
    let read = |from: &mut Answers| {
        let read = planned_read(from)?;
        let taken = from.list(Answers::int)?;
        Ok((read, taken.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()))
    };
    converse(settings, "pyspark.sql.worker.data_source_pushdown_filters", message, read)
        .map_err(|error| failed(&scan.source.name, "plan", &error))
}

fn planned_read(from: &mut Answers) -> Result<DataSourceRead> {
    let command = Arc::from(from.blob()?);
    let partitions = from.list(Answers::blob)?;
    Ok(DataSourceRead { command, partitions })
}

fn records_max(settings: &PythonSettings) -> usize {
    match settings.records_max {
        0 => usize::MAX,
        limit => limit,
    }
}

/// Asks for the function that writes and for the writer. `schema` is JSON. Blocks.
///
/// # Errors
/// `PYTHON_DATA_SOURCE_ERROR` with what the class raised.
pub fn plan_data_source_write(
    settings: &PythonSettings,
    source: &PythonDataSource,
    schema: &str,
    options: &[(String, String)],
    overwrites: bool,
) -> Result<DataSourceWrite> {
    const MESSAGE: &str = r#"{"type":"struct","fields":[{"name":"message","type":"binary","nullable":true,"metadata":{}}]}"#;
    let mut message = planner_head(settings, &source.version);
    message.blob(&source.command).blob(&source.name).blob(schema).blob(MESSAGE);
    message.pairs(options.iter()).flag(overwrites).flag(false).flag(binary_as_bytes(settings));
    let read = |from: &mut Answers| {
        Ok(DataSourceWrite { command: Arc::from(from.blob()?), writer: Arc::from(from.blob()?) })
    };
    converse(settings, "pyspark.sql.worker.write_into_data_source", message, read)
        .map_err(|error| failed(&source.name, "write", &error))
}

/// Gives the writer the messages of all tasks; `aborts`: some failed. Blocks.
///
/// # Errors
/// `PYTHON_DATA_SOURCE_ERROR` with what the writer raised.
pub fn commit_data_source_write(
    settings: &PythonSettings,
    source: &PythonDataSource,
    writer: &[u8],
    messages: &[Vec<u8>],
    aborts: bool,
) -> Result<()> {
    let mut message = planner_head(settings, &source.version);
    message.blob(writer).count(messages.len());
    for own in messages {
        message.blob(own);
    }
    message.flag(aborts);
    let read = |from: &mut Answers| from.status();
    let action = if aborts { "abort" } else { "commit" };
    converse(settings, "pyspark.sql.worker.commit_data_source_write", message, read)
        .map_err(|error| failed(&source.name, action, &error))
}

fn binary_as_bytes(settings: &PythonSettings) -> bool {
    settings.conf.iter().all(|(key, value)| {
        key != "spark.sql.execution.pyspark.binaryAsBytes" || value.eq_ignore_ascii_case("true")
    })
}

fn failed(name: &str, action: &str, error: &SparkError) -> SparkError {
    let message = error.raw_message().to_owned();
    SparkError::analysis(
        "PYTHON_DATA_SOURCE_ERROR",
        format!("Failed to {action} Python data source {name}: {message}"),
    )
    .with("action", action)
    .with("type", name)
    .with("msg", message)
}

//! Data sources written in Python, before and after the tasks that read or write: `pyspark.sql.worker`'s
//! `create_data_source`, `plan_data_source_read`, `write_into_data_source` and `commit_data_source_write`.

use super::analyze::{Answers, converse, planner_head};
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
pub fn plan_data_source_read(
    settings: &PythonSettings,
    source: &PythonDataSource,
    instance: &DataSourceInstance,
    schema: &str,
    pushes_filters: bool,
) -> Result<DataSourceRead> {
    const PARTITION: &str = r#"{"type":"struct","fields":[{"name":"partition","type":"binary","nullable":true,"metadata":{}}]}"#;
    let mut message = planner_head(settings, &source.version);
    let binary_as_bytes = binary_as_bytes(settings);
    message.blob(&instance.instance).blob(PARTITION).blob(schema);
    let records_max = match settings.records_max {
        0 => usize::MAX,
        limit => limit,
    };
    message.count(records_max).flag(pushes_filters).flag(false);
    message.flag(binary_as_bytes);
    let read = |from: &mut Answers| {
        let command = Arc::from(from.blob()?);
        let partitions = from.list(Answers::blob)?;
        Ok(DataSourceRead { command, partitions })
    };
    converse(settings, "pyspark.sql.worker.plan_data_source_read", message, read)
        .map_err(|error| failed(&source.name, "plan", &error))
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

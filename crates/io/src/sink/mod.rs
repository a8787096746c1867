//! Writing: batches of a query to files (Spark's `FileFormatWriter` with its commit protocol).
//!
//! ```text
//! stream per task ──▶ task.rs (partition directories, file rotation) ──▶ one FileWriter per file
//!                                       │ into a hidden directory beside the target
//!                                       ▼
//!                                  commit.rs (rename, `_SUCCESS`)
//! ```
//! A job that fails removes its hidden directory; the target is as it was.

mod commit;
mod csv;
mod json;
mod libsvm;
mod parquet;
mod render;
mod task;
mod text;
mod text_file;

use crate::listing::{local_path, show_path};
use crate::request::{Options, SaveMode, WriteRequest};
use crate::source::{format_name, nullable};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::physical_plan::SendableRecordBatchStream;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SessionSettings, SparkError, StructField, StructType};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Writes the partitions of a query, one task each.
///
/// # Errors
/// `PATH_ALREADY_EXISTS`, unsupported types and options, and whatever the query itself meets.
pub async fn write(
    request: &WriteRequest,
    schema: &StructType,
    partitions: Vec<SendableRecordBatchStream>,
    settings: &SessionSettings,
) -> Result<()> {
    let target = local_path(&request.path)?;
    if target.exists() {
        match request.mode {
            SaveMode::ErrorIfExists => {
                let shown = show_path(&target);
                return Err(SparkError::analysis(
                    "PATH_ALREADY_EXISTS",
                    format!(
                        "Path {shown} already exists. Set mode as \"overwrite\" to overwrite the existing path."
                    ),
                )
                .with("outputPath", shown));
            }
            SaveMode::Ignore => return Ok(()),
            SaveMode::Append | SaveMode::Overwrite => {}
        }
    }
    let layout = Layout::new(schema, &request.partition_by, settings)?;
    let format = sink_format(request, &layout.data, settings)?;
    let staging = commit::Staging::new(&target)?;
    let job = Arc::new(task::Job {
        layout,
        format,
        directory: staging.directory().to_path_buf(),
        id: uuid::Uuid::new_v4().to_string(),
        rows_max: request.options.number("maxRecordsPerFile")?.filter(|rows| *rows > 0),
    });
    let mut tasks = JoinSet::new();
    for (index, stream) in partitions.into_iter().enumerate() {
        tasks.spawn(task::run(Arc::clone(&job), index, stream));
    }
    while let Some(finished) = tasks.join_next().await {
        let outcome = finished
            .map_err(|error| SparkError::internal(format!("write task: {error}")))
            .and_then(|outcome| outcome);
        if let Err(error) = outcome {
            // The others must have ended before the hidden directory goes, or they would remake it.
            tasks.shutdown().await;
            return Err(error);
        }
    }
    staging.commit(request.mode, request.dynamic_overwrite && !request.partition_by.is_empty())
}

/// A format and its options, ready to open files.
pub(crate) trait SinkFormat: Send + Sync {
    /// `.snappy.parquet`.
    fn extension(&self) -> String;

    /// # Errors
    /// Of the file system.
    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>>;
}

/// One file under construction.
#[async_trait]
pub(crate) trait FileWriter: Send {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()>;
    async fn close(self: Box<Self>) -> Result<()>;
}

/// Which columns go into files and which into directory names.
pub(crate) struct Layout {
    pub data: StructType,
    pub data_columns: Vec<usize>,
    pub partition_columns: Vec<usize>,
    pub partition_fields: Vec<StructField>,
    pub time_zone: String,
}

impl Layout {
    fn new(
        schema: &StructType,
        partition_by: &[String],
        settings: &SessionSettings,
    ) -> Result<Self> {
        let mut partition_columns = Vec::new();
        for name in partition_by {
            let found =
                schema.fields.iter().position(|field| settings.same_name(&field.name, name));
            partition_columns.push(found.ok_or_else(|| {
                SparkError::analysis(
                    "COLUMN_NOT_FOUND",
                    format!("The partition column `{name}` is not in the data to be written."),
                )
                .with("colName", format!("`{name}`"))
            })?);
        }
        let data_columns: Vec<usize> =
            (0..schema.fields.len()).filter(|column| !partition_columns.contains(column)).collect();
        if data_columns.is_empty() && !partition_columns.is_empty() {
            return Err(SparkError::analysis(
                "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
                "Cannot use all columns for partition columns.",
            ));
        }
        let data = data_columns.iter().map(|column| schema.fields[*column].clone()).collect();
        let partition_fields =
            partition_columns.iter().map(|column| schema.fields[*column].clone()).collect();
        Ok(Self {
            data: nullable(&StructType::new(data)),
            data_columns,
            partition_columns,
            partition_fields,
            time_zone: settings.time_zone.clone(),
        })
    }
}

fn sink_format(
    request: &WriteRequest,
    data: &StructType,
    settings: &SessionSettings,
) -> Result<Box<dyn SinkFormat>> {
    let options: &Options = &request.options;
    let format = format_name(request.format.as_deref())?;
    if format != "csv" {
        check_names(data, settings)?;
    }
    if format == "parquet" && data.fields.is_empty() {
        return Err(SparkError::analysis(
            "EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE",
            "The Parquet datasource does not support writing empty or nested empty schemas. Please make sure the \
             data schema has at least one or more column(s).",
        )
        .with("format", "Parquet"));
    }
    Ok(match format {
        "parquet" => Box::new(parquet::ParquetSink::new(data, options)?),
        "csv" => Box::new(csv::CsvSink::new(data, options, settings)?),
        "json" => Box::new(json::JsonSink::new(data, options, settings)?),
        "libsvm" => Box::new(libsvm::LibsvmSink::new(data, options)?),
        _ => Box::new(text::TextSink::new(data, options)?),
    })
}

fn check_names(data: &StructType, settings: &SessionSettings) -> Result<()> {
    for (index, field) in data.fields.iter().enumerate() {
        if data.fields[..index].iter().any(|known| settings.same_name(&known.name, &field.name)) {
            let name = format!("`{}`", field.name.to_lowercase());
            return Err(SparkError::analysis(
                "COLUMN_ALREADY_EXISTS",
                format!(
                    "The column {name} already exists. Choose another name or rename the existing column."
                ),
            )
            .with("columnName", name));
        }
    }
    Ok(())
}

/// Batches in the exact Arrow types of `schema`.
pub(crate) fn conform(
    batch: &RecordBatch,
    schema: &StructType,
) -> Result<Vec<arrow::array::ArrayRef>> {
    let target = schema_to_arrow(schema);
    batch
        .columns()
        .iter()
        .zip(target.fields())
        .map(|(column, field)| {
            if column.data_type() == field.data_type() {
                Ok(Arc::clone(column))
            } else {
                Ok(arrow::compute::cast(column, field.data_type())?)
            }
        })
        .collect()
}

/// An error of the file system while writing.
pub(crate) fn failed_write(path: &Path, cause: &dyn std::fmt::Display) -> SparkError {
    let shown = show_path(path);
    SparkError::new(
        firesteel_common::ErrorKind::Execution,
        "TASK_WRITE_FAILED",
        format!("Task failed while writing rows to {shown}. {cause}"),
    )
    .with("path", shown)
}

//! Reading: a [`ReadRequest`] to a table.

pub mod csv;
pub mod json;
pub mod libsvm;
pub mod lines;
pub mod parquet;
pub mod text;

use crate::listing::{self, Listing};
use crate::request::{Options, ReadRequest};
use crate::table::{FileFormat, FileTable, RowSpec};
use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// A table that is ready to be scanned.
#[derive(Debug, Clone)]
pub struct OpenTable {
    pub provider: Arc<dyn TableProvider>,
    /// Spark's schema; every column may be null.
    pub schema: StructType,
}

/// Lists the files of a read, finds their schema and makes a table of them.
///
/// # Errors
/// `PATH_NOT_FOUND`, `UNABLE_TO_INFER_SCHEMA`, `DATA_SOURCE_NOT_FOUND`, and what the format finds
/// wrong with its options or files.
pub async fn open(
    request: &ReadRequest,
    settings: &SessionSettings,
    state: &SessionState,
) -> Result<OpenTable> {
    let _ = state;
    let request = request.clone();
    let settings = settings.clone();
    // Listing and inference read files with blocking calls.
    tokio::task::spawn_blocking(move || open_blocking(&request, &settings))
        .await
        .map_err(|error| SparkError::internal(format!("reading files: {error}")))?
}

fn open_blocking(request: &ReadRequest, settings: &SessionSettings) -> Result<OpenTable> {
    let (table, schema) = list_and_infer(request, settings)?;
    Ok(OpenTable { provider: Arc::new(table), schema })
}

/// The table of a read. Blocks.
///
/// # Errors
/// As [`open`].
pub(crate) fn list(request: &ReadRequest, settings: &SessionSettings) -> Result<FileTable> {
    list_and_infer(request, settings).map(|(table, _)| table)
}

fn list_and_infer(
    request: &ReadRequest,
    settings: &SessionSettings,
) -> Result<(FileTable, StructType)> {
    let name = format_name(request.format.as_deref())?;
    let mut paths = request.paths.clone();
    paths.extend(request.options.get("path").map(str::to_owned));
    if paths.is_empty() {
        return Err(unable_to_infer(name));
    }
    let listing = listing::list(&paths, &request.options, request.schema.as_ref(), settings)?;
    let partitions = StructType::new(listing.partition_fields.clone());
    let data = match &request.schema {
        Some(schema) => nullable(&without(schema, &partitions, settings)),
        None => nullable(&infer(name, &listing, &request.options, settings)?),
    };
    let data = without_collisions(&data, settings)?;
    let schema = merged(&data, &partitions, settings);
    let file_columns = without(&data, &partitions, settings);
    let format = match name {
        "parquet" => FileFormat::Parquet { case_sensitive: settings.case_sensitive },
        name => {
            let spec = RowSpec::new(name, &file_columns, &request.options, settings);
            FileFormat::Rows { format: spec.format()?, spec }
        }
    };
    // The names of partition columns as the table spells them.
    let partitions = StructType::new(
        partitions
            .fields
            .into_iter()
            .map(|field| {
                let name = schema
                    .fields
                    .iter()
                    .find(|known| settings.same_name(&known.name, &field.name))
                    .map_or_else(|| field.name.clone(), |known| known.name.clone());
                StructField { name, ..field }
            })
            .collect(),
    );
    let table = FileTable::new(
        format,
        &schema,
        &file_columns,
        &partitions,
        &listing.files,
        &listing.partition_values,
        settings.slots,
    )?;
    let table = table.read_as(request.clone(), settings.clone(), listing.roots);
    Ok((table, schema))
}

/// The short name of a format.
///
/// # Errors
/// Unsupported formats by name, `DATA_SOURCE_NOT_FOUND` for the rest.
pub fn format_name(format: Option<&str>) -> Result<&'static str> {
    let given = format.unwrap_or("parquet");
    let lower = given.to_lowercase();
    let short = lower.rsplit("datasources.").next().unwrap_or(&lower);
    let short = short.split('.').next().unwrap_or(short);
    match short {
        "parquet" => Ok("parquet"),
        "csv" => Ok("csv"),
        "json" => Ok("json"),
        "text" => Ok("text"),
        "libsvm" => Ok("libsvm"),
        "orc" | "avro" | "xml" | "binaryfile" | "jdbc" | "image" | "delta" | "iceberg"
        | "kafka" | "noop" => Err(SparkError::unsupported(format!("the data source \"{given}\""))),
        _ => Err(SparkError::analysis(
            "DATA_SOURCE_NOT_FOUND",
            format!(
                "Failed to find the data source: {given}. Make sure the provider name is correct and \
                 the package is properly registered and compatible with your Spark version."
            ),
        )
        .with("provider", given)),
    }
}

fn infer(
    name: &'static str,
    listing: &Listing,
    options: &Options,
    settings: &SessionSettings,
) -> Result<StructType> {
    if name == "libsvm" {
        return libsvm::infer_files(&listing.files, options);
    }
    if name == "text" {
        return Ok(StructType::new(vec![StructField::new("value", SparkType::string(), true)]));
    }
    let inferred = match name {
        "parquet" => parquet::schema::infer(&listing.files, options, settings)?,
        "csv" => csv::infer_files(&listing.files, options, settings)?,
        _ => json::infer_files(&listing.files, options, settings)?,
    };
    inferred.ok_or_else(|| unable_to_infer(name))
}

fn unable_to_infer(format: &str) -> SparkError {
    let shown = match format {
        "parquet" => "Parquet".to_owned(),
        other => other.to_uppercase(),
    };
    SparkError::analysis(
        "UNABLE_TO_INFER_SCHEMA",
        format!("Unable to infer schema for {shown}. It must be specified manually."),
    )
    .with("format", shown)
}

/// `schema` without the columns that directory names carry.
fn without(schema: &StructType, partitions: &StructType, settings: &SessionSettings) -> StructType {
    let is_partition = |field: &&StructField| {
        partitions.fields.iter().any(|known| settings.same_name(&known.name, &field.name))
    };
    StructType::new(schema.fields.iter().filter(|field| !is_partition(field)).cloned().collect())
}

/// Data columns, then partition columns; a column that is both keeps its place and gets the
/// partition's type.
fn merged(data: &StructType, partitions: &StructType, settings: &SessionSettings) -> StructType {
    let mut fields: Vec<StructField> = data
        .fields
        .iter()
        .map(|field| {
            let partition =
                partitions.fields.iter().find(|known| settings.same_name(&known.name, &field.name));
            match partition {
                Some(found) => StructField { name: field.name.clone(), ..found.clone() },
                None => field.clone(),
            }
        })
        .collect();
    for field in &partitions.fields {
        if !data.fields.iter().any(|known| settings.same_name(&known.name, &field.name)) {
            fields.push(field.clone());
        }
    }
    StructType::new(fields)
}

fn without_collisions(schema: &StructType, settings: &SessionSettings) -> Result<StructType> {
    for (index, field) in schema.fields.iter().enumerate() {
        let again = schema.fields[..index].iter().any(|f| settings.same_name(&f.name, &field.name));
        if again {
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
    Ok(schema.clone())
}

/// Malformed records alone cannot be asked for: which they are depends on the columns read.
pub(crate) fn corrupt_only() -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN",
        "The feature is not supported: Queries from raw JSON/CSV/XML files are disallowed when the \
         referenced columns only include the internal corrupt record column (named `_corrupt_record` \
         by default).",
    )
}

/// Every column, element, value and field may be null: files promise nothing.
pub fn nullable(schema: &StructType) -> StructType {
    let fields = schema.fields.iter().map(|field| StructField {
        name: field.name.clone(),
        data_type: nullable_type(&field.data_type),
        nullable: true,
        metadata: field.metadata.clone(),
    });
    StructType::new(fields.collect())
}

fn nullable_type(data_type: &SparkType) -> SparkType {
    match data_type {
        SparkType::Array { element, .. } => SparkType::array(nullable_type(element)),
        SparkType::Map { key, value, .. } => {
            SparkType::map(nullable_type(key), nullable_type(value))
        }
        SparkType::Struct(fields) => SparkType::Struct(nullable(fields)),
        other => other.clone(),
    }
}

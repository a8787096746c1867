//! Spark's schema of Parquet files: the one that Spark left in the footer, or else one made from
//! Parquet's own types.

use super::unreadable;
use crate::listing::{FoundFile, show_path};
use crate::request::Options;
use arrow::datatypes::TimeUnit;
use datafusion::datasource::physical_plan::parquet::Int96Coercer;
use datafusion::parquet::arrow::parquet_to_arrow_schema;
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use firesteel_common::types::{schema_from_arrow, type_from_json};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// Footer key under which Spark keeps its schema as JSON.
pub const SPARK_SCHEMA_KEY: &str = "org.apache.spark.sql.parquet.row.metadata";

/// The schema of the first file, or of all files together with `mergeSchema`; none without files.
///
/// # Errors
/// `FAILED_READ_FILE`, `CANNOT_MERGE_SCHEMAS`.
pub fn infer(
    files: &[FoundFile],
    options: &Options,
    settings: &SessionSettings,
) -> Result<Option<StructType>> {
    let mut files: Vec<&FoundFile> = files.iter().collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    if !options.flag("mergeSchema", false)? {
        return files.first().map(|file| of_file(file)).transpose();
    }
    let mut merged: Option<StructType> = None;
    for file in files {
        let schema = of_file(file)?;
        merged = Some(match merged {
            None => schema,
            Some(known) => merge(&known, &schema, settings)?,
        });
    }
    Ok(merged)
}

fn of_file(file: &FoundFile) -> Result<StructType> {
    let shown = show_path(&file.path);
    let open = std::fs::File::open(&file.path).map_err(|error| unreadable(&shown, &error))?;
    let metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&open)
        .map_err(|error| unreadable(&shown, &error))?;
    of_metadata(&metadata).map_err(|error| match error.condition() {
        "" => unreadable(&shown, &error),
        _ => error,
    })
}

/// The Spark schema that a footer tells.
///
/// # Errors
/// `UNSUPPORTED_DATATYPE`.
pub fn of_metadata(metadata: &ParquetMetaData) -> Result<StructType> {
    let file = metadata.file_metadata();
    let spark = file
        .key_value_metadata()
        .and_then(|entries| entries.iter().find(|entry| entry.key == SPARK_SCHEMA_KEY))
        .and_then(|entry| entry.value.as_deref())
        .and_then(|json| type_from_json(json).ok());
    if let Some(SparkType::Struct(schema)) = spark {
        return Ok(schema);
    }
    // Arrow's own schema in the footer is left aside: Spark does not know it.
    let parquet = |error: datafusion::parquet::errors::ParquetError| {
        SparkError::new(firesteel_common::ErrorKind::Execution, "", error.to_string())
    };
    let arrow = parquet_to_arrow_schema(file.schema_descr(), None).map_err(parquet)?;
    let coerced = Int96Coercer::new(file.schema_descr(), &arrow, &TimeUnit::Microsecond)
        .with_timezone(Some(Arc::from("UTC")))
        .coerce();
    schema_from_arrow(&coerced.unwrap_or(arrow))
}

fn merge(left: &StructType, right: &StructType, settings: &SessionSettings) -> Result<StructType> {
    let mut fields = left.fields.clone();
    for field in &right.fields {
        match fields.iter_mut().find(|known| settings.same_name(&known.name, &field.name)) {
            Some(known) => {
                known.data_type = merge_types(&known.data_type, &field.data_type, settings)
                    .ok_or_else(|| conflict(left, right))?;
                known.nullable |= field.nullable;
            }
            None => fields.push(StructField { nullable: true, ..field.clone() }),
        }
    }
    Ok(StructType::new(fields))
}

fn merge_types(
    left: &SparkType,
    right: &SparkType,
    settings: &SessionSettings,
) -> Option<SparkType> {
    match (left, right) {
        (left, right) if left == right => Some(left.clone()),
        (SparkType::Struct(left), SparkType::Struct(right)) => {
            merge(left, right, settings).ok().map(SparkType::Struct)
        }
        (SparkType::Array { element: left, .. }, SparkType::Array { element: right, .. }) => {
            merge_types(left, right, settings).map(SparkType::array)
        }
        (
            SparkType::Map { key: left_key, value: left, .. },
            SparkType::Map { key: right_key, value: right, .. },
        ) => Some(SparkType::map(
            merge_types(left_key, right_key, settings)?,
            merge_types(left, right, settings)?,
        )),
        (
            SparkType::Decimal { precision: left, scale },
            SparkType::Decimal { precision: right, scale: other },
        ) if scale == other => {
            Some(SparkType::Decimal { precision: *left.max(right), scale: *scale })
        }
        _ => None,
    }
}

fn conflict(left: &StructType, right: &StructType) -> SparkError {
    let show = |schema: &StructType| SparkType::Struct(schema.clone()).sql();
    SparkError::new(
        firesteel_common::ErrorKind::Execution,
        "CANNOT_MERGE_SCHEMAS",
        format!(
            "Failed merging schemas:\nInitial schema:\n\"{}\"\nSchema that cannot be merged with the \
             initial schema:\n\"{}\".",
            show(left),
            show(right)
        ),
    )
    .with("left", show(left))
    .with("right", show(right))
}

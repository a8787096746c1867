//! `_metadata`: the hidden column that says which file a row comes from.
//!
//! It is one more partition column, so a query that does not ask for it pays nothing and a filter on it
//! leaves files out. Parquet's `row_index` is not there.

use crate::listing::FoundFile;
use arrow::array::{ArrayRef, Int64Array, StringArray, StructArray, TimestampMicrosecondArray};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::datasource::listing::PartitionedFile;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// Name of the column.
pub const METADATA: &str = "_metadata";
/// Key in the column's own metadata by which Spark knows such columns.
const METADATA_KEY: &str = "__metadata_col";
const FILE_SOURCE_KEY: &str = "__file_source_metadata_col";

/// The column as Spark shows it.
pub fn metadata_field() -> StructField {
    let field = |name: &str, data_type: SparkType| StructField::new(name, data_type, false);
    let row = StructType::new(vec![
        field("file_path", SparkType::string()),
        field("file_name", SparkType::string()),
        field("file_size", SparkType::Long),
        field("file_block_start", SparkType::Long),
        field("file_block_length", SparkType::Long),
        field("file_modification_time", SparkType::Timestamp),
    ]);
    let mut column = field(METADATA, SparkType::Struct(row));
    column.metadata.insert(FILE_SOURCE_KEY.to_owned(), true.into());
    column.metadata.insert(METADATA_KEY.to_owned(), METADATA.into());
    column
}

/// The column's value for a whole file.
///
/// # Errors
/// When the value does not fit its type: our defect.
pub fn metadata_value(file: &FoundFile) -> Result<ScalarValue> {
    let modified = file.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let modified = i64::try_from(modified.as_micros()).unwrap_or(i64::MAX);
    let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    value(&uri(file), &name.unwrap_or_default(), size, (0, size), modified)
}

/// The value for a part of the file, where `file` is one.
///
/// # Errors
/// As [`metadata_value`].
pub fn of_part(file: &mut PartitionedFile) -> Result<()> {
    let Some(range) = &file.range else { return Ok(()) };
    let (start, length) = (range.start, range.end - range.start);
    let Some(ScalarValue::Struct(whole)) = file.partition_values.last() else { return Ok(()) };
    let mut columns: Vec<ArrayRef> = whole.columns().to_vec();
    columns[3] = Arc::new(Int64Array::from(vec![start]));
    columns[4] = Arc::new(Int64Array::from(vec![length]));
    let part = StructArray::try_new(whole.fields().clone(), columns, None)?;
    if let Some(value) = file.partition_values.last_mut() {
        *value = ScalarValue::Struct(Arc::new(part));
    }
    Ok(())
}

fn value(
    path: &str,
    name: &str,
    size: i64,
    (start, length): (i64, i64),
    modified_micros: i64,
) -> Result<ScalarValue> {
    let schema = schema_to_arrow(&StructType::new(vec![metadata_field()]));
    let DataType::Struct(fields) = schema.field(0).data_type() else {
        return Err(SparkError::internal("_metadata is no struct"));
    };
    let time = TimestampMicrosecondArray::from(vec![modified_micros]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![path])),
        Arc::new(StringArray::from(vec![name])),
        Arc::new(Int64Array::from(vec![size])),
        Arc::new(Int64Array::from(vec![start])),
        Arc::new(Int64Array::from(vec![length])),
        Arc::new(time.with_data_type(fields[5].data_type().clone())),
    ];
    let row = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(ScalarValue::Struct(Arc::new(row)))
}

/// `file:/a%20b`: what is no path character is escaped.
fn uri(file: &FoundFile) -> String {
    let mut out = String::from("file:");
    for byte in file.path.to_string_lossy().bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-_.!~*'()@&=+$,;:".contains(&byte);
        if plain {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

//! Parquet files that Spark reads as its own: its schema in the footer, its names of list elements
//! and map entries.
//!
//! Timestamps are written as 64-bit microseconds, also where Spark 4.2 would still write INT96 by
//! default: every reader takes them, and they carry statistics.

use super::{FileWriter, SinkFormat, failed_write};
use crate::request::{Options, invalid};
use crate::source::parquet::schema::SPARK_SCHEMA_KEY;
use crate::values::column::unsupported_type;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Field, FieldRef, Fields, Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType,
    Schema, SchemaRef, TimeUnit,
};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::WriterProperties;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Version that we write as: decides how Spark reads dates before 1582.
const SPARK_VERSION: &str = "4.2.0";

pub struct ParquetSink {
    schema: SchemaRef,
    extension: &'static str,
    properties: WriterProperties,
}

impl ParquetSink {
    /// # Errors
    /// For unknown codecs and for types that Parquet cannot hold.
    pub fn new(data: &StructType, options: &Options) -> Result<Self> {
        for field in &data.fields {
            check(&field.data_type, &field.name)?;
        }
        let (codec, extension) = codec(options)?;
        let metadata = vec![
            KeyValue::new(SPARK_SCHEMA_KEY.to_owned(), data.to_json().to_string()),
            KeyValue::new("org.apache.spark.version".to_owned(), SPARK_VERSION.to_owned()),
        ];
        let properties = WriterProperties::builder()
            .set_compression(codec)
            .set_created_by(format!("firesteel version {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(metadata))
            .build();
        let fields: Vec<FieldRef> =
            schema_to_arrow(data).fields().iter().map(|field| file_field(field)).collect();
        Ok(Self { schema: Arc::new(Schema::new(fields)), extension, properties })
    }
}

impl SinkFormat for ParquetSink {
    fn extension(&self) -> String {
        format!("{}.parquet", self.extension)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>> {
        let file = File::create(path).map_err(|error| failed_write(path, &error))?;
        let options = ArrowWriterOptions::new()
            .with_properties(self.properties.clone())
            .with_schema_root("spark_schema".to_owned())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&self.schema), options)
            .map_err(|error| failed_write(path, &error))?;
        Ok(Box::new(ParquetFile {
            schema: Arc::clone(&self.schema),
            writer,
            path: path.to_path_buf(),
        }))
    }
}

struct ParquetFile {
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    path: PathBuf,
}

#[async_trait]
impl FileWriter for ParquetFile {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = batch
            .columns()
            .iter()
            .zip(self.schema.fields())
            .map(|(column, field)| file_form(column, field.data_type()))
            .collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.writer.write(&batch).map_err(|error| failed_write(&self.path, &error))
    }

    async fn close(self: Box<Self>) -> Result<()> {
        let path = self.path;
        self.writer.close().map(|_| ()).map_err(|error| failed_write(&path, &error))
    }
}

/// The codec and the part of the file name that tells it.
fn codec(options: &Options) -> Result<(Compression, &'static str)> {
    let name = options.first(&["compression", "parquet.compression"]).unwrap_or("snappy");
    Ok(match name.to_lowercase().as_str() {
        "snappy" => (Compression::SNAPPY, ".snappy"),
        "none" | "uncompressed" => (Compression::UNCOMPRESSED, ""),
        "gzip" => (Compression::GZIP(GzipLevel::default()), ".gz"),
        "zstd" => (Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()), ".zstd"),
        "lz4" => (Compression::LZ4, ".lz4hadoop"),
        "lz4_raw" | "lz4raw" => (Compression::LZ4_RAW, ".lz4raw"),
        "brotli" => (Compression::BROTLI(BrotliLevel::default()), ".br"),
        "lzo" => return Err(SparkError::unsupported("the Parquet codec \"lzo\"")),
        other => {
            return Err(invalid(
                "compression",
                other,
                "one of none, uncompressed, snappy, gzip, lz4, lz4_raw, brotli, zstd",
            ));
        }
    })
}

fn check(data_type: &SparkType, column: &str) -> Result<()> {
    match data_type {
        SparkType::CalendarInterval | SparkType::Null => {
            Err(unsupported_type(data_type, "Parquet", column))
        }
        SparkType::Array { element, .. } => check(element, column),
        SparkType::Map { key, value, .. } => {
            check(key, column)?;
            check(value, column)
        }
        SparkType::Struct(fields) => {
            fields.fields.iter().try_for_each(|field| check(&field.data_type, column))
        }
        SparkType::Udt(udt) => check(&udt.sql_type, column),
        _ => Ok(()),
    }
}

/// A field as Parquet stores it: without our tags, intervals as numbers.
fn file_field(field: &Field) -> FieldRef {
    Arc::new(Field::new(field.name(), file_type(field.data_type()), field.is_nullable()))
}

fn file_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Duration(_) => DataType::Int64,
        DataType::Interval(IntervalUnit::YearMonth) => DataType::Int32,
        DataType::List(element) => DataType::List(file_field(element)),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| file_field(field)).collect::<Fields>())
        }
        DataType::Map(entries, sorted) => {
            let inner = file_type(entries.data_type());
            DataType::Map(Arc::new(Field::new("key_value", inner, false)), *sorted)
        }
        other => other.clone(),
    }
}

fn file_form(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), target) {
        (DataType::Interval(IntervalUnit::YearMonth), DataType::Int32) => {
            let months = array.as_primitive::<IntervalYearMonthType>();
            Ok(Arc::new(months.reinterpret_cast::<Int32Type>()))
        }
        (DataType::Duration(TimeUnit::Microsecond), DataType::Int64) => {
            let micros = array.as_primitive::<arrow::datatypes::DurationMicrosecondType>();
            Ok(Arc::new(micros.reinterpret_cast::<Int64Type>()))
        }
        _ => Ok(arrow::compute::cast(array, target)?),
    }
}

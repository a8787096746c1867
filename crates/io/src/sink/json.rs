//! JSON lines, as Spark's `JacksonGenerator` writes them.

use super::render::{WriteFormats, json_object};
use super::text_file::{TextFile, codec};
use super::{FileWriter, SinkFormat, conform};
use crate::request::Options;
use crate::values::column::unsupported_type;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SessionSettings, SparkType, StructType};
use std::path::Path;
use std::sync::Arc;

pub struct JsonSink {
    shared: Arc<Shared>,
    codec: FileCompressionType,
    ending: &'static str,
}

struct Shared {
    schema: StructType,
    arrow: SchemaRef,
    ignore_null_fields: bool,
    line_separator: String,
    formats: WriteFormats,
}

impl JsonSink {
    /// # Errors
    /// For unsupported options.
    pub fn new(data: &StructType, options: &Options, settings: &SessionSettings) -> Result<Self> {
        for field in &data.fields {
            if matches!(field.data_type, SparkType::CalendarInterval | SparkType::Variant) {
                return Err(unsupported_type(&field.data_type, "JSON", &field.name));
            }
        }
        let (codec, ending) = codec(options)?;
        let shared = Shared {
            schema: data.clone(),
            arrow: Arc::new(schema_to_arrow(data)),
            ignore_null_fields: options.flag("ignoreNullFields", true)?,
            line_separator: options.get("lineSep").unwrap_or("\n").to_owned(),
            formats: WriteFormats::new(options, settings)?,
        };
        Ok(Self { shared: Arc::new(shared), codec, ending })
    }
}

impl SinkFormat for JsonSink {
    fn extension(&self) -> String {
        format!(".json{}", self.ending)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>> {
        let file = TextFile::open(path, self.codec)?;
        Ok(Box::new(JsonFile { shared: Arc::clone(&self.shared), file }))
    }
}

struct JsonFile {
    shared: Arc<Shared>,
    file: TextFile,
}

#[async_trait]
impl FileWriter for JsonFile {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        write_rows(&shared, batch, &mut self.file.buffer)?;
        self.file.flush_if_large().await
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.file.close().await
    }
}

fn write_rows(shared: &Shared, batch: &RecordBatch, out: &mut String) -> Result<()> {
    let columns = conform(batch, &shared.schema)?;
    let render =
        json_object(shared.arrow.fields(), &columns, &shared.formats, shared.ignore_null_fields)?;
    for row in 0..batch.num_rows() {
        render(row, out);
        out.push_str(&shared.line_separator);
    }
    Ok(())
}

//! Text files: one string column, a line per row.

use super::text_file::{TextFile, codec};
use super::{FileWriter, SinkFormat, conform};
use crate::request::Options;
use crate::values::column::unsupported_type;
use arrow::array::{Array, AsArray};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use firesteel_common::{Result, SparkError, StructType};
use std::path::Path;

#[derive(Clone)]
pub struct TextSink {
    schema: StructType,
    codec: FileCompressionType,
    ending: &'static str,
    line_separator: String,
}

impl TextSink {
    /// # Errors
    /// For other schemas than one string column.
    pub fn new(data: &StructType, options: &Options) -> Result<Self> {
        if data.fields.len() != 1 {
            return Err(SparkError::analysis(
                "",
                format!(
                    "Text data source supports only a single column, and you have {} columns.",
                    data.fields.len()
                ),
            ));
        }
        if !data.fields[0].data_type.is_string() {
            return Err(unsupported_type(&data.fields[0].data_type, "Text", &data.fields[0].name));
        }
        let (codec, ending) = codec(options)?;
        let line_separator = options.get("lineSep").unwrap_or("\n").to_owned();
        Ok(Self { schema: data.clone(), codec, ending, line_separator })
    }
}

impl SinkFormat for TextSink {
    fn extension(&self) -> String {
        format!(".txt{}", self.ending)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(Lines { sink: self.clone(), file: TextFile::open(path, self.codec)? }))
    }
}

struct Lines {
    sink: TextSink,
    file: TextFile,
}

#[async_trait]
impl FileWriter for Lines {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = conform(batch, &self.sink.schema)?;
        let values = columns[0].as_string::<i32>();
        for row in 0..values.len() {
            if values.is_valid(row) {
                self.file.buffer.push_str(values.value(row));
            }
            self.file.buffer.push_str(&self.sink.line_separator);
        }
        self.file.flush_if_large().await
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.file.close().await
    }
}

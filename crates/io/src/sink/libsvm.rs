//! LIBSVM files: a line per row, the label and the entries of the vector that it holds, counted from one.

use super::text_file::{TextFile, codec};
use super::{FileWriter, SinkFormat, conform};
use crate::request::Options;
use crate::source::libsvm::check_columns;
use crate::values::number::show_f64;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{Float64Type, Int8Type, Int32Type};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use firesteel_common::{Result, StructType};
use std::fmt::Write;
use std::path::Path;

#[derive(Clone)]
pub struct LibsvmSink {
    schema: StructType,
    codec: FileCompressionType,
    ending: &'static str,
}

impl LibsvmSink {
    /// # Errors
    /// For other schemas than a double and a vector.
    pub fn new(data: &StructType, options: &Options) -> Result<Self> {
        check_columns(data)?;
        let (codec, ending) = codec(options)?;
        Ok(Self { schema: data.clone(), codec, ending })
    }
}

impl SinkFormat for LibsvmSink {
    fn extension(&self) -> String {
        format!(".libsvm{}", self.ending)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>> {
        let file = TextFile::open(path, self.codec)?;
        Ok(Box::new(Lines { schema: self.schema.clone(), file }))
    }
}

struct Lines {
    schema: StructType,
    file: TextFile,
}

#[async_trait]
impl FileWriter for Lines {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = conform(batch, &self.schema)?;
        let labels = columns[0].as_primitive::<Float64Type>();
        let vectors = columns[1].as_struct();
        let kinds = vectors.column(0).as_primitive::<Int8Type>();
        let (indices, values) =
            (vectors.column(2).as_list::<i32>(), vectors.column(3).as_list::<i32>());
        for row in 0..labels.len() {
            let out = &mut self.file.buffer;
            out.push_str(&show_f64(labels.value(row)));
            if vectors.is_valid(row) {
                let values = values.value(row);
                let places = (kinds.value(row) == 0).then(|| indices.value(row));
                for (at, value) in values.as_primitive::<Float64Type>().values().iter().enumerate()
                {
                    let place = match &places {
                        Some(places) => places.as_primitive::<Int32Type>().value(at) as usize,
                        None => at,
                    };
                    // Writing to a string does not fail.
                    let _ = write!(out, " {}:{}", place + 1, show_f64(*value));
                }
            }
            out.push('\n');
        }
        self.file.flush_if_large().await
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.file.close().await
    }
}

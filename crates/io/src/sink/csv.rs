//! CSV files, quoted as the writer that Spark uses (univocity) quotes them.

use super::render::{WriteFormats, formatted};
use super::text_file::{TextFile, codec};
use super::{FileWriter, SinkFormat, conform};
use crate::request::Options;
use crate::values::column::unsupported_type;
use arrow::array::Array;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use firesteel_common::{Result, SessionSettings, SparkType, StructType};
use std::path::Path;
use std::sync::Arc;

pub struct CsvSink {
    shared: Arc<Dialect>,
    codec: FileCompressionType,
    ending: &'static str,
    extension: String,
}

struct Dialect {
    schema: StructType,
    separator: String,
    quote: char,
    escape: char,
    quote_all: bool,
    escape_quotes: bool,
    header: bool,
    null_value: String,
    empty_value: String,
    trim_leading: bool,
    trim_trailing: bool,
    line_separator: String,
    formats: WriteFormats,
}

impl CsvSink {
    /// # Errors
    /// For nested types and unsupported options.
    pub fn new(data: &StructType, options: &Options, settings: &SessionSettings) -> Result<Self> {
        for field in &data.fields {
            if !is_supported(&field.data_type) {
                return Err(unsupported_type(&field.data_type, "CSV", &field.name));
            }
        }
        let (codec, ending) = codec(options)?;
        let separator = options.first(&["sep", "delimiter"]).unwrap_or(",");
        // An empty quote means NUL, and Spark does write that around values which need quotes.
        let character = |key: &str, default: char| match options.get(key) {
            None => default,
            Some(text) => text.chars().next().unwrap_or('\0'),
        };
        let dialect = Dialect {
            schema: data.clone(),
            separator: separator.replace("\\t", "\t"),
            quote: character("quote", '"'),
            escape: character("escape", '\\'),
            quote_all: options.flag("quoteAll", false)?,
            escape_quotes: options.flag("escapeQuotes", true)?,
            header: options.flag("header", false)?,
            null_value: options.get("nullValue").unwrap_or("").to_owned(),
            empty_value: options.get("emptyValue").unwrap_or("\"\"").to_owned(),
            trim_leading: options.flag("ignoreLeadingWhiteSpace", true)?,
            trim_trailing: options.flag("ignoreTrailingWhiteSpace", true)?,
            line_separator: options.get("lineSep").unwrap_or("\n").to_owned(),
            formats: WriteFormats::new(options, settings)?,
        };
        let extension = options.get("extension").unwrap_or("csv").to_owned();
        Ok(Self { shared: Arc::new(dialect), codec, ending, extension })
    }
}

fn is_supported(data_type: &SparkType) -> bool {
    !matches!(
        data_type,
        SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Variant
            | SparkType::Udt(_)
            | SparkType::CalendarInterval
            | SparkType::YearMonthInterval { .. }
            | SparkType::DayTimeInterval { .. }
    )
}

impl SinkFormat for CsvSink {
    fn extension(&self) -> String {
        format!(".{}{}", self.extension, self.ending)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn FileWriter>> {
        let mut file = TextFile::open(path, self.codec)?;
        let dialect = Arc::clone(&self.shared);
        if dialect.header {
            for (index, field) in dialect.schema.fields.iter().enumerate() {
                if index > 0 {
                    file.buffer.push_str(&dialect.separator);
                }
                dialect.push(&field.name, &mut file.buffer);
            }
            file.buffer.push_str(&dialect.line_separator);
        }
        Ok(Box::new(CsvFile { dialect, file }))
    }
}

struct CsvFile {
    dialect: Arc<Dialect>,
    file: TextFile,
}

#[async_trait]
impl FileWriter for CsvFile {
    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let dialect = Arc::clone(&self.dialect);
        write_rows(&dialect, batch, &mut self.file.buffer)?;
        self.file.flush_if_large().await
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.file.close().await
    }
}

fn write_rows(dialect: &Dialect, batch: &RecordBatch, out: &mut String) -> Result<()> {
    let columns = conform(batch, &dialect.schema)?;
    let renders = columns
        .iter()
        .map(|column| formatted(column, &dialect.formats))
        .collect::<Result<Vec<_>>>()?;
    let mut value = String::new();
    for row in 0..batch.num_rows() {
        for (index, (column, render)) in columns.iter().zip(&renders).enumerate() {
            if index > 0 {
                out.push_str(&dialect.separator);
            }
            if column.is_null(row) {
                dialect.push_null(out);
            } else {
                value.clear();
                render(row, &mut value);
                dialect.push(&value, out);
            }
        }
        out.push_str(&dialect.line_separator);
    }
    Ok(())
}

impl Dialect {
    fn push_null(&self, out: &mut String) {
        if self.quote_all {
            out.push(self.quote);
            out.push_str(&self.null_value);
            out.push(self.quote);
        } else {
            out.push_str(&self.null_value);
        }
    }

    fn push(&self, value: &str, out: &mut String) {
        let is_blank = |c: char| c <= ' ';
        let value = if self.trim_leading { value.trim_start_matches(is_blank) } else { value };
        let value = if self.trim_trailing { value.trim_end_matches(is_blank) } else { value };
        if value.is_empty() {
            out.push_str(&self.empty_value);
            return;
        }
        let quote = self.quote;
        let has_quote = value.contains(quote);
        let quoted = self.quote_all
            || value.contains(&self.separator)
            || value.contains(['\n', '\r'])
            || (has_quote && self.escape_quotes)
            || value.starts_with(quote);
        if !quoted {
            out.push_str(value);
            return;
        }
        out.push(quote);
        for c in value.chars() {
            if c == quote || (c == self.escape && self.escape != quote) {
                out.push(self.escape);
            }
            out.push(c);
        }
        out.push(quote);
    }
}

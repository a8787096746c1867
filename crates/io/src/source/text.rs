//! Text files: one column `value`, a row per line or, with `wholetext`, per file.

use super::csv::options::{Charset, line_separator};
use super::lines::Lines;
use crate::request::Options;
use crate::table::row_source::{Batches, RowFormat, Split, failed_read};
use arrow::array::{ArrayRef, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use firesteel_common::{ErrorKind, Result, SparkError, StructType};
use std::sync::Arc;

/// The text format for files with these columns: none, or one string.
///
/// # Errors
/// For other schemas and unsupported options.
pub fn format(schema: &StructType, options: &Options) -> Result<Arc<dyn RowFormat>> {
    if schema.fields.len() > 1 {
        return Err(SparkError::analysis(
            "",
            format!(
                "Text data source supports only a single column, and you have {} columns.",
                schema.fields.len()
            ),
        ));
    }
    if let Some(field) = schema.fields.first()
        && !field.data_type.is_string()
    {
        return Err(crate::values::column::unsupported_type(&field.data_type, "Text", &field.name));
    }
    Ok(Arc::new(TextFormat {
        name: schema.fields.first().map(|field| field.name.clone()),
        whole: options.flag("wholetext", false)?,
        separator: line_separator(options)?,
        charset: Charset::new(options.first(&["encoding", "charset"]))?,
    }))
}

#[derive(Debug)]
struct TextFormat {
    name: Option<String>,
    whole: bool,
    separator: Option<Vec<u8>>,
    charset: Charset,
}

impl RowFormat for TextFormat {
    fn name(&self) -> &'static str {
        "text"
    }

    fn splittable(&self) -> bool {
        !self.whole && self.charset == Charset::Utf8
    }

    fn read(&self, mut split: Split, columns: &[usize], batch_rows: usize) -> Result<Batches> {
        let fields: Vec<Field> = self
            .name
            .iter()
            .filter(|_| !columns.is_empty())
            .map(|name| Field::new(name, DataType::Utf8, true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        if self.charset != Charset::Utf8 || self.whole {
            let mut all = Vec::new();
            split
                .bytes
                .read_to_end(&mut all)
                .map_err(|error| failed_read(&split.path, &error.to_string()))?;
            let all = self.charset.decode(all);
            if self.whole {
                let mut values = StringBuilder::new();
                values.append_value(String::from_utf8_lossy(&all));
                let batch = batch(&schema, values, 1)?;
                return Ok(Box::new(std::iter::once(Ok(batch))));
            }
            split.bytes = Box::new(std::io::Cursor::new(all));
        }
        let lines = Lines::new(split, self.separator.clone())?;
        Ok(Box::new(TextBatches { schema, lines, batch_rows, done: false }))
    }
}

struct TextBatches {
    schema: Arc<Schema>,
    lines: Lines,
    batch_rows: usize,
    done: bool,
}

impl TextBatches {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let mut values = StringBuilder::new();
        let mut n_rows = 0;
        while !self.done && n_rows < self.batch_rows {
            match self.lines.next_line()? {
                None => self.done = true,
                Some(line) => {
                    n_rows += 1;
                    if !self.schema.fields().is_empty() {
                        values.append_value(String::from_utf8_lossy(line));
                    }
                }
            }
        }
        if n_rows == 0 { Ok(None) } else { batch(&self.schema, values, n_rows).map(Some) }
    }
}

impl Iterator for TextBatches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch();
        self.done |= batch.is_err();
        batch.transpose()
    }
}

fn batch(schema: &Arc<Schema>, mut values: StringBuilder, n_rows: usize) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> =
        if schema.fields().is_empty() { Vec::new() } else { vec![Arc::new(values.finish())] };
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|error| SparkError::new(ErrorKind::Internal, "INTERNAL_ERROR", error.to_string()))
}

//! JSON records to typed columns.

use super::column::{JsonColumn, Names, Outcome};
use super::options::JsonOptions;
use super::parser::{Member, Node, Value, parse};
use crate::request::Options;
use crate::source::corrupt_only;
use crate::source::csv::options::{Charset, ParseMode};
use crate::source::lines::Lines;
use crate::table::row_source::{Batches, RowFormat, Split, failed_read};
use arrow::array::{ArrayRef, StringArray, StringBuilder};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Result, SessionSettings, SparkError, StructField, StructType};
use std::sync::Arc;

/// The JSON format for files with these columns.
///
/// # Errors
/// For unsupported types and options.
pub fn format(
    schema: &StructType,
    options: &Options,
    settings: &SessionSettings,
) -> Result<Arc<dyn RowFormat>> {
    Ok(Arc::new(JsonFormat(Arc::new(Shared::new(schema, options, settings)?))))
}

/// Parses a column of JSON texts (`spark.read.json(df)`); nulls give no row.
///
/// # Errors
/// As [`format`], and malformed records in `FAILFAST` mode.
pub fn parse_json(
    lines: &StringArray,
    schema: &StructType,
    options: &Options,
    settings: &SessionSettings,
) -> Result<RecordBatch> {
    let shared = Arc::new(Shared::new(schema, options, settings)?);
    let columns: Vec<usize> = (0..schema.fields.len()).collect();
    let mut rows = Rows::new(shared, &columns)?;
    for line in lines.iter().flatten() {
        rows.push(line)?;
    }
    rows.finish()
}

#[derive(Debug)]
struct Shared {
    options: JsonOptions,
    schema: StructType,
    arrow: Schema,
    corrupt: Option<usize>,
}

impl Shared {
    fn new(schema: &StructType, options: &Options, settings: &SessionSettings) -> Result<Self> {
        for field in &schema.fields {
            JsonColumn::new(&field.data_type, &field.name)?;
        }
        let options = JsonOptions::new(options, settings)?;
        let corrupt = schema.fields.iter().position(|field| field.name == options.corrupt_column);
        Ok(Self { options, schema: schema.clone(), arrow: schema_to_arrow(schema), corrupt })
    }
}

#[derive(Debug)]
struct JsonFormat(Arc<Shared>);

impl RowFormat for JsonFormat {
    fn name(&self) -> &'static str {
        "json"
    }

    fn splittable(&self) -> bool {
        !self.0.options.multi_line && self.0.options.charset == Charset::Utf8
    }

    fn read(&self, split: Split, columns: &[usize], batch_rows: usize) -> Result<Batches> {
        if let ([only], Some(corrupt)) = (columns, self.0.corrupt)
            && *only == corrupt
        {
            return Err(corrupt_only());
        }
        let mut rows = Rows::new(Arc::clone(&self.0), columns)?;
        let split = decoded(split, &self.0.options)?;
        if self.0.options.multi_line {
            let all = Lines::new(split, None)?.rest()?;
            rows.push(&String::from_utf8_lossy(&all))?;
            return Ok(Box::new(std::iter::once(rows.finish())));
        }
        let lines = Lines::new(split, self.0.options.line_separator.clone())?;
        Ok(Box::new(LineByLine { rows, lines, batch_rows, done: false }))
    }
}

/// The split in UTF-8.
pub fn decoded(mut split: Split, options: &JsonOptions) -> Result<Split> {
    if options.charset == Charset::Utf8 {
        return Ok(split);
    }
    let mut all = Vec::new();
    split
        .bytes
        .read_to_end(&mut all)
        .map_err(|error| failed_read(&split.path, &error.to_string()))?;
    Ok(Split { bytes: Box::new(std::io::Cursor::new(options.charset.decode(all))), ..split })
}

struct LineByLine {
    rows: Rows,
    lines: Lines,
    batch_rows: usize,
    done: bool,
}

impl LineByLine {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.done && self.rows.n_rows < self.batch_rows {
            match self.lines.next_line()? {
                Some(line) => self.rows.push(&String::from_utf8_lossy(line))?,
                None => self.done = true,
            }
        }
        if self.rows.n_rows == 0 { Ok(None) } else { self.rows.finish().map(Some) }
    }
}

impl Iterator for LineByLine {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch();
        self.done |= batch.is_err();
        batch.transpose()
    }
}

/// Columns under construction.
struct Rows {
    shared: Arc<Shared>,
    schema: SchemaRef,
    names: Names,
    /// None: the column of malformed records.
    columns: Vec<Option<JsonColumn>>,
    fields: Vec<StructField>,
    corrupt: StringBuilder,
    n_rows: usize,
}

impl Rows {
    fn new(shared: Arc<Shared>, columns: &[usize]) -> Result<Self> {
        let fields = columns.iter().map(|column| &shared.schema.fields[*column]);
        let built = columns
            .iter()
            .zip(fields.clone())
            .map(|(column, field)| {
                if Some(*column) == shared.corrupt {
                    return Ok(None);
                }
                JsonColumn::new(&field.data_type, &field.name).map(Some)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            schema: Arc::new(shared.arrow.project(columns)?),
            names: Names::new(fields.map(|field| field.name.clone()).collect()),
            columns: built,
            fields: columns.iter().map(|column| shared.schema.fields[*column].clone()).collect(),
            corrupt: StringBuilder::new(),
            n_rows: 0,
            shared,
        })
    }

    /// Appends the record or, for an array of objects, the records of one text.
    fn push(&mut self, text: &str) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let root = match parse(text, shared.options.rules) {
            Ok(None) => return Ok(()),
            Ok(Some(root)) => root,
            Err(_) => return self.push_malformed(text),
        };
        match &root.value {
            Value::Object(members) => self.push_object(members, text),
            Value::Null => {
                self.push_nulls(None);
                Ok(())
            }
            Value::Array(elements) => {
                let all_objects =
                    elements.iter().all(|element| matches!(element.value, Value::Object(_)));
                if !all_objects {
                    return self.push_malformed(text);
                }
                for element in elements {
                    if let Value::Object(members) = &element.value {
                        self.push_object(members, text)?;
                    }
                }
                Ok(())
            }
            _ => self.push_malformed(text),
        }
    }

    fn push_object(&mut self, members: &[Member<'_>], text: &str) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let formats = &shared.options.formats;
        let values = self.names.assign(members);
        if shared.options.mode != ParseMode::Permissive && !self.fits(&values)? {
            return match shared.options.mode {
                ParseMode::FailFast => Err(crate::source::csv::malformed_record(text)),
                _ => Ok(()),
            };
        }
        let mut whole = true;
        for (value, column) in values.into_iter().zip(&mut self.columns) {
            let Some(column) = column else { continue };
            match value {
                Some(value) => whole &= column.push(value, formats) == Outcome::Whole,
                None => column.push_null(),
            }
        }
        self.push_corrupt((!whole).then_some(text));
        self.n_rows += 1;
        Ok(())
    }

    /// Whether every value fits its column.
    fn fits(&self, values: &[Option<&Node<'_>>]) -> Result<bool> {
        for ((value, column), field) in values.iter().zip(&self.columns).zip(&self.fields) {
            if let (Some(_), Some(value)) = (column, value) {
                let mut probe = JsonColumn::new(&field.data_type, &field.name)?;
                if probe.push(value, &self.shared.options.formats) != Outcome::Whole {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn push_malformed(&mut self, text: &str) -> Result<()> {
        match self.shared.options.mode {
            ParseMode::Permissive => {
                self.push_nulls(Some(text));
                Ok(())
            }
            ParseMode::DropMalformed => Ok(()),
            ParseMode::FailFast => Err(crate::source::csv::malformed_record(text)),
        }
    }

    fn push_nulls(&mut self, corrupt: Option<&str>) {
        self.columns.iter_mut().flatten().for_each(JsonColumn::push_null);
        self.push_corrupt(corrupt);
        self.n_rows += 1;
    }

    fn push_corrupt(&mut self, text: Option<&str>) {
        if self.columns.iter().any(Option::is_none) {
            self.corrupt.append_option(text);
        }
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        let corrupt: ArrayRef = Arc::new(self.corrupt.finish());
        let arrays = self
            .columns
            .iter_mut()
            .map(|column| match column {
                Some(column) => column.finish(),
                None => Ok(Arc::clone(&corrupt)),
            })
            .collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.n_rows));
        self.n_rows = 0;
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(SparkError::from)
    }
}

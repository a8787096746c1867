//! CSV records to typed columns.

use super::options::{CsvOptions, ParseMode};
use super::tokenizer::Tokens;
use crate::request::Options;
use crate::source::lines::Lines;
use crate::table::row_source::{Batches, RowFormat, Split, failed_read};
use crate::values::column::ScalarColumn;
use arrow::array::{BooleanArray, StringArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType, StructType};
use std::borrow::Cow;
use std::sync::Arc;

/// The CSV format for files with these columns.
///
/// # Errors
/// For unsupported types and options.
pub fn format(
    schema: &StructType,
    options: &Options,
    settings: &SessionSettings,
) -> Result<Arc<dyn RowFormat>> {
    Ok(Arc::new(CsvFormat::new(schema, options, settings)?))
}

/// Parses a column of lines (`spark.read.csv(df)`); null lines give no row, and neither do lines
/// that equal `header`, which [`super::infer_csv_schema`] finds.
///
/// # Errors
/// As [`format`], and malformed records in `FAILFAST` mode.
pub fn parse_csv(
    lines: &StringArray,
    schema: &StructType,
    options: &Options,
    settings: &SessionSettings,
    header: Option<&str>,
) -> Result<RecordBatch> {
    let format = Arc::new(CsvFormat::new(schema, options, settings)?);
    let columns: Vec<usize> = (0..schema.fields.len()).collect();
    let mut rows = Rows::new(Arc::clone(&format), &columns, String::new())?;
    for line in lines.iter().flatten() {
        if !format.options.is_blank(line.as_bytes()) && header != Some(line) {
            rows.push_line(line.as_bytes())?;
        }
    }
    rows.finish()
}

#[derive(Debug)]
struct CsvFormat {
    options: CsvOptions,
    schema: StructType,
    arrow: Schema,
    /// Position of the column that keeps malformed records.
    corrupt: Option<usize>,
}

impl CsvFormat {
    fn new(schema: &StructType, options: &Options, settings: &SessionSettings) -> Result<Self> {
        for field in &schema.fields {
            ScalarColumn::new(&field.data_type, "CSV", &field.name)?;
        }
        let options = CsvOptions::new(options, settings)?;
        let corrupt = schema.fields.iter().position(|field| field.name == options.corrupt_column);
        if let Some(position) = corrupt
            && !schema.fields[position].data_type.is_string()
        {
            return Err(SparkError::analysis(
                "INVALID_CORRUPT_RECORD_TYPE",
                format!(
                    "The column `{}` for corrupt records must have the nullable STRING type, but got \"{}\".",
                    schema.fields[position].name,
                    schema.fields[position].data_type.sql()
                ),
            ));
        }
        Ok(Self { options, schema: schema.clone(), arrow: schema_to_arrow(schema), corrupt })
    }

    /// Position in a record of a column of the schema.
    fn token_of(&self, column: usize) -> usize {
        column - usize::from(self.corrupt.is_some_and(|corrupt| corrupt < column))
    }

    fn n_tokens(&self) -> usize {
        self.schema.fields.len() - usize::from(self.corrupt.is_some())
    }

    fn check_header(&self, tokens: &Tokens, path: &str) -> Result<()> {
        if self.options.enforce_schema {
            return Ok(());
        }
        let found: Vec<String> = tokens.iter().map(|token| text(token).into_owned()).collect();
        let expected: Vec<&str> = self
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(column, _)| Some(*column) != self.corrupt)
            .map(|(_, field)| field.name.as_str())
            .collect();
        let same = |left: &str, right: &str| {
            left == right
                || (!self.options.case_sensitive && left.to_lowercase() == right.to_lowercase())
        };
        let fits = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(left, right)| same(left, right));
        if fits {
            return Ok(());
        }
        Err(SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            format!(
                "CSV header does not conform to the schema.\n Header: {}\n Schema: {}\nCSV file: {path}",
                found.join(", "),
                expected.join(", ")
            ),
        ))
    }
}

impl RowFormat for CsvFormat {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn splittable(&self) -> bool {
        !self.options.multi_line && self.options.charset == super::options::Charset::Utf8
    }

    fn read(&self, split: Split, columns: &[usize], batch_rows: usize) -> Result<Batches> {
        if let ([only], Some(corrupt)) = (columns, self.corrupt)
            && *only == corrupt
        {
            return Err(crate::source::corrupt_only());
        }
        let format = Arc::new(Self {
            options: self.options.clone(),
            schema: self.schema.clone(),
            arrow: self.arrow.clone(),
            corrupt: self.corrupt,
        });
        let path = split.path.clone();
        let rows = Rows::new(Arc::clone(&format), columns, path)?;
        let skip_header = format.options.header && split.start == 0;
        if format.options.multi_line {
            let input = Lines::new(decoded(split, &format.options)?, None)?.rest()?;
            return Ok(Box::new(WholeFile { rows, input, position: 0, skip_header, batch_rows }));
        }
        let split = decoded(split, &format.options)?;
        let lines = Lines::new(split, format.options.line_separator.clone())?;
        Ok(Box::new(LineByLine { rows, lines, skip_header, batch_rows, done: false }))
    }
}

/// The split in UTF-8.
pub fn decoded(mut split: Split, options: &CsvOptions) -> Result<Split> {
    if options.charset == super::options::Charset::Utf8 {
        return Ok(split);
    }
    let mut all = Vec::new();
    split
        .bytes
        .read_to_end(&mut all)
        .map_err(|error| failed_read(&split.path, &error.to_string()))?;
    Ok(Split { bytes: Box::new(std::io::Cursor::new(options.charset.decode(all))), ..split })
}

impl CsvOptions {
    /// Whether a line is left out: blank, or a comment.
    pub fn is_blank(&self, line: &[u8]) -> bool {
        line.iter().all(|b| *b <= b' ')
            || self.comment.is_some_and(|comment| line.first() == Some(&comment))
    }
}

struct LineByLine {
    rows: Rows,
    lines: Lines,
    skip_header: bool,
    batch_rows: usize,
    done: bool,
}

impl LineByLine {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.done && self.rows.n_rows < self.batch_rows {
            let Some(line) = self.lines.next_line()? else {
                self.done = true;
                break;
            };
            if self.rows.format.options.is_blank(line) {
                continue;
            }
            if self.skip_header {
                self.skip_header = false;
                self.rows.push_header(line)?;
                continue;
            }
            self.rows.push_line(line)?;
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

struct WholeFile {
    rows: Rows,
    input: Vec<u8>,
    position: usize,
    skip_header: bool,
    batch_rows: usize,
}

impl WholeFile {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        let format = Arc::clone(&self.rows.format);
        while self.position < self.input.len() && self.rows.n_rows < self.batch_rows {
            let start = self.position;
            let line_end = format.options.line_end(&self.input, start);
            if line_end > 0 {
                self.position += line_end;
                continue;
            }
            if format.options.comment.is_some_and(|comment| self.input[start] == comment) {
                while self.position < self.input.len()
                    && format.options.line_end(&self.input, self.position) == 0
                {
                    self.position += 1;
                }
                continue;
            }
            let mut tokens = std::mem::take(&mut self.rows.tokens);
            self.position = format.options.tokenize(&self.input, start, &mut tokens);
            self.rows.tokens = tokens;
            if self.skip_header {
                self.skip_header = false;
                format.check_header(&self.rows.tokens, &self.rows.path)?;
                continue;
            }
            self.rows.push_record(&self.input[start..self.position])?;
        }
        if self.rows.n_rows == 0 { Ok(None) } else { self.rows.finish().map(Some) }
    }
}

impl Iterator for WholeFile {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch();
        if batch.is_err() {
            self.position = self.input.len();
        }
        batch.transpose()
    }
}

/// Columns under construction.
struct Rows {
    format: Arc<CsvFormat>,
    schema: SchemaRef,
    /// Column of the schema, its token (none: the column of malformed records) and its builder.
    columns: Vec<(usize, Option<usize>, ScalarColumn)>,
    /// All tokens are asked for, so a record of another length is malformed.
    check_length: bool,
    tokens: Tokens,
    keep: Vec<bool>,
    n_rows: usize,
    path: String,
}

impl Rows {
    fn new(format: Arc<CsvFormat>, columns: &[usize], path: String) -> Result<Self> {
        let schema = Arc::new(format.arrow.project(columns)?);
        let built = columns
            .iter()
            .map(|column| {
                let field = &format.schema.fields[*column];
                let token = (Some(*column) != format.corrupt).then(|| format.token_of(*column));
                Ok((*column, token, ScalarColumn::new(&field.data_type, "CSV", &field.name)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let n_asked = built.iter().filter(|(_, token, _)| token.is_some()).count();
        Ok(Self {
            check_length: n_asked == format.n_tokens(),
            format,
            schema,
            columns: built,
            tokens: Tokens::default(),
            keep: Vec::new(),
            n_rows: 0,
            path,
        })
    }

    fn push_header(&mut self, line: &[u8]) -> Result<()> {
        self.format.options.tokenize(line, 0, &mut self.tokens);
        self.format.check_header(&self.tokens, &self.path)
    }

    fn push_line(&mut self, line: &[u8]) -> Result<()> {
        // Counting needs no tokens.
        if !self.columns.is_empty() {
            self.format.options.tokenize(line, 0, &mut self.tokens);
        }
        self.push_record(line)
    }

    /// Appends the record whose tokens were just read from `raw`.
    fn push_record(&mut self, raw: &[u8]) -> Result<()> {
        let options = &self.format.options;
        if self.tokens.len() > options.columns_max {
            return Err(SparkError::runtime(
                "MALFORMED_CSV_RECORD",
                format!("Malformed CSV record: more than {} columns.", options.columns_max),
            ));
        }
        let null_value = options.null_value.as_bytes();
        let mut bad = self.check_length
            && !self.columns.is_empty()
            && self.tokens.len() != self.format.n_tokens();
        for (_, token, column) in &mut self.columns {
            let Some(token) = token else { continue };
            match self.tokens.get(*token) {
                Some(value) if value != null_value => {
                    bad |= !column.push_text(&text(value), &options.formats);
                }
                _ => column.push_null(),
            }
        }
        if bad && options.mode == ParseMode::FailFast {
            return Err(self.malformed());
        }
        for (_, token, column) in &mut self.columns {
            if token.is_none() {
                if bad {
                    column.push_text(text(trim_line_end(raw)).as_ref(), &options.formats);
                } else {
                    column.push_null();
                }
            }
        }
        self.keep.push(!bad || options.mode != ParseMode::DropMalformed);
        self.n_rows += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<RecordBatch> {
        let arrays = self.columns.iter_mut().map(|(_, _, column)| column.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.n_rows));
        self.n_rows = 0;
        let keep = std::mem::take(&mut self.keep);
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        if keep.iter().all(|keep| *keep) {
            return Ok(batch);
        }
        Ok(filter_record_batch(&batch, &BooleanArray::from(keep))?)
    }

    fn malformed(&self) -> SparkError {
        let options = &self.format.options;
        let values: Vec<String> = self
            .columns
            .iter()
            .map(|(column, token, _)| {
                let field = &self.format.schema.fields[*column];
                let value = token
                    .and_then(|token| self.tokens.get(token))
                    .filter(|value| *value != options.null_value.as_bytes());
                match value {
                    Some(value) if fits(value, &field.data_type, options) => {
                        text(value).into_owned()
                    }
                    _ => "null".to_owned(),
                }
            })
            .collect();
        malformed_record(&format!("[{}]", values.join(",")))
    }
}

/// `MALFORMED_RECORD_IN_PARSING` in `FAILFAST` mode.
pub fn malformed_record(record: &str) -> SparkError {
    SparkError::runtime(
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
        format!(
            "Malformed records are detected in record parsing: {record}.\nParse Mode: FAILFAST. To \
             process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'."
        ),
    )
    .with("badRecord", record)
    .with("failFastMode", "FAILFAST")
}

fn fits(value: &[u8], data_type: &SparkType, options: &CsvOptions) -> bool {
    ScalarColumn::new(data_type, "CSV", "")
        .is_ok_and(|mut column| column.push_text(&text(value), &options.formats))
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn trim_line_end(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

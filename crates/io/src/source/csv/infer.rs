//! Column names and types of CSV (Spark's `CSVInferSchema`).
//!
//! All rows are read whatever `samplingRatio` says: more evidence gives a type that fits.

use super::options::CsvOptions;
use super::reader::decoded;
use super::tokenizer::Tokens;
use crate::listing::FoundFile;
use crate::request::Options;
use crate::source::lines::Lines;
use crate::table::row_source::open_local;
use crate::values::{number, temporal};
use firesteel_common::{Result, SessionSettings, SparkType, StructField, StructType};

/// The schema of files; none without files.
///
/// # Errors
/// Of options and of the file system.
pub fn infer_files(
    files: &[FoundFile],
    options: &Options,
    settings: &SessionSettings,
) -> Result<Option<StructType>> {
    let options = CsvOptions::new(options, settings)?;
    if files.is_empty() {
        return Ok(None);
    }
    let mut inference = Inference::new(&options);
    for file in files {
        if inference.is_done() {
            break;
        }
        let split = decoded(open_local(&file.path)?, &options)?;
        if options.multi_line {
            inference.add_text(&Lines::new(split, None)?.rest()?);
            continue;
        }
        let mut lines = Lines::new(split, options.line_separator.clone())?;
        while let Some(line) = lines.next_line()? {
            inference.add_line(line);
            if inference.is_done() {
                break;
            }
        }
    }
    Ok(Some(inference.schema().0))
}

/// The schema of a column of lines, and the header line if `header` is set.
///
/// # Errors
/// Of options.
pub fn infer_csv_schema<'a>(
    lines: impl Iterator<Item = &'a str>,
    options: &Options,
    settings: &SessionSettings,
) -> Result<(StructType, Option<String>)> {
    let options = CsvOptions::new(options, settings)?;
    let mut inference = Inference::new(&options);
    for line in lines {
        inference.add_line(line.as_bytes());
        if inference.is_done() {
            break;
        }
    }
    Ok(inference.schema())
}

struct Inference<'a> {
    options: &'a CsvOptions,
    /// The first record as it was read.
    first: Option<Vec<u8>>,
    names: Vec<String>,
    types: Vec<SparkType>,
    tokens: Tokens,
}

impl<'a> Inference<'a> {
    fn new(options: &'a CsvOptions) -> Self {
        Self {
            options,
            first: None,
            names: Vec::new(),
            types: Vec::new(),
            tokens: Tokens::default(),
        }
    }

    /// Whether further rows cannot change the schema.
    fn is_done(&self) -> bool {
        self.first.is_some() && !self.options.infer
    }

    fn add_line(&mut self, line: &[u8]) {
        if self.options.is_blank(line) {
            return;
        }
        self.options.tokenize(line, 0, &mut self.tokens);
        self.add_record(line);
    }

    fn add_text(&mut self, input: &[u8]) {
        let mut position = 0;
        while position < input.len() && !self.is_done() {
            let line_end = self.options.line_end(input, position);
            if line_end > 0 {
                position += line_end;
                continue;
            }
            let next = self.options.tokenize(input, position, &mut self.tokens);
            let is_comment = self.options.comment.is_some_and(|comment| input[position] == comment);
            if !is_comment {
                self.add_record(&input[position..next]);
            }
            position = next;
        }
    }

    fn add_record(&mut self, raw: &[u8]) {
        match &self.first {
            None => {
                self.first = Some(raw.to_vec());
                self.names = names(&self.tokens, self.options);
                self.types = vec![SparkType::Null; self.names.len()];
                if self.options.header {
                    return;
                }
            }
            // The header of another file.
            Some(first) if self.options.header && first == raw => return,
            Some(_) => {}
        }
        if !self.options.infer {
            return;
        }
        for (found, token) in self.types.iter_mut().zip(self.tokens.iter()) {
            let token = String::from_utf8_lossy(token);
            if !token.is_empty() && *token != self.options.null_value {
                *found = widen(found, &token, self.options);
            }
        }
    }

    fn schema(self) -> (StructType, Option<String>) {
        let fields = self.names.into_iter().zip(self.types).map(|(name, found)| {
            let found = if found == SparkType::Null { SparkType::string() } else { found };
            StructField::new(name, found, true)
        });
        let header = self
            .first
            .filter(|_| self.options.header)
            .map(|line| String::from_utf8_lossy(&line).into_owned());
        (StructType::new(fields.collect()), header)
    }
}

/// Names from the header, made unique by their position; `_c0`, `_c1`, … without one.
fn names(tokens: &Tokens, options: &CsvOptions) -> Vec<String> {
    if !options.header {
        return (0..tokens.len()).map(|index| format!("_c{index}")).collect();
    }
    let header: Vec<String> =
        tokens.iter().map(|token| String::from_utf8_lossy(token).into_owned()).collect();
    let key = |name: &str| {
        if options.case_sensitive { name.to_owned() } else { name.to_lowercase() }
    };
    header
        .iter()
        .enumerate()
        .map(|(index, name)| {
            if name.is_empty() || *name == options.null_value {
                format!("_c{index}")
            } else if header.iter().filter(|other| key(other) == key(name)).count() > 1 {
                format!("{name}{index}")
            } else {
                name.clone()
            }
        })
        .collect()
}

/// The type that holds `token` and everything that `found` holds.
fn widen(found: &SparkType, token: &str, options: &CsvOptions) -> SparkType {
    let one = match found {
        SparkType::String { .. } => return SparkType::string(),
        SparkType::Null | SparkType::Integer => integer(token, options),
        SparkType::Long => long(token, options),
        SparkType::Decimal { .. } => decimal(token, options),
        SparkType::Double => double(token, options),
        SparkType::Date => date(token, options),
        SparkType::TimestampNtz | SparkType::Timestamp => timestamp(token, options),
        _ => boolean(token),
    };
    compatible(found, one)
}

fn integer(token: &str, options: &CsvOptions) -> SparkType {
    match number::parse_int::<i32>(token) {
        Some(_) => SparkType::Integer,
        None => long(token, options),
    }
}

fn long(token: &str, options: &CsvOptions) -> SparkType {
    match number::parse_int::<i64>(token) {
        Some(_) => SparkType::Long,
        None => decimal(token, options),
    }
}

fn decimal(token: &str, options: &CsvOptions) -> SparkType {
    let plain = token.replace(',', "");
    match number::whole_digits(&plain) {
        Some(precision) => SparkType::Decimal { precision, scale: 0 },
        None => double(token, options),
    }
}

fn double(token: &str, options: &CsvOptions) -> SparkType {
    if options.formats.parse_f64(token).is_some() {
        SparkType::Double
    } else if options.prefer_date {
        date(token, options)
    } else {
        timestamp(token, options)
    }
}

fn date(token: &str, options: &CsvOptions) -> SparkType {
    let found = match &options.formats.date {
        Some(pattern) => pattern.parse_date(token),
        None => temporal::strict_date(token),
    };
    if found.is_some() { SparkType::Date } else { timestamp(token, options) }
}

fn timestamp(token: &str, options: &CsvOptions) -> SparkType {
    if options.formats.parse_timestamp(token).is_some() {
        SparkType::Timestamp
    } else {
        boolean(token)
    }
}

fn boolean(token: &str) -> SparkType {
    if number::parse_bool(token).is_some() { SparkType::Boolean } else { SparkType::string() }
}

fn compatible(left: &SparkType, right: SparkType) -> SparkType {
    use SparkType::{Date, Decimal, Double, Integer, Long, Null, Timestamp};
    match (left, right) {
        (left, right) if *left == right => right,
        (Null, right) => right,
        (Integer | Long, Long) | (Long, Integer) => Long,
        (Integer | Long | Decimal { .. }, Double) | (Double, Integer | Long | Decimal { .. }) => {
            Double
        }
        (left @ (Integer | Long | Decimal { .. }), right @ (Integer | Long | Decimal { .. })) => {
            Decimal { precision: digits(left).max(digits(&right)), scale: 0 }
        }
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        _ => SparkType::string(),
    }
}

/// Digits that hold every value of a whole-number type.
fn digits(data_type: &SparkType) -> u8 {
    match data_type {
        SparkType::Decimal { precision, .. } => *precision,
        SparkType::Integer => 10,
        _ => 20,
    }
}

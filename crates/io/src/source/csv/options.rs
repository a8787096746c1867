//! Options of the CSV reader (Spark's `CSVOptions`), with its defaults.

use crate::request::{Options, invalid};
use crate::values::column::TextFormats;
use firesteel_common::{Result, SessionSettings};

/// What to do with a record that does not fit the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseMode {
    Permissive,
    DropMalformed,
    FailFast,
}

impl ParseMode {
    /// Unknown modes mean `PERMISSIVE`, as in Spark.
    pub fn new(options: &Options) -> Self {
        match options.get("mode").map(str::to_uppercase).as_deref() {
            Some("DROPMALFORMED") => Self::DropMalformed,
            Some("FAILFAST") => Self::FailFast,
            _ => Self::Permissive,
        }
    }
}

/// Name of the column that keeps malformed records.
pub fn corrupt_column(options: &Options) -> String {
    options.get("columnNameOfCorruptRecord").unwrap_or("_corrupt_record").to_owned()
}

#[derive(Debug, Clone)]
pub struct CsvOptions {
    pub separator: Vec<u8>,
    pub quote: Option<u8>,
    pub escape: Option<u8>,
    pub escape_of_escape: Option<u8>,
    pub comment: Option<u8>,
    pub header: bool,
    pub infer: bool,
    pub enforce_schema: bool,
    pub prefer_date: bool,
    pub trim_leading: bool,
    pub trim_trailing: bool,
    pub null_value: String,
    pub empty_value: String,
    pub mode: ParseMode,
    pub corrupt_column: String,
    pub multi_line: bool,
    pub line_separator: Option<Vec<u8>>,
    pub columns_max: usize,
    pub charset: Charset,
    pub case_sensitive: bool,
    pub formats: TextFormats,
}

impl CsvOptions {
    /// # Errors
    /// For values that an option never allows.
    pub fn new(options: &Options, settings: &SessionSettings) -> Result<Self> {
        let separator = options.first(&["sep", "delimiter"]).unwrap_or(",");
        let quote = one_byte(options, "quote", Some(b'"'))?;
        let escape = one_byte(options, "escape", Some(b'\\'))?;
        let escape_of_escape = one_byte(options, "charToEscapeQuoteEscaping", None)?
            .or(if escape == quote { None } else { escape });
        Ok(Self {
            separator: unescape_separator(separator)?,
            quote,
            escape,
            escape_of_escape,
            comment: one_byte(options, "comment", None)?,
            header: options.flag("header", false)?,
            infer: options.flag("inferSchema", false)?,
            enforce_schema: options.flag("enforceSchema", true)?,
            prefer_date: options.flag("preferDate", true)?,
            trim_leading: options.flag("ignoreLeadingWhiteSpace", false)?,
            trim_trailing: options.flag("ignoreTrailingWhiteSpace", false)?,
            null_value: options.get("nullValue").unwrap_or("").to_owned(),
            empty_value: options.get("emptyValue").unwrap_or("").to_owned(),
            mode: ParseMode::new(options),
            corrupt_column: corrupt_column(options),
            multi_line: options.flag("multiLine", false)?,
            line_separator: line_separator(options)?,
            columns_max: options.number("maxColumns")?.unwrap_or(20_480),
            charset: Charset::new(options.first(&["encoding", "charset"]))?,
            case_sensitive: settings.case_sensitive,
            formats: TextFormats::new(options, settings)?,
        })
    }
}

/// `lineSep`; none: any line end.
///
/// # Errors
/// When it is empty.
pub fn line_separator(options: &Options) -> Result<Option<Vec<u8>>> {
    match options.get("lineSep") {
        None => Ok(None),
        Some("") => Err(invalid("lineSep", "", "a non-empty string")),
        Some(text) => Ok(Some(text.as_bytes().to_vec())),
    }
}

/// Encodings of text files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    Latin1,
    /// Big endian where no byte order mark tells.
    Utf16 {
        little_endian: Option<bool>,
    },
}

impl Charset {
    /// # Errors
    /// For encodings that we do not know.
    pub fn new(name: Option<&str>) -> Result<Self> {
        match name.map(str::to_uppercase).as_deref() {
            None | Some("UTF-8" | "UTF8" | "US-ASCII" | "ASCII") => Ok(Self::Utf8),
            Some("ISO-8859-1" | "ISO8859-1" | "LATIN1" | "WINDOWS-1252" | "CP1252") => {
                Ok(Self::Latin1)
            }
            Some("UTF-16" | "UTF16") => Ok(Self::Utf16 { little_endian: None }),
            Some("UTF-16LE") => Ok(Self::Utf16 { little_endian: Some(true) }),
            Some("UTF-16BE") => Ok(Self::Utf16 { little_endian: Some(false) }),
            Some(other) => Err(firesteel_common::SparkError::unsupported(format!(
                "the text encoding \"{other}\""
            ))),
        }
    }

    /// The text in UTF-8.
    pub fn decode(self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Utf8 => bytes,
            Self::Latin1 => bytes.iter().map(|b| char::from(*b)).collect::<String>().into_bytes(),
            Self::Utf16 { little_endian } => {
                let (little, skip) = match (bytes.get(..2), little_endian) {
                    (Some([0xff, 0xfe]), _) => (true, 2),
                    (Some([0xfe, 0xff]), _) => (false, 2),
                    (_, given) => (given.unwrap_or(false), 0),
                };
                let units = bytes[skip..].chunks_exact(2).map(|pair| {
                    let pair = [pair[0], pair[1]];
                    if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
                });
                char::decode_utf16(units)
                    .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect::<String>()
                    .into_bytes()
            }
        }
    }
}

/// A character option; the empty string and NUL switch it off.
fn one_byte(options: &Options, key: &str, default: Option<u8>) -> Result<Option<u8>> {
    match options.get(key).map(str::as_bytes) {
        None => Ok(default),
        Some([] | [0]) => Ok(None),
        Some([byte]) => Ok(Some(*byte)),
        Some(_) => {
            let value = options.get(key).unwrap_or_default();
            Err(invalid(key, value, "a single ASCII character"))
        }
    }
}

fn unescape_separator(text: &str) -> Result<Vec<u8>> {
    let bytes = match text {
        "" => return Err(invalid("sep", text, "a non-empty string")),
        "\\t" => vec![b'\t'],
        "\\\\" => vec![b'\\'],
        "\\0" | "\\u0000" => vec![0],
        other => other.replace("\\t", "\t").into_bytes(),
    };
    Ok(bytes)
}

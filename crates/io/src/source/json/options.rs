//! Options of the JSON reader (Spark's `JSONOptions`), with its defaults.

use super::parser::Rules;
use crate::request::Options;
use crate::source::csv::options::{Charset, ParseMode, corrupt_column, line_separator};
use crate::values::column::TextFormats;
use firesteel_common::{Result, SessionSettings};

#[derive(Debug, Clone)]
pub struct JsonOptions {
    pub rules: Rules,
    pub mode: ParseMode,
    pub corrupt_column: String,
    pub multi_line: bool,
    pub line_separator: Option<Vec<u8>>,
    pub charset: Charset,
    pub primitives_as_string: bool,
    pub prefers_decimal: bool,
    pub drop_all_null: bool,
    pub infer_timestamp: bool,
    pub formats: TextFormats,
}

impl JsonOptions {
    /// # Errors
    /// For values that an option never allows.
    pub fn new(options: &Options, settings: &SessionSettings) -> Result<Self> {
        Ok(Self {
            rules: Rules {
                comments: options.flag("allowComments", false)?,
                unquoted_names: options.flag("allowUnquotedFieldNames", false)?,
                single_quotes: options.flag("allowSingleQuotes", true)?,
                leading_zeros: options.flag("allowNumericLeadingZeros", false)?,
                non_numeric: options.flag("allowNonNumericNumbers", true)?,
                any_escape: options.flag("allowBackslashEscapingAnyCharacter", false)?,
                control_characters: options.flag("allowUnquotedControlChars", false)?,
            },
            mode: ParseMode::new(options),
            corrupt_column: corrupt_column(options),
            multi_line: options.flag("multiLine", false)?,
            line_separator: line_separator(options)?,
            charset: Charset::new(options.first(&["encoding", "charset"]))?,
            primitives_as_string: options.flag("primitivesAsString", false)?,
            prefers_decimal: options.flag("prefersDecimal", false)?,
            drop_all_null: options.flag("dropFieldIfAllNull", false)?,
            infer_timestamp: options.flag("inferTimestamp", false)?,
            formats: TextFormats::new(options, settings)?,
        })
    }
}

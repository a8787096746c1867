//! Hive's ways to say how a table's rows are written: ROW FORMAT and STORED AS.

use super::error;
use super::parser::Parser;
use firesteel_common::Result;

/// `ROW FORMAT …`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum RowFormat {
    Serde,
    Delimited,
}

/// `STORED AS …` or `STORED BY …`.
#[derive(Clone)]
pub(super) enum FileFormat {
    /// A name, in lower case: `textfile`.
    Named(String),
    /// `INPUTFORMAT '…' OUTPUTFORMAT '…'`.
    Classes,
    /// `STORED BY 'handler'`, which Spark refuses.
    Handler,
}

impl Parser<'_> {
    pub(super) fn row_format(&mut self) -> Result<RowFormat> {
        let start = self.start();
        self.expect_all(&["ROW", "FORMAT"])?;
        if self.expect_one_of(&["SERDE", "DELIMITED"])? == "SERDE" {
            self.string()?;
            self.serde_properties()?;
            return Ok(RowFormat::Serde);
        }
        if self.take("FIELDS") {
            self.expect_all(&["TERMINATED", "BY"])?;
            self.string()?;
            if self.take("ESCAPED") {
                self.expect("BY")?;
                self.string()?;
            }
        }
        if self.take("COLLECTION") {
            self.expect_all(&["ITEMS", "TERMINATED", "BY"])?;
            self.string()?;
        }
        if self.is_all(&["MAP", "KEYS"]) {
            self.expect_all(&["MAP", "KEYS", "TERMINATED", "BY"])?;
            self.string()?;
        }
        if self.take("LINES") {
            self.expect_all(&["TERMINATED", "BY"])?;
            let end = self.string()?;
            if end != "\n" {
                let message =
                    format!("LINES TERMINATED BY only supports newline '\\n' right now: {end}.");
                let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0064", message);
                self.fault(error);
            }
        }
        if self.take("NULL") {
            self.expect_all(&["DEFINED", "AS"])?;
            self.string()?;
        }
        Ok(RowFormat::Delimited)
    }

    pub(super) fn file_format(&mut self) -> Result<FileFormat> {
        let start = self.start();
        self.expect("STORED")?;
        if self.take("BY") {
            self.string()?;
            self.serde_properties()?;
            let error = error::invalid_statement(&self.origin(start), "STORED BY");
            self.fault(error);
            return Ok(FileFormat::Handler);
        }
        self.expect("AS")?;
        if self.is("INPUTFORMAT") && (self.kind_ahead(1) == super::token::TokenKind::String) {
            self.advance();
            self.string()?;
            self.expect("OUTPUTFORMAT")?;
            self.string()?;
            return Ok(FileFormat::Classes);
        }
        Ok(FileFormat::Named(self.plain_name()?.to_lowercase()))
    }

    /// `[WITH SERDEPROPERTIES (…)]`.
    fn serde_properties(&mut self) -> Result<()> {
        if self.is_all(&["WITH", "SERDEPROPERTIES"]) {
            self.advance();
            self.advance();
            self.property_list_with_values()?;
        }
        Ok(())
    }

    /// Some formats of files say themselves how rows are written.
    pub(super) fn check_formats(
        &mut self,
        rows: Option<RowFormat>,
        files: Option<&FileFormat>,
        start: usize,
    ) {
        let (Some(rows), Some(FileFormat::Named(name))) = (rows, files) else { return };
        let what = match (rows, name.as_str()) {
            (RowFormat::Serde, "sequencefile" | "textfile" | "rcfile")
            | (RowFormat::Delimited, "textfile") => return,
            (RowFormat::Serde, name) => format!(
                "ROW FORMAT SERDE is incompatible with format '{name}', which also specifies a serde"
            ),
            (RowFormat::Delimited, name) => {
                format!("ROW FORMAT DELIMITED is only compatible with 'textfile', not '{name}'")
            }
        };
        let error = error::not_allowed(&self.origin(start), &what);
        self.fault(error);
    }
}

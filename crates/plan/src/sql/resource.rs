//! Files and data outside of queries: ADD, LIST, LOAD DATA, REFRESH, ANALYZE, TRUNCATE, REPAIR.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, PartitionSpec};
use crate::spec::{Expr, Plan};
use firesteel_common::Result;

impl Parser<'_> {
    /// `ADD JAR path`, `LIST FILES path …`: paths are raw text.
    pub(super) fn manage_resource(&mut self) -> Result<Command> {
        let start = self.start();
        let verb = self.expect_one_of(&["ADD", "LIST"])?;
        let kind = self.simple_name()?.to_uppercase();
        let known =
            ["JAR", "FILE", "ARCHIVE", "JARS", "FILES", "ARCHIVES"].contains(&kind.as_str());
        self.raw_rest();
        if !known {
            let what = format!("{verb} with resource type '{}'", kind.to_lowercase());
            return Err(error::not_allowed(&self.origin(start), &what));
        }
        let statement = format!("{verb} {kind}");
        Ok(self.not_served(&statement))
    }

    /// `LOAD DATA [LOCAL] INPATH 'path' [OVERWRITE] INTO TABLE t [PARTITION (…)]`.
    pub(super) fn load_data(&mut self) -> Result<Command> {
        self.expect_all(&["LOAD", "DATA"])?;
        self.take("LOCAL");
        self.expect("INPATH")?;
        self.string()?;
        self.take("OVERWRITE");
        self.expect_all(&["INTO", "TABLE"])?;
        self.identifier_reference()?;
        self.optional_partition_spec()?;
        Ok(self.not_served("LOAD DATA"))
    }

    /// `TRUNCATE TABLE t [PARTITION (…)]`.
    pub(super) fn truncate(&mut self) -> Result<Command> {
        self.expect_all(&["TRUNCATE", "TABLE"])?;
        let name = self.identifier_reference()?;
        if self.optional_partition_spec()?.is_some() {
            return Ok(self.not_served("TRUNCATE TABLE … PARTITION"));
        }
        Ok(Command::TruncateTable { name })
    }

    /// `[MSCK] REPAIR TABLE t [ADD | DROP | SYNC PARTITIONS]`.
    pub(super) fn repair(&mut self) -> Result<Command> {
        self.take("MSCK");
        self.expect_all(&["REPAIR", "TABLE"])?;
        let table = self.identifier_reference()?;
        let option = self.take_one_of(&["ADD", "DROP", "SYNC"]);
        if option.is_some() {
            self.expect("PARTITIONS")?;
        }
        if matches!(option, Some("DROP" | "SYNC")) {
            return Ok(self.not_served("REPAIR TABLE … DROP PARTITIONS"));
        }
        Ok(Command::RecoverPartitions { table })
    }

    /// `REFRESH TABLE name`, `REFRESH FUNCTION name`, `REFRESH 'path'` or a bare path.
    pub(super) fn refresh(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("REFRESH")?;
        if self.is("TABLE") && self.is_name_ahead(1) {
            let table = self.attempt(|p| {
                p.expect("TABLE")?;
                let name = p.identifier_reference()?;
                p.statement_end()?;
                Ok(name)
            });
            if let Some(name) = table {
                return Ok(Command::RefreshTable { name });
            }
        } else if self.is("FUNCTION") && self.is_name_ahead(1) {
            let function = self.attempt(|p| {
                p.expect("FUNCTION")?;
                p.identifier_reference()?;
                p.statement_end()
            });
            if function.is_some() {
                return Ok(self.not_served("REFRESH FUNCTION"));
            }
        }
        if self.is_string() && matches!(self.word_ahead(1), "" | ";") {
            return Ok(Command::RefreshPath { path: self.string()? });
        }
        let path = self.raw_rest().to_owned();
        let message = if path.is_empty() {
            "Resource paths cannot be empty in REFRESH statements. Use / to match everything."
        } else if path.contains([' ', '\n', '\r', '\t']) {
            "REFRESH statements cannot contain ' ', '\\n', '\\r', '\\t' inside unquoted resource paths."
        } else {
            return Ok(Command::RefreshPath { path });
        };
        Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0064", message).with("msg", message))
    }

    /// `ANALYZE TABLE name [PARTITION …] COMPUTE STATISTICS [NOSCAN | FOR …]`, `ANALYZE TABLES …`.
    pub(super) fn analyze(&mut self) -> Result<Plan> {
        let start = self.start();
        self.expect("ANALYZE")?;
        if self.expect_one_of(&["TABLE", "TABLES"])? == "TABLES" {
            if self.take_one_of(&["FROM", "IN"]).is_some() {
                self.identifier_reference()?;
            }
            self.expect_all(&["COMPUTE", "STATISTICS"])?;
            self.no_scan(start)?;
            return Ok(self.not_served("ANALYZE TABLES").into());
        }
        let table = self.identifier_reference()?;
        let has_partition = if self.is("PARTITION") {
            self.partition_values()?;
            true
        } else {
            false
        };
        self.expect_all(&["COMPUTE", "STATISTICS"])?;
        let no_scan = if self.is("FOR") && matches!(self.word_ahead(1), "ALL" | "COLUMNS") {
            self.advance();
            if self.take("ALL") {
                self.expect("COLUMNS")?;
            } else {
                self.expect("COLUMNS")?;
                self.list(Self::name)?;
            }
            false
        } else {
            self.no_scan(start)?
        };
        if has_partition {
            return Ok(self.not_served("ANALYZE TABLE … PARTITION").into());
        }
        Ok(Command::AnalyzeTable { table, no_scan }.into())
    }

    /// `[NOSCAN]`; another word in its place is a mistake.
    fn no_scan(&mut self, start: usize) -> Result<bool> {
        if !self.is_name() {
            return Ok(false);
        }
        let word = self.simple_name()?;
        if !word.eq_ignore_ascii_case("NOSCAN") {
            let what = format!(
                "ANALYZE TABLE(S) ... COMPUTE STATISTICS ... {word} must be either NOSCAN or empty."
            );
            let origin = self.origin(start);
            let error = error::invalid_syntax(&origin, "ANALYZE_TABLE_UNEXPECTED_NOSCAN", &what);
            self.fault(error.with("ctx", word));
        }
        Ok(true)
    }

    /// `[PARTITION (a = 1)]`.
    pub(super) fn optional_partition_spec(&mut self) -> Result<Option<PartitionSpec>> {
        if self.is("PARTITION") { self.partition_spec().map(Some) } else { Ok(None) }
    }

    /// `PARTITION (a = 1, b)`.
    pub(super) fn partition_values(&mut self) -> Result<Vec<(String, Option<Expr>)>> {
        self.expect("PARTITION")?;
        self.partition_list()
    }

    /// After PARTITION: `(a = 1, b, c = DEFAULT)`.
    pub(super) fn partition_list(&mut self) -> Result<Vec<(String, Option<Expr>)>> {
        let start = self.start();
        let list = self.paren_list(|p| {
            let name = p.plain_name()?;
            if !p.take("=") {
                return Ok((name, None));
            }
            let start = p.start();
            if p.take("DEFAULT") {
                let message = "References to DEFAULT column values are not allowed within the PARTITION \
                               clause.";
                let error = error::at(&p.origin(start), "REF_DEFAULT_VALUE_IS_NOT_ALLOWED_IN_PARTITION", message);
                p.fault(error);
                return Ok((name, None));
            }
            Ok((name, Some(p.constant()?)))
        })?;
        for (at, (name, _)) in list.iter().enumerate() {
            if list[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                let message = format!("Found duplicate keys `{name}`.");
                let error = error::at(&self.origin(start), "DUPLICATE_KEY", message);
                self.fault(error.with("keyColumn", format!("`{name}`")));
            }
        }
        Ok(list)
    }
}

//! SHOW and DESCRIBE.

use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Name};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn show(&mut self) -> Result<Command> {
        self.expect("SHOW")?;
        match self.word() {
            "DATABASES" | "SCHEMAS" | "NAMESPACES" => {
                self.advance();
                let within = self.in_namespace()?;
                let is_ours = |name: &Name| matches!(name.as_slice(), [catalog] if catalog.eq_ignore_ascii_case("spark_catalog"));
                if within.is_some_and(|name| !is_ours(&name)) {
                    return Ok(self.unsupported("SHOW NAMESPACES IN"));
                }
                Ok(Command::ShowDatabases { pattern: self.pattern()? })
            }
            "TABLES" => {
                self.advance();
                let database = self.in_namespace()?;
                Ok(Command::ShowTables { database, pattern: self.pattern()?, extended: false })
            }
            "TABLE" if self.word_ahead(1) == "EXTENDED" => {
                self.advance();
                self.advance();
                let database = self.in_namespace()?;
                self.expect("LIKE")?;
                let pattern = Some(self.string()?);
                if self.is("PARTITION") {
                    return Ok(self.unsupported("SHOW TABLE EXTENDED … PARTITION"));
                }
                Ok(Command::ShowTables { database, pattern, extended: true })
            }
            "VIEWS" => {
                self.advance();
                let database = self.in_namespace()?;
                Ok(Command::ShowViews { database, pattern: self.pattern()? })
            }
            "COLUMNS" => {
                self.advance();
                let Some(mut table) = self.in_namespace()? else { return Err(self.unexpected()) };
                if let Some(database) = self.in_namespace()? {
                    let name = table.pop();
                    table = database.into_iter().chain(name).collect();
                }
                Ok(Command::ShowColumns { table })
            }
            "TBLPROPERTIES" => {
                self.advance();
                let table = self.identifier_reference()?;
                let key = if self.take("(") {
                    let key = self.property_key()?;
                    self.expect(")")?;
                    Some(key)
                } else {
                    None
                };
                Ok(Command::ShowTableProperties { table, key })
            }
            "PARTITIONS" => {
                self.advance();
                let table = self.identifier_reference()?;
                let partition =
                    if self.is("PARTITION") { self.partition_spec()? } else { Vec::new() };
                Ok(Command::ShowPartitions { table, partition })
            }
            "CREATE" if self.word_ahead(1) == "TABLE" => {
                self.advance();
                self.advance();
                let table = self.identifier_reference()?;
                self.take_all(&["AS", "SERDE"]);
                Ok(Command::ShowCreateTable { table })
            }
            "CURRENT" if matches!(self.word_ahead(1), "DATABASE" | "SCHEMA" | "NAMESPACE") => {
                self.advance();
                self.advance();
                Ok(Command::ShowCurrentNamespace)
            }
            "CATALOGS" => {
                self.advance();
                Ok(Command::ShowCatalogs { pattern: self.pattern()? })
            }
            "FUNCTIONS" => self.show_functions(None),
            _ if self.is_name() && self.word_ahead(1) == "FUNCTIONS" => {
                let scope = self.plain_name()?.to_lowercase();
                self.show_functions(Some(scope))
            }
            "LOCKS" => Err(self.refused(1)),
            word @ ("GRANT" | "ROLE" | "ROLES" | "PRINCIPALS" | "CURRENT" | "COMPACTIONS"
            | "TRANSACTIONS" | "INDEXES" | "COLLATIONS" | "PROCEDURES" | "CACHED") => {
                let statement = format!("SHOW {word}");
                Ok(self.unsupported(&statement))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// From FUNCTIONS on; `scope` is `user`, `system` or `all`.
    fn show_functions(&mut self, scope: Option<String>) -> Result<Command> {
        self.expect("FUNCTIONS")?;
        // Functions are the same in every namespace: there are no persistent ones.
        self.in_namespace()?;
        let pattern = if self.take("LIKE") || !(self.is_end() || self.is(";")) {
            Some(if self.is_string() { self.string()? } else { self.multipart_name()?.join(".") })
        } else {
            None
        };
        Ok(Command::ShowFunctions { scope, pattern })
    }

    /// `FROM name` or `IN name`.
    fn in_namespace(&mut self) -> Result<Option<Name>> {
        if self.take("FROM") || self.take("IN") {
            return self.identifier_reference().map(Some);
        }
        Ok(None)
    }

    /// `[LIKE] 'pattern'`.
    fn pattern(&mut self) -> Result<Option<String>> {
        if self.take("LIKE") || self.is_string() {
            return self.string().map(Some);
        }
        Ok(None)
    }

    pub(super) fn describe(&mut self) -> Result<Command> {
        self.advance();
        let next_is_name = self.is_name_ahead(1);
        match self.word() {
            "FUNCTION" if !self.ends_after(1) => {
                self.advance();
                let extended = self.is("EXTENDED") && !self.ends_after(1) && self.take("EXTENDED");
                let name = self.described_function()?;
                Ok(Command::DescribeFunction { name, extended })
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" if next_is_name => {
                self.advance();
                let extended =
                    self.is("EXTENDED") && self.is_name_ahead(1) && self.take("EXTENDED");
                Ok(Command::DescribeDatabase { name: self.identifier_reference()?, extended })
            }
            "QUERY" if next_is_name || self.word_ahead(1) == "(" => {
                self.advance();
                Ok(Command::DescribeQuery { query: self.query()? })
            }
            "SELECT" | "WITH" | "FROM" | "VALUES" if !self.ends_after(1) => {
                Ok(Command::DescribeQuery { query: self.query()? })
            }
            "(" => Ok(Command::DescribeQuery { query: self.query()? }),
            "PROCEDURE" if next_is_name => Ok(self.unsupported("DESCRIBE PROCEDURE")),
            _ => {
                if self.is("TABLE") && next_is_name {
                    self.advance();
                }
                let extended = self.is_one_of(&["EXTENDED", "FORMATTED"]) && self.is_name_ahead(1);
                if extended {
                    self.advance();
                }
                let table = self.identifier_reference()?;
                if self.is("PARTITION") {
                    return Ok(self.unsupported("DESCRIBE TABLE … PARTITION"));
                }
                if self.is_all(&["AS", "JSON"]) {
                    return Ok(self.unsupported("DESCRIBE TABLE … AS JSON"));
                }
                let column = if self.is_name() { Some(self.multipart_name()?) } else { None };
                Ok(Command::DescribeTable { table, extended, column })
            }
        }
    }

    fn ends_after(&self, ahead: usize) -> bool {
        self.kind_ahead(ahead) == TokenKind::End || self.word_ahead(ahead) == ";"
    }

    /// A name, a string, or an operator: `DESCRIBE FUNCTION <=>`.
    fn described_function(&mut self) -> Result<Name> {
        if self.is_string() {
            return Ok(vec![self.string()?]);
        }
        if self.kind() == TokenKind::Symbol {
            let operator = self.slice().to_owned();
            self.advance();
            return Ok(vec![operator]);
        }
        self.identifier_reference()
    }
}

//! SHOW and DESCRIBE.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Name};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn show(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("SHOW")?;
        match self.word() {
            "DATABASES" | "SCHEMAS" | "NAMESPACES" => {
                self.advance();
                let within = self.in_namespace()?;
                let is_ours = |name: &Name| matches!(name.as_slice(), [catalog] if catalog.eq_ignore_ascii_case("spark_catalog"));
                let pattern = self.pattern()?;
                if within.is_some_and(|name| !is_ours(&name)) {
                    return Ok(self.not_served("SHOW NAMESPACES IN"));
                }
                Ok(Command::ShowDatabases { pattern })
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
                if self.optional_partition_spec()?.is_some() {
                    return Ok(self.not_served("SHOW TABLE EXTENDED … PARTITION"));
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
                let partition = self.optional_partition_spec()?.unwrap_or_default();
                Ok(Command::ShowPartitions { table, partition })
            }
            "CREATE" if self.word_ahead(1) == "TABLE" => {
                let shown = self.attempt(|p| {
                    p.expect_all(&["CREATE", "TABLE"])?;
                    let table = p.identifier_reference()?;
                    if p.take("AS") {
                        p.expect("SERDE")?;
                    }
                    p.statement_end()?;
                    Ok(table)
                });
                match shown {
                    Some(table) => Ok(Command::ShowCreateTable { table }),
                    None => Err(self.refused_as("SHOW CREATE TABLE", start)),
                }
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
                if !matches!(scope.as_str(), "all" | "system" | "user") {
                    let what = format!("SHOW {scope} FUNCTIONS not supported");
                    let origin = self.origin(start);
                    let kind = "SHOW_FUNCTIONS_INVALID_SCOPE";
                    let what = format!("Show functions scope `{scope}` is not supported ({what}).");
                    self.fault(error::invalid_syntax(&origin, kind, &what));
                }
                self.show_functions(Some(scope))
            }
            "PROCEDURES" => {
                self.advance();
                self.in_namespace()?;
                Ok(self.not_served("SHOW PROCEDURES"))
            }
            word @ ("LOCKS" | "GRANT" | "ROLES" | "PRINCIPALS" | "COMPACTIONS" | "TRANSACTIONS"
            | "INDEXES" | "ROLE") => {
                let grant =
                    if word == "ROLE" && self.word_ahead(1) == "GRANT" { " GRANT" } else { "" };
                let operation = format!("SHOW {word}{grant}");
                Err(self.refused_as(&operation, start))
            }
            "CURRENT" if self.word_ahead(1) == "ROLES" => {
                Err(self.refused_as("SHOW CURRENT ROLES", start))
            }
            "CURRENT" => {
                self.advance();
                Err(self.unexpected())
            }
            "COLLATIONS" => {
                self.advance();
                Ok(Command::ShowCollations { pattern: self.pattern()? })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// From FUNCTIONS on; `scope` is `user`, `system` or `all`.
    fn show_functions(&mut self, scope: Option<String>) -> Result<Command> {
        self.expect("FUNCTIONS")?;
        // Functions are the same in every namespace: there are no persistent ones.
        let has_namespace = self.in_namespace()?.is_some();
        let pattern = if self.take("LIKE") || !(self.is_end() || self.is(";")) {
            Some(if self.is_string() {
                self.string()?
            } else {
                let start = self.start();
                let name = self.multipart_name()?;
                if name.len() == 1 && has_namespace {
                    let name = &name[0];
                    let what = format!(
                        "Invalid pattern in SHOW FUNCTIONS: `{name}`. It must be a \"STRING\" literal."
                    );
                    let origin = self.origin(start);
                    let kind = "SHOW_FUNCTIONS_INVALID_PATTERN";
                    self.fault(error::invalid_syntax(&origin, kind, &what));
                }
                name.join(".")
            })
        } else {
            None
        };
        Ok(Command::ShowFunctions { scope, pattern })
    }

    /// `FROM name` or `IN name`.
    fn in_namespace(&mut self) -> Result<Option<Name>> {
        let is_function = self.ends_after(1) && self.token_before("FUNCTIONS");
        if !is_function && self.take_one_of(&["FROM", "IN"]).is_some() {
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
        let start = self.start();
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
            "PROCEDURE" if next_is_name => {
                self.advance();
                self.identifier_reference()?;
                Ok(self.not_served("DESCRIBE PROCEDURE"))
            }
            _ => {
                if self.is("TABLE") && next_is_name {
                    self.advance();
                }
                let extended = self.is_one_of(&["EXTENDED", "FORMATTED"]) && self.is_name_ahead(1);
                if extended {
                    self.advance();
                }
                let table = self.identifier_reference()?;
                let partition = if self.is_all(&["PARTITION", "("]) {
                    self.optional_partition_spec()?
                } else {
                    None
                };
                let is_json = self.is_all(&["AS", "JSON"]);
                let column =
                    if self.is_name() && !is_json { Some(self.multipart_name()?) } else { None };
                let is_json = self.take_all(&["AS", "JSON"]);
                self.check_description(
                    is_json,
                    extended,
                    column.is_some(),
                    partition.is_some(),
                    start,
                );
                if partition.is_some() {
                    return Ok(self.not_served("DESCRIBE TABLE … PARTITION"));
                }
                if is_json {
                    return Ok(self.not_served("DESCRIBE TABLE … AS JSON"));
                }
                Ok(Command::DescribeTable { table, extended, column })
            }
        }
    }

    /// What cannot be asked for together.
    fn check_description(
        &mut self,
        is_json: bool,
        extended: bool,
        has_column: bool,
        has_partition: bool,
        start: usize,
    ) {
        let (condition, message) = if is_json && has_column {
            let message = "The feature is not supported: DESC TABLE COLUMN AS JSON not supported for \
                           individual columns.";
            ("UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_JSON", message)
        } else if has_column && has_partition {
            let message =
                "The feature is not supported: DESC TABLE COLUMN for a specific partition.";
            ("UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_PARTITION", message)
        } else if is_json && !extended {
            let message = "DESCRIBE TABLE ... AS JSON only supported when [EXTENDED|FORMATTED] is \
                           specified.";
            ("DESCRIBE_JSON_NOT_EXTENDED", message)
        } else {
            return;
        };
        let error = error::at(&self.origin(start), condition, message);
        self.statement_fault(error, start);
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

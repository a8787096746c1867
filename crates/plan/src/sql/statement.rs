//! Statements by their first words.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, ExplainMode, Plan, RelationNode, With};
use firesteel_common::{Result, SparkError};

/// Statements that Spark's grammar knows by their first word and that are not run yet.
const UNSUPPORTED: &[&str] =
    &["ADD", "BEGIN", "CALL", "COMMENT", "EXECUTE", "LIST", "LOAD", "OPEN", "FETCH", "CLOSE"];

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Plan> {
        let command = match self.word() {
            "WITH" => return self.statement_with_ctes(),
            "FROM" if self.from_leads_to_insert() => self.multi_insert()?,
            "SELECT" | "FROM" | "VALUES" | "TABLE" | "(" | "MAP" | "REDUCE" => {
                return Ok(Plan::Query(self.query()?));
            }
            "CREATE" => self.create()?,
            "REPLACE" => {
                self.advance();
                self.create_table(true)?
            }
            "DECLARE" if self.is_name_ahead(1) => self.declare()?,
            "EXECUTE" if self.word_ahead(1) == "IMMEDIATE" => self.execute_immediate()?,
            "COMMENT" if self.word_ahead(1) == "ON" => self.comment_on()?,
            "DELETE" | "UPDATE" | "MERGE" if self.is_name_ahead(1) => self.row_level()?,
            "DROP" => self.drop()?,
            "ALTER" => self.alter()?,
            "INSERT" => self.insert()?,
            "TRUNCATE" => {
                self.expect_all(&["TRUNCATE", "TABLE"])?;
                let name = self.identifier_reference()?;
                if self.is("PARTITION") {
                    return Ok(self.unsupported("TRUNCATE TABLE … PARTITION").into());
                }
                Command::TruncateTable { name }
            }
            "USE" => self.use_statement()?,
            "SET" if self.word_ahead(1) == "ROLE" && self.word_ahead(2) != "=" => {
                return Err(self.refused(2));
            }
            "SET" => self.set()?,
            "RESET" => self.reset()?,
            "SHOW" => self.show()?,
            "DESCRIBE" | "DESC" => self.describe()?,
            "EXPLAIN" => self.explain()?,
            "CACHE" => self.cache()?,
            "UNCACHE" => {
                self.expect_all(&["UNCACHE", "TABLE"])?;
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                Command::UncacheTable { name: self.identifier_reference()?, if_exists }
            }
            "CLEAR" => {
                self.expect_all(&["CLEAR", "CACHE"])?;
                Command::ClearCache
            }
            "REFRESH" => self.refresh()?,
            "ANALYZE" if self.word_ahead(1) == "TABLE" => return self.analyze(),
            "ANALYZE" => self.unsupported("ANALYZE TABLES"),
            "MSCK" | "REPAIR" => {
                self.take("MSCK");
                self.expect_all(&["REPAIR", "TABLE"])?;
                let table = self.identifier_reference()?;
                if self.is_one_of(&["DROP", "SYNC"]) {
                    return Ok(self.unsupported("REPAIR TABLE … DROP PARTITIONS").into());
                }
                self.take_all(&["ADD", "PARTITIONS"]);
                Command::RecoverPartitions { table }
            }
            "GRANT" | "REVOKE" | "DFS" => return Err(self.refused(1)),
            "START" | "EXPORT" | "IMPORT" | "LOCK" | "UNLOCK" if self.is_name_ahead(1) => {
                return Err(self.refused(2));
            }
            word if UNSUPPORTED.contains(&word) && self.is_name_ahead(1) => {
                let second = self.word_ahead(1);
                let statement = match (word, second) {
                    ("CALL", _) => word.to_owned(),
                    ("BEGIN", _) => "BEGIN … END".to_owned(),
                    _ => format!("{word} {second}"),
                };
                self.unsupported(&statement)
            }
            "COMMIT" | "ROLLBACK" => return Err(self.refused(1)),
            _ => return Err(self.unexpected()),
        };
        Ok(Plan::Command(command))
    }

    /// A statement of Hive that Spark refuses; its first `n` words name it.
    pub(super) fn refused(&mut self, n: usize) -> SparkError {
        let start = self.start();
        let words: Vec<_> = (0..n).map(|ahead| self.word_ahead(ahead)).collect();
        let statement = words.join(" ");
        while !self.is_end() {
            self.advance();
        }
        let message = format!("The statement or clause: {statement} is not valid.");
        error::at(&self.origin(start), "INVALID_STATEMENT_OR_CLAUSE", message)
            .with("operation", statement)
    }

    /// `DELETE FROM t`, `UPDATE t` and `MERGE INTO t`: no table of files can be changed by the row, so
    /// only the table's name matters.
    fn row_level(&mut self) -> Result<Command> {
        let operation = match self.word() {
            "DELETE" => "DELETE",
            "UPDATE" => "UPDATE TABLE",
            _ => "MERGE INTO TABLE",
        };
        self.advance();
        if operation == "MERGE INTO TABLE" {
            self.take_all(&["WITH", "SCHEMA", "EVOLUTION"]);
            self.expect("INTO")?;
        } else if operation == "DELETE" {
            self.expect("FROM")?;
        }
        let table = self.identifier_reference()?;
        while !self.is_end() {
            self.advance();
        }
        Ok(Command::RowLevel { table, operation })
    }

    /// A statement that is not run yet: its text is taken as it is.
    pub(super) fn unsupported(&mut self, statement: &str) -> Command {
        while !self.is_end() {
            self.advance();
        }
        Command::Unsupported { statement: statement.to_owned() }
    }

    /// `WITH … query` or `WITH … INSERT …`.
    fn statement_with_ctes(&mut self) -> Result<Plan> {
        let (tables, recursive) = self.common_tables()?;
        if self.is_one_of(&["UPDATE", "DELETE", "MERGE"]) && self.is_name_ahead(1) {
            let statement = self.word().to_owned();
            return Ok(self.unsupported(&statement).into());
        }
        if self.is("INSERT") || (self.is("FROM") && self.from_leads_to_insert()) {
            let command = if self.is("INSERT") { self.insert()? } else { self.multi_insert()? };
            let Command::Insert(mut insert) = command else { return Ok(command.into()) };
            insert.query =
                RelationNode::With(With { input: insert.query, tables, recursive }).into();
            return Ok(Command::Insert(insert).into());
        }
        let input = self.query_without_ctes()?;
        Ok(Plan::Query(RelationNode::With(With { input, tables, recursive }).into()))
    }

    /// `USE [DATABASE | SCHEMA | NAMESPACE] name`.
    fn use_statement(&mut self) -> Result<Command> {
        self.expect("USE")?;
        if self.is_namespace() && self.is_name_ahead(1) {
            self.advance();
        }
        Ok(Command::UseDatabase { name: self.identifier_reference()? })
    }

    /// DATABASE, SCHEMA or NAMESPACE: three words for one thing.
    pub(super) fn is_namespace(&self) -> bool {
        self.is_one_of(&["DATABASE", "SCHEMA", "NAMESPACE"])
    }

    fn explain(&mut self) -> Result<Command> {
        self.expect("EXPLAIN")?;
        let mode = match self.word() {
            "EXTENDED" => ExplainMode::Extended,
            "FORMATTED" => ExplainMode::Formatted,
            "CODEGEN" => ExplainMode::Codegen,
            "COST" => ExplainMode::Cost,
            // ANALYZE TABLE is a statement of its own, which may be explained.
            "ANALYZE" if !matches!(self.word_ahead(1), "TABLE" | "TABLES") => ExplainMode::Analyze,
            _ => ExplainMode::Simple,
        };
        if mode != ExplainMode::Simple {
            self.advance();
        }
        let plan = Box::new(self.nested(Self::statement)?);
        Ok(Command::Explain { plan, mode })
    }

    /// `CACHE [LAZY] TABLE name [OPTIONS (…)] [[AS] query]`.
    fn cache(&mut self) -> Result<Command> {
        self.expect("CACHE")?;
        let lazy = self.take("LAZY");
        self.expect("TABLE")?;
        let name = self.identifier_reference()?;
        let options = if self.take("OPTIONS") { self.property_list()? } else { Vec::new() };
        let query = if self.take("AS") || !(self.is_end() || self.is(";")) {
            Some(self.query()?)
        } else {
            None
        };
        Ok(Command::CacheTable { name, lazy, options, query })
    }

    /// `REFRESH TABLE name`, `REFRESH 'path'` or a bare path.
    fn refresh(&mut self) -> Result<Command> {
        self.expect("REFRESH")?;
        if self.is("TABLE") && (self.is_name_ahead(1)) {
            self.advance();
            return Ok(Command::RefreshTable { name: self.identifier_reference()? });
        }
        if self.is("FUNCTION") && self.is_name_ahead(1) {
            return Ok(self.unsupported("REFRESH FUNCTION"));
        }
        if self.is_end() {
            return Err(self.unexpected());
        }
        if self.is_string() {
            return Ok(Command::RefreshPath { path: self.string()? });
        }
        Ok(Command::RefreshPath { path: self.raw_rest().to_owned() })
    }

    /// `ANALYZE TABLE name [PARTITION …] COMPUTE STATISTICS [NOSCAN | FOR …]`.
    fn analyze(&mut self) -> Result<Plan> {
        self.expect_all(&["ANALYZE", "TABLE"])?;
        let table = self.identifier_reference()?;
        if self.is("PARTITION") {
            return Ok(self.unsupported("ANALYZE TABLE … PARTITION").into());
        }
        self.expect_all(&["COMPUTE", "STATISTICS"])?;
        let no_scan = self.take("NOSCAN");
        if self.take_all(&["FOR", "ALL", "COLUMNS"]) {
        } else if self.take_all(&["FOR", "COLUMNS"]) {
            self.list(Self::name)?;
        }
        Ok(Command::AnalyzeTable { table, no_scan }.into())
    }

    /// The rest of the text as it stands, without trailing semicolons.
    pub(super) fn raw_rest(&mut self) -> &str {
        let start = self.start();
        while !self.is_end() {
            self.advance();
        }
        let rest = self.text.get(start..).unwrap_or_default();
        rest.trim_end_matches(|c: char| c == ';' || c.is_whitespace())
    }
}

impl From<Command> for Plan {
    fn from(command: Command) -> Self {
        Plan::Command(command)
    }
}

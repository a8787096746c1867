//! Statements by their first words.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, ExplainMode, Plan, RelationNode, With};
use firesteel_common::{Result, SparkError};

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
                let start = self.start();
                self.advance();
                self.create_table(true, false, false, start)?
            }
            "BEGIN" => self.script()?,
            "OPEN" | "FETCH" | "CLOSE" if self.is_name_ahead(1) => {
                let message = "The feature is not supported: SQL cursor operations (DECLARE CURSOR, OPEN, \
                               FETCH, CLOSE) are not supported.";
                let start = self.start();
                self.raw_rest();
                return Err(error::at(
                    &self.origin(start),
                    "UNSUPPORTED_FEATURE.SQL_CURSOR",
                    message,
                ));
            }
            "DECLARE" => self.declare()?,
            "EXECUTE" => self.execute_immediate()?,
            "COMMENT" => self.comment_on()?,
            "CALL" => self.call_procedure()?,
            "DELETE" | "UPDATE" | "MERGE" => self.row_level()?,
            "DROP" => self.drop()?,
            "ALTER" => self.alter()?,
            "INSERT" => self.insert()?,
            "TRUNCATE" => self.truncate()?,
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
            "ANALYZE" => return self.analyze(),
            "MSCK" | "REPAIR" => self.repair()?,
            "ADD" | "LIST" => self.manage_resource()?,
            "LOAD" => self.load_data()?,
            word @ ("GRANT" | "REVOKE") => {
                let n = if self.word_ahead(1) == "ROLE" { 2 } else { 1 };
                debug_assert!(self.is(word));
                return Err(self.refused(n));
            }
            "DFS" | "COMMIT" | "ROLLBACK" => return Err(self.refused(1)),
            word @ ("START" | "EXPORT" | "IMPORT" | "LOCK" | "UNLOCK") => {
                let objects: &[&str] = match word {
                    "START" => &["TRANSACTION"],
                    "EXPORT" | "IMPORT" => &["TABLE"],
                    _ => &["TABLE", "DATABASE"],
                };
                if objects.contains(&self.word_ahead(1)) {
                    return Err(self.refused(2));
                }
                self.advance();
                match objects {
                    [object] => self.expect(object)?,
                    _ => return Err(self.unexpected()),
                }
                return Err(self.unexpected());
            }
            _ => return Err(self.unexpected()),
        };
        Ok(Plan::Command(command))
    }

    /// A statement of Hive that Spark refuses; its first `n` words name it.
    pub(super) fn refused(&mut self, n: usize) -> SparkError {
        let words: Vec<_> = (0..n).map(|ahead| self.word_ahead(ahead)).collect();
        let start = self.start();
        self.refused_as(&words.join(" "), start)
    }

    /// The same from `start` on, under a name; the rest of the text is taken as it is.
    pub(super) fn refused_as(&mut self, operation: &str, start: usize) -> SparkError {
        self.raw_rest();
        error::invalid_statement(&self.origin(start), operation)
    }

    /// A statement that follows the grammar and is not run yet.
    pub(super) fn not_served(&mut self, statement: &str) -> Command {
        Command::Unsupported { statement: statement.to_owned() }
    }

    /// `WITH … query` or `WITH … INSERT …`.
    fn statement_with_ctes(&mut self) -> Result<Plan> {
        let (tables, recursive) = self.common_tables()?;
        if self.is_one_of(&["UPDATE", "DELETE", "MERGE"]) {
            return Ok(self.row_level()?.into());
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
        if self.is_namespace() && self.is_name_ahead(1) && !self.is_end() {
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
        if self.is("BEGIN") {
            return Err(self.unexpected());
        }
        let plan = Box::new(self.nested(Self::statement)?);
        Ok(Command::Explain { plan, mode })
    }

    /// `CACHE [LAZY] TABLE name [OPTIONS (…)] [[AS] query]`.
    fn cache(&mut self) -> Result<Command> {
        let start = self.start();
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
        if query.is_some() && name.len() > 1 {
            let prefix = name[..name.len() - 1].join(".");
            let message = format!(
                "It is not allowed to add catalog/namespace prefix {prefix} to the table name in CACHE \
                 TABLE AS SELECT."
            );
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0037", message);
            self.fault(error.with("quoted", prefix));
        }
        Ok(Command::CacheTable { name, lazy, options, query })
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

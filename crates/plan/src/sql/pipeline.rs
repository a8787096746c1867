//! Statements of declarative pipelines: materialized views, streaming tables, flows.

use super::error;
use super::parser::Parser;
use crate::spec::Command;
use firesteel_common::Result;

impl Parser<'_> {
    /// After CREATE: `MATERIALIZED VIEW …` or `STREAMING TABLE …`.
    pub(super) fn pipeline_dataset(&mut self, start: usize) -> Result<Command> {
        let is_view = self.take("MATERIALIZED");
        let kind = if is_view {
            self.expect("VIEW")?;
            "MATERIALIZED VIEW"
        } else {
            self.expect_all(&["STREAMING", "TABLE"])?;
            "STREAMING TABLE"
        };
        let statement = format!("CREATE {kind}");
        self.if_not_exists()?;
        self.identifier_reference()?;
        let mut has_constraint = false;
        if self.take("(") {
            if !self.is(")") {
                has_constraint = self.table_elements()?.1;
            }
            self.expect(")")?;
        }
        self.table_provider()?;
        let clauses = self.table_clauses(start)?;
        let has_query = self.take("AS");
        if has_query {
            self.query()?;
        }
        let refused = ["OPTIONS", "LOCATION", "ROW FORMAT", "STORED AS/BY", "CLUSTERED BY"]
            .into_iter()
            .find(|clause| clauses.has(clause));
        let what = if is_view && !has_query {
            Some("MATERIALIZED VIEW without a query".to_owned())
        } else if has_constraint {
            Some(format!("Constraints may not be specified in a {statement} statement"))
        } else {
            refused.map(|clause| format!("{clause} in a {statement} statement"))
        };
        if let Some(what) = what {
            let error = error::not_allowed(&self.origin(start), &what);
            self.statement_fault(error, start);
        }
        Ok(self.not_served(&statement))
    }

    /// After CREATE: `FLOW name [COMMENT '…'] AS INSERT INTO … query`.
    pub(super) fn pipeline_flow(&mut self, start: usize) -> Result<Command> {
        self.expect("FLOW")?;
        self.identifier_reference()?;
        if self.take("COMMENT") {
            self.string()?;
        }
        self.expect("AS")?;
        let insert = self.insert()?;
        let is_plain = match &insert {
            Command::Insert(insert) => {
                insert.by_name && !insert.overwrite && insert.partition.is_empty()
            }
            _ => false,
        };
        if !is_plain {
            let what = "Only `INSERT INTO BY NAME` flows are supported";
            let error = error::not_allowed(&self.origin(start), what);
            self.statement_fault(error, start);
        }
        Ok(self.not_served("CREATE FLOW"))
    }

    /// `CREATE INDEX [IF NOT EXISTS] i ON [TABLE] t [USING kind] (a [OPTIONS (…)], …) [OPTIONS (…)]`, from
    /// INDEX on.
    pub(super) fn create_index(&mut self) -> Result<Command> {
        self.expect("INDEX")?;
        self.if_not_exists()?;
        self.plain_name()?;
        self.index_table()?;
        if self.take("USING") {
            self.plain_name()?;
        }
        self.paren_list(|p| {
            p.multipart_name()?;
            if p.take("OPTIONS") {
                p.property_list_with_values()?;
            }
            Ok(())
        })?;
        if self.take("OPTIONS") {
            self.property_list_with_values()?;
        }
        self.statement_end()?;
        Ok(self.not_served("CREATE INDEX"))
    }

    /// `DROP INDEX [IF EXISTS] i ON [TABLE] t`, from INDEX on.
    pub(super) fn drop_index(&mut self) -> Result<Command> {
        self.expect("INDEX")?;
        self.take_all(&["IF", "EXISTS"]);
        self.plain_name()?;
        self.index_table()?;
        self.statement_end()?;
        Ok(self.not_served("DROP INDEX"))
    }

    fn index_table(&mut self) -> Result<()> {
        self.expect("ON")?;
        if self.is("TABLE") && self.is_name_ahead(1) {
            self.advance();
        }
        self.identifier_reference().map(|_| ())
    }

    /// The statement must end here.
    pub(super) fn statement_end(&self) -> Result<()> {
        if self.is_end() || self.is(";") { Ok(()) } else { Err(self.unexpected()) }
    }
}

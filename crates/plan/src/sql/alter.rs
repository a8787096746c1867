//! ALTER and COMMENT ON.

use super::parser::Parser;
use crate::spec::{Command, Name, PartitionSpec, TableChange};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Result<Command> {
        self.expect("ALTER")?;
        let kind = self.word();
        match kind {
            "TABLE" | "VIEW" => {
                self.advance();
                let table = self.identifier_reference()?;
                if self.take_all(&["RENAME", "TO"]) {
                    let to = self.multipart_name()?;
                    return Ok(Command::RenameTable { from: table, to, is_view: kind == "VIEW" });
                }
                if self.is_end() {
                    return Err(self.unexpected());
                }
                self.change_of(table, kind == "VIEW")
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" if self.is_name_ahead(1) => {
                self.advance();
                let name = self.identifier_reference()?;
                if self.take_all(&["SET", "DBPROPERTIES"]) || self.take_all(&["SET", "PROPERTIES"])
                {
                    return Ok(Command::AlterDatabase { name, properties: self.property_list()? });
                }
                let statement = format!("ALTER {kind} … {} {}", self.word(), self.word_ahead(1));
                Ok(self.unsupported(statement.trim()))
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" | "INDEX" => {
                let statement = format!("ALTER {kind}");
                Ok(self.unsupported(&statement))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn change_of(&mut self, table: Name, is_view: bool) -> Result<Command> {
        let statement = format!("ALTER TABLE … {} {}", self.word(), self.word_ahead(1));
        let change = match (self.word(), self.word_ahead(1)) {
            ("SET", "TBLPROPERTIES") => {
                self.expect_all(&["SET", "TBLPROPERTIES"])?;
                TableChange::SetProperties(self.property_list()?)
            }
            ("UNSET", "TBLPROPERTIES") => {
                self.expect_all(&["UNSET", "TBLPROPERTIES"])?;
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let keys = self.paren_list(Self::property_key)?;
                TableChange::UnsetProperties { keys, if_exists }
            }
            ("AS" | "SELECT" | "WITH" | "FROM" | "VALUES" | "TABLE", _) if is_view => {
                self.take("AS");
                let start = self.start();
                let query = self.query()?;
                TableChange::Query(query, self.text_from(start).to_owned())
            }
            ("ADD", "COLUMN" | "COLUMNS") => {
                self.advance();
                self.advance();
                let columns = if self.is("(") {
                    self.paren_list(Self::column_definition)?
                } else {
                    self.list(Self::column_definition)?
                };
                if self.is_one_of(&["FIRST", "AFTER"]) {
                    return Ok(self.unsupported("ALTER TABLE … ADD COLUMN at a position"));
                }
                TableChange::AddColumns(columns)
            }
            ("ADD", "PARTITION" | "IF") => {
                self.advance();
                let if_not_exists = self.take_all(&["IF", "NOT", "EXISTS"]);
                let mut partitions = Vec::new();
                while self.is("PARTITION") {
                    let partition = self.partition_spec()?;
                    let location = if self.take("LOCATION") { Some(self.string()?) } else { None };
                    partitions.push((partition, location));
                }
                TableChange::AddPartitions { partitions, if_not_exists }
            }
            ("DROP", "PARTITION" | "IF") => {
                self.advance();
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let mut partitions = vec![self.partition_spec()?];
                while self.take(",") {
                    partitions.push(self.partition_spec()?);
                }
                self.take("PURGE");
                TableChange::DropPartitions { partitions, if_exists }
            }
            ("RECOVER", "PARTITIONS") => {
                self.expect_all(&["RECOVER", "PARTITIONS"])?;
                return Ok(Command::RecoverPartitions { table });
            }
            ("SET", "LOCATION") => {
                self.expect_all(&["SET", "LOCATION"])?;
                TableChange::SetLocation(self.string()?)
            }
            ("ALTER" | "CHANGE", _) => {
                self.advance();
                self.take("COLUMN");
                let column = self.multipart_name()?;
                if self.take("COMMENT") {
                    TableChange::CommentOnColumn { column, comment: self.string()? }
                } else {
                    return Ok(self.unsupported(&statement));
                }
            }
            ("DROP", "COLUMN" | "COLUMNS") => self.refused_change("DROP COLUMN"),
            ("RENAME", "COLUMN") => self.refused_change("RENAME COLUMN"),
            ("REPLACE", "COLUMNS") => self.refused_change("REPLACE COLUMNS"),
            _ => return Ok(self.unsupported(&statement)),
        };
        Ok(Command::AlterTable { table, is_view, change })
    }

    fn refused_change(&mut self, what: &'static str) -> TableChange {
        while !self.is_end() {
            self.advance();
        }
        TableChange::Refused(what)
    }

    /// `PARTITION (a = 1, b = 'x')`.
    pub(super) fn partition_spec(&mut self) -> Result<PartitionSpec> {
        self.expect("PARTITION")?;
        self.paren_list(|p| {
            let name = p.name()?;
            p.expect("=")?;
            Ok((name, p.primary()?))
        })
    }

    /// `COMMENT ON TABLE t IS 'text' | NULL`.
    pub(super) fn comment_on(&mut self) -> Result<Command> {
        self.expect_all(&["COMMENT", "ON"])?;
        let kind = self.word();
        if !matches!(kind, "TABLE" | "DATABASE" | "SCHEMA" | "NAMESPACE") {
            return Ok(self.unsupported("COMMENT ON anything but a table or a database"));
        }
        self.advance();
        let name = self.identifier_reference()?;
        self.expect("IS")?;
        let comment = if self.take("NULL") { None } else { Some(self.string()?) };
        Ok(match kind {
            "TABLE" => Command::CommentOnTable { table: name, comment },
            _ => Command::CommentOnDatabase { name, comment },
        })
    }
}

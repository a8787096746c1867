//! ALTER of databases and views; COMMENT ON.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, Expr, Name, PartitionSpec, TableChange};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    pub(super) fn alter(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("ALTER")?;
        match self.word() {
            "TABLE" => {
                self.advance();
                self.alter_table(start)
            }
            "VIEW" => {
                self.advance();
                self.alter_view(start)
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" => {
                self.advance();
                self.alter_database(start)
            }
            "INDEX" => Err(self.refused_as("ALTER INDEX", start)),
            _ => Err(self.unexpected()),
        }
    }

    fn alter_database(&mut self, start: usize) -> Result<Command> {
        let name = self.identifier_reference()?;
        if self.take_all(&["DEFAULT", "COLLATION"]) {
            self.plain_name()?;
            return Err(schema_collation(self, start));
        }
        let is_set = self.expect_one_of(&["SET", "UNSET"])? == "SET";
        if is_set && self.take("LOCATION") {
            self.string()?;
            return Ok(self.not_served("ALTER DATABASE … SET LOCATION"));
        }
        self.expect_one_of(&["DBPROPERTIES", "PROPERTIES"])?;
        if is_set {
            let properties = self.property_list_with_values()?;
            return Ok(Command::AlterDatabase { name, properties });
        }
        self.property_keys()?;
        Ok(self.not_served("ALTER DATABASE … UNSET PROPERTIES"))
    }

    fn alter_view(&mut self, start: usize) -> Result<Command> {
        let table = self.identifier_reference()?;
        let change = match (self.word(), self.word_ahead(1)) {
            ("RENAME", _) => {
                self.expect_all(&["RENAME", "TO"])?;
                let to = self.multipart_name()?;
                return Ok(Command::RenameTable { from: table, to, is_view: true });
            }
            ("SET" | "UNSET", _) => self.table_properties_change()?,
            ("WITH", "SCHEMA") => {
                self.schema_binding()?;
                return Ok(self.not_served("ALTER VIEW … WITH SCHEMA"));
            }
            (word @ ("ADD" | "DROP"), _) => {
                self.partitions_change()?;
                let operation = format!("ALTER VIEW ... {word} PARTITION");
                return Err(error::invalid_statement(&self.origin(start), &operation));
            }
            ("FROM", _) if self.from_leads_to_insert() => {
                return Err(self.insert_in_view());
            }
            _ => {
                self.take("AS");
                if self.is("FROM") && self.from_leads_to_insert() {
                    return Err(self.insert_in_view());
                }
                let start = self.start();
                let query = self.query()?;
                TableChange::Query(query, self.text_from(start).to_owned())
            }
        };
        Ok(Command::AlterTable { table, is_view: true, change })
    }

    /// `FROM t INSERT …` where a query should be: Spark names the first INSERT.
    pub(super) fn insert_in_view(&mut self) -> SparkError {
        while !self.is("INSERT") && !self.is_end() {
            self.advance();
        }
        self.unexpected()
    }

    /// `SET TBLPROPERTIES (…)` or `UNSET TBLPROPERTIES [IF EXISTS] (…)`.
    pub(super) fn table_properties_change(&mut self) -> Result<TableChange> {
        let is_set = self.expect_one_of(&["SET", "UNSET"])? == "SET";
        self.expect("TBLPROPERTIES")?;
        if is_set {
            return Ok(TableChange::SetProperties(self.property_list_with_values()?));
        }
        let if_exists = self.take_all(&["IF", "EXISTS"]);
        Ok(TableChange::UnsetProperties { keys: self.property_keys()?, if_exists })
    }

    /// `ADD [IF NOT EXISTS] PARTITION …` or `DROP [IF EXISTS] PARTITION …`.
    pub(super) fn partitions_change(&mut self) -> Result<TableChange> {
        if self.expect_one_of(&["ADD", "DROP"])? == "ADD" {
            let if_not_exists = self.if_not_exists()?;
            let mut partitions = Vec::new();
            loop {
                let partition = self.partition_spec()?;
                let location = if self.take("LOCATION") { Some(self.string()?) } else { None };
                partitions.push((partition, location));
                if !self.is("PARTITION") {
                    return Ok(TableChange::AddPartitions { partitions, if_not_exists });
                }
            }
        }
        let if_exists = self.take_all(&["IF", "EXISTS"]);
        let partitions = self.list(Self::partition_spec)?;
        self.take("PURGE");
        Ok(TableChange::DropPartitions { partitions, if_exists })
    }

    /// `PARTITION (a = 1, b = 'x')`: every column has a value.
    pub(super) fn partition_spec(&mut self) -> Result<PartitionSpec> {
        let start = self.start();
        let values = self.partition_values()?;
        self.check_partition_values(&values, start);
        Ok(values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    /// Notes a fault if a column of the partition that began at `start` has no value.
    pub(super) fn check_partition_values(
        &mut self,
        values: &[(String, Option<Expr>)],
        start: usize,
    ) {
        let Some((key, _)) = values.iter().find(|(_, value)| value.is_none()) else { return };
        let what = format!("Partition key `{key}` must set value.");
        let origin = self.origin(start);
        let error = error::invalid_syntax(&origin, "EMPTY_PARTITION_VALUE", &what);
        self.fault(error.with("partKey", format!("`{key}`")));
    }

    /// `WITH SCHEMA BINDING | COMPENSATION | [TYPE] EVOLUTION`.
    pub(super) fn schema_binding(&mut self) -> Result<()> {
        self.expect_all(&["WITH", "SCHEMA"])?;
        if self.take("TYPE") {
            return self.expect("EVOLUTION");
        }
        self.expect_one_of(&["BINDING", "COMPENSATION", "EVOLUTION"]).map(|_| ())
    }

    /// `COMMENT ON TABLE t IS 'text' | NULL`.
    pub(super) fn comment_on(&mut self) -> Result<Command> {
        self.expect_all(&["COMMENT", "ON"])?;
        let kind = self.expect_one_of(&["TABLE", "DATABASE", "SCHEMA", "NAMESPACE"])?;
        let name: Name = self.identifier_reference()?;
        self.expect("IS")?;
        let comment = if self.take("NULL") { None } else { Some(self.string()?) };
        Ok(match kind {
            "TABLE" => Command::CommentOnTable { table: name, comment },
            _ => Command::CommentOnDatabase { name, comment },
        })
    }
}

/// Databases have no collation of their own.
pub(super) fn schema_collation(parser: &Parser<'_>, start: usize) -> SparkError {
    let message = "The feature is not supported: Default collation for the specified schema.";
    error::at(&parser.origin(start), "UNSUPPORTED_FEATURE.SCHEMA_LEVEL_COLLATIONS", message)
}

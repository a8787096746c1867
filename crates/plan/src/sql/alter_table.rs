//! ALTER TABLE.

use super::error;
use super::parser::Parser;
use crate::spec::{ColumnDefinition, Command, Name, TableChange};
use firesteel_common::{Result, SparkError};
use firesteel_functions::collation::Collation;

/// Changes of Hive tables that Spark knows by their words and refuses. Longer ones before their beginnings.
const REFUSED: &[&[&str]] = &[
    &["NOT", "STORED", "AS", "DIRECTORIES"],
    &["NOT", "CLUSTERED"],
    &["CLUSTERED", "BY"],
    &["NOT", "SORTED"],
    &["NOT", "SKEWED"],
    &["SKEWED", "BY"],
    &["SET", "SKEWED", "LOCATION"],
    &["EXCHANGE", "PARTITION"],
    &["ARCHIVE", "PARTITION"],
    &["UNARCHIVE", "PARTITION"],
    &["TOUCH"],
];

/// The same for one partition as well.
const REFUSED_OF_PARTITION: &[&[&str]] = &[&["COMPACT"], &["CONCATENATE"], &["SET", "FILEFORMAT"]];

/// A column of ADD or REPLACE COLUMNS with what a definition of CREATE TABLE does not have.
struct PlacedColumn {
    name: Name,
    definition: ColumnDefinition,
    has_position: bool,
}

impl Parser<'_> {
    /// After `ALTER TABLE`.
    pub(super) fn alter_table(&mut self, start: usize) -> Result<Command> {
        let table = self.identifier_reference()?;
        let partition = if self.is("PARTITION") {
            self.expect("PARTITION")?;
            let spec_start = self.end() - "PARTITION".len();
            Some((spec_start, self.partition_list()?))
        } else {
            None
        };
        if let Some(words) = self.refused_change(table.len(), partition.is_some()) {
            let operation = format!("ALTER TABLE {}", words.join(" "));
            return Err(self.refused_as(&operation, start));
        }
        if let Some((spec_start, values)) = partition {
            self.check_partition_values(&values, spec_start);
            return self.alter_partition(start);
        }
        let change = match (self.word(), self.word_ahead(1)) {
            ("RENAME", "COLUMN") => {
                self.expect_all(&["RENAME", "COLUMN"])?;
                self.multipart_name()?;
                self.expect("TO")?;
                self.name()?;
                TableChange::Refused("RENAME COLUMN")
            }
            ("RENAME", _) => {
                self.expect_all(&["RENAME", "TO"])?;
                let to = self.multipart_name()?;
                return Ok(Command::RenameTable { from: table, to, is_view: false });
            }
            ("SET" | "UNSET", "TBLPROPERTIES") | ("UNSET", _) => self.table_properties_change()?,
            ("SET", "LOCATION") => {
                self.expect_all(&["SET", "LOCATION"])?;
                TableChange::SetLocation(self.string()?)
            }
            ("SET", _) => return self.set_serde(),
            ("ADD", "COLUMN" | "COLUMNS") => return self.add_columns(table),
            ("ADD", "CONSTRAINT" | "CHECK" | "UNIQUE" | "PRIMARY" | "FOREIGN") => {
                self.advance();
                self.table_constraint()?;
                return Ok(self.not_served("ALTER TABLE … ADD CONSTRAINT"));
            }
            ("DROP", "COLUMN" | "COLUMNS") => {
                self.advance();
                self.advance();
                self.take_all(&["IF", "EXISTS"]);
                if self.is("(") {
                    self.paren_list(Self::multipart_name)?;
                } else {
                    self.multipart_names()?;
                }
                TableChange::Refused("DROP COLUMN")
            }
            ("DROP", "CONSTRAINT") => {
                self.advance();
                self.advance();
                self.take_all(&["IF", "EXISTS"]);
                self.plain_name()?;
                self.take_one_of(&["RESTRICT", "CASCADE"]);
                return Ok(self.not_served("ALTER TABLE … DROP CONSTRAINT"));
            }
            ("ADD" | "DROP", _) => self.partitions_change()?,
            ("ALTER" | "CHANGE", _) => return self.alter_columns(table, start),
            ("REPLACE", _) => {
                let Some(columns) = self.attempt(Self::replaced_columns) else {
                    self.expect_all(&["REPLACE", "COLUMNS"])?;
                    return Err(self.refused_as("ALTER TABLE REPLACE COLUMNS", start));
                };
                if let Some(what) = not_replaceable(&columns) {
                    let fault = self.hive_style("REPLACE COLUMNS", what, "", start);
                    self.fault(fault);
                }
                TableChange::Refused("REPLACE COLUMNS")
            }
            ("RECOVER", _) => {
                self.expect_all(&["RECOVER", "PARTITIONS"])?;
                return Ok(Command::RecoverPartitions { table });
            }
            ("CLUSTER", _) => {
                self.expect_all(&["CLUSTER", "BY"])?;
                if !self.take("NONE") {
                    self.paren_list(Self::multipart_name)?;
                }
                return Ok(self.not_served("ALTER TABLE … CLUSTER BY"));
            }
            ("DEFAULT", _) => {
                self.expect_all(&["DEFAULT", "COLLATION"])?;
                let name = self.plain_name()?;
                let collation = Collation::parse(&name)?.name();
                TableChange::SetProperties(vec![("collation".to_owned(), collation)])
            }
            _ => return Err(self.unexpected()),
        };
        Ok(Command::AlterTable { table, is_view: false, change })
    }

    /// The words of a change of Hive that are next. Their tables have at most two parts to the name.
    fn refused_change(
        &self,
        n_parts: usize,
        has_partition: bool,
    ) -> Option<&'static [&'static str]> {
        if n_parts > 2 {
            return None;
        }
        let whole = if has_partition { &[] } else { REFUSED };
        whole.iter().chain(REFUSED_OF_PARTITION).copied().find(|words| self.is_all(words))
    }

    /// After `ALTER TABLE t PARTITION (…)`.
    fn alter_partition(&mut self, start: usize) -> Result<Command> {
        match (self.word(), self.word_ahead(1)) {
            ("RENAME", _) => {
                self.expect_all(&["RENAME", "TO"])?;
                self.partition_spec()?;
                Ok(self.not_served("ALTER TABLE … PARTITION … RENAME"))
            }
            ("SET", "LOCATION") => {
                self.expect_all(&["SET", "LOCATION"])?;
                self.string()?;
                Ok(self.not_served("ALTER TABLE … PARTITION … SET LOCATION"))
            }
            ("SET", _) => self.set_serde(),
            ("CHANGE", _) => {
                self.hive_column()?;
                let operation = "ALTER TABLE ... PARTITION ... CHANGE COLUMN";
                Err(error::invalid_statement(&self.origin(start), operation))
            }
            ("REPLACE", _) => {
                let operation = match self.attempt(Self::replaced_columns) {
                    Some(_) => "ALTER TABLE ... PARTITION ... REPLACE COLUMNS",
                    None => {
                        self.expect_all(&["REPLACE", "COLUMNS"])?;
                        return Err(self.refused_as("ALTER TABLE REPLACE COLUMNS", start));
                    }
                };
                Err(error::invalid_statement(&self.origin(start), operation))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// `SET SERDE 'class' [WITH SERDEPROPERTIES (…)]` or `SET SERDEPROPERTIES (…)`.
    fn set_serde(&mut self) -> Result<Command> {
        self.expect("SET")?;
        if self.take("SERDE") {
            self.string()?;
            if self.take("WITH") {
                self.expect("SERDEPROPERTIES")?;
                self.property_list_with_values()?;
            }
        } else {
            self.expect("SERDEPROPERTIES")?;
            self.property_list_with_values()?;
        }
        Ok(self.not_served("ALTER TABLE … SET SERDE"))
    }

    fn add_columns(&mut self, table: Name) -> Result<Command> {
        self.advance();
        self.advance();
        let columns = if self.is("(") {
            self.paren_list(|p| p.placed_column("ADD"))?
        } else {
            self.list(|p| p.placed_column("ADD"))?
        };
        if columns.iter().any(|column| column.has_position) {
            return Ok(self.not_served("ALTER TABLE … ADD COLUMN at a position"));
        }
        if columns.iter().any(|column| column.name.len() > 1) {
            return Ok(self.not_served("ALTER TABLE … ADD COLUMN inside a column"));
        }
        let columns = columns.into_iter().map(|column| column.definition).collect();
        Ok(Command::AlterTable { table, is_view: false, change: TableChange::AddColumns(columns) })
    }

    fn replaced_columns(&mut self) -> Result<Vec<PlacedColumn>> {
        self.expect_all(&["REPLACE", "COLUMNS"])?;
        self.paren_list(|p| p.placed_column("REPLACE"))
    }

    /// `a.b type [NOT NULL | DEFAULT expr | COMMENT '…' | FIRST | AFTER c]…`.
    fn placed_column(&mut self, statement: &'static str) -> Result<PlacedColumn> {
        let start = self.start();
        let name = self.multipart_name()?;
        let mut column = PlacedColumn {
            definition: ColumnDefinition {
                name: name.last().cloned().unwrap_or_default(),
                data_type: self.data_type()?,
                nullable: true,
                comment: None,
                default: None,
                generated: None,
            },
            name,
            has_position: false,
        };
        let mut seen = Vec::new();
        loop {
            let descriptor = match self.word() {
                "NOT" | "!" => {
                    self.not()?;
                    self.expect("NULL")?;
                    column.definition.nullable = false;
                    "NOT NULL"
                }
                "COMMENT" => {
                    self.advance();
                    column.definition.comment = Some(self.string()?);
                    "COMMENT"
                }
                "DEFAULT" => {
                    self.advance();
                    let start = self.start();
                    self.expression()?;
                    column.definition.default = Some(self.text_from(start).to_owned());
                    "DEFAULT"
                }
                "FIRST" | "AFTER" => {
                    self.column_position()?;
                    column.has_position = true;
                    "FIRST|AFTER"
                }
                _ => return Ok(column),
            };
            let what = format!("{statement} column {}", column.name.join("."));
            self.once(&mut seen, descriptor, "ALTER", &what, start);
        }
    }

    /// `FIRST` or `AFTER column`.
    fn column_position(&mut self) -> Result<()> {
        if self.expect_one_of(&["FIRST", "AFTER"])? == "AFTER" {
            self.name()?;
        }
        Ok(())
    }

    /// `(ALTER | CHANGE) [COLUMN] column action, …`, or Hive's `CHANGE [COLUMN] old new type …`.
    fn alter_columns(&mut self, table: Name, start: usize) -> Result<Command> {
        let verb = self.expect_one_of(&["ALTER", "CHANGE"])?;
        let has_column = self.is("COLUMN")
            && (self.is_name_ahead(1)
                && !matches!(self.word_ahead(1), "TYPE" if !self.is_name_ahead(2)));
        if has_column {
            self.advance();
        }
        let column = self.multipart_name()?;
        let is_action = self.is_end()
            || self.is_one_of(&["TYPE", "COMMENT", "FIRST", "AFTER", "SET", "DROP", ",", ";"]);
        if verb == "CHANGE" && !is_action {
            return self.hive_change(column, start);
        }
        let mut n_columns = 0;
        let mut first = Some(column);
        let change = loop {
            let name = match first.take() {
                Some(name) => name,
                None => self.multipart_name()?,
            };
            n_columns += 1;
            let found = self.column_action()?;
            let Some(found) = found else {
                let what = format!(
                    "ALTER TABLE table {verb} COLUMN requires a TYPE, a SET/DROP, a COMMENT, or a \
                     FIRST/AFTER"
                );
                while !self.is_end() {
                    self.advance();
                }
                return Err(error::not_allowed(&self.origin(start), &what));
            };
            let change = match found {
                ColumnAction::Comment(comment) => {
                    Some(TableChange::CommentOnColumn { column: name, comment })
                }
                ColumnAction::Default(default) => {
                    Some(TableChange::ColumnDefault { column: name, default })
                }
                ColumnAction::Other => None,
            };
            if !self.take(",") {
                break change;
            }
        };
        match change {
            Some(change) if n_columns == 1 => {
                Ok(Command::AlterTable { table, is_view: false, change })
            }
            _ => Ok(self.not_served("ALTER TABLE … ALTER COLUMN")),
        }
    }

    /// What becomes of a column: none if nothing is said.
    fn column_action(&mut self) -> Result<Option<ColumnAction>> {
        match self.word() {
            "TYPE" => {
                self.advance();
                self.data_type()?;
            }
            "COMMENT" => {
                self.advance();
                return Ok(Some(ColumnAction::Comment(self.string()?)));
            }
            "FIRST" | "AFTER" => self.column_position()?,
            "SET" if self.word_ahead(1) == "DEFAULT" => {
                self.advance();
                self.advance();
                let start = self.start();
                self.expression()?;
                let text = self.text_from(start).to_owned();
                return Ok(Some(ColumnAction::Default(Some(text))));
            }
            "SET" | "DROP" => {
                let is_drop = self.is("DROP");
                self.advance();
                if is_drop && self.take("DEFAULT") {
                    return Ok(Some(ColumnAction::Default(None)));
                }
                self.expect_all(&["NOT", "NULL"])?;
            }
            _ => return Ok(None),
        }
        Ok(Some(ColumnAction::Other))
    }

    /// After `CHANGE [COLUMN] old`: `new type [NOT NULL] [COMMENT '…'] [FIRST | AFTER c]`.
    fn hive_change(&mut self, old: Name, start: usize) -> Result<Command> {
        let (new, nullable) = self.hive_column_rest()?;
        let renames = old.last().is_none_or(|old| !old.eq_ignore_ascii_case(&new));
        if renames {
            let hint = ", please run RENAME COLUMN instead";
            return Err(self.hive_style("ALTER COLUMN", "Renaming column", hint, start));
        }
        if !nullable {
            let hint = ", please run ALTER COLUMN ... SET/DROP NOT NULL instead";
            return Err(self.hive_style("ALTER COLUMN", "NOT NULL", hint, start));
        }
        Ok(self.not_served("ALTER TABLE … CHANGE COLUMN"))
    }

    /// From CHANGE on.
    fn hive_column(&mut self) -> Result<()> {
        self.expect("CHANGE")?;
        if self.is("COLUMN") && self.is_name_ahead(1) {
            self.advance();
        }
        self.multipart_name()?;
        self.hive_column_rest().map(|_| ())
    }

    fn hive_column_rest(&mut self) -> Result<(String, bool)> {
        let new = self.name()?;
        self.data_type()?;
        let nullable = !self.take_all(&["NOT", "NULL"]);
        if self.take("COMMENT") {
            self.string()?;
        }
        if self.is_one_of(&["FIRST", "AFTER"]) {
            self.column_position()?;
        }
        Ok((new, nullable))
    }

    /// What Hive's form of a change cannot say here.
    fn hive_style(&self, command: &str, what: &str, hint: &str, start: usize) -> SparkError {
        let message = format!("{what} is not supported in Hive-style {command}{hint}.");
        error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0034", message)
            .with("operation", what)
            .with("command", command)
            .with("msg", hint)
    }
}

/// What `ALTER COLUMN` does to a column.
enum ColumnAction {
    Comment(String),
    /// `SET DEFAULT` with its text, or `DROP DEFAULT`.
    Default(Option<String>),
    Other,
}

/// REPLACE COLUMNS takes plain columns only: what is wrong.
fn not_replaceable(columns: &[PlacedColumn]) -> Option<&'static str> {
    columns.iter().find_map(|column| {
        if column.name.len() > 1 {
            Some("Replacing with a nested column")
        } else if !column.definition.nullable {
            Some("NOT NULL")
        } else if column.has_position {
            Some("Column position")
        } else {
            column.definition.default.as_ref().map(|_| "DEFAULT")
        }
    })
}

//! Columns and constraints of a table that is created.

use super::error;
use super::parser::Parser;
use crate::spec::ColumnDefinition;
use firesteel_common::{Result, SparkType};

/// What a list of columns may hold beside columns.
#[derive(Clone, Copy, PartialEq)]
enum Constraints {
    /// CHECK, UNIQUE, PRIMARY KEY and FOREIGN KEY as elements of the list and with columns.
    Table,
    /// With columns only.
    Column,
}

impl Parser<'_> {
    /// The elements of a table: columns and constraints. Tells whether there was a constraint.
    pub(super) fn table_elements(&mut self) -> Result<(Vec<ColumnDefinition>, bool)> {
        let mut columns = Vec::new();
        let mut has_constraint = false;
        self.list(|p| {
            if p.begins_constraint(Constraints::Table) {
                has_constraint = true;
                return p.table_constraint();
            }
            let (column, constrained) = p.column_with_constraints()?;
            has_constraint |= constrained;
            columns.push(column);
            Ok(())
        })?;
        Ok((columns, has_constraint))
    }

    /// `name type`, of which nothing else is known yet.
    pub(super) fn plain_column(&mut self) -> Result<ColumnDefinition> {
        Ok(ColumnDefinition {
            name: self.name()?,
            data_type: self.data_type()?,
            nullable: true,
            comment: None,
            default: None,
            generated: None,
        })
    }

    /// `name type` and what follows in any order, each at most once: `NOT NULL`, `DEFAULT expression`,
    /// `GENERATED …`, `COMMENT '…'`, a constraint. Tells whether there was a constraint.
    pub(super) fn column_with_constraints(&mut self) -> Result<(ColumnDefinition, bool)> {
        let start = self.start();
        let mut column = self.plain_column()?;
        let mut seen = Vec::new();
        let mut has_constraint = false;
        loop {
            let descriptor = match self.word() {
                "NOT" | "!" => {
                    self.not()?;
                    self.expect("NULL")?;
                    column.nullable = false;
                    "NOT NULL"
                }
                "COMMENT" => {
                    self.advance();
                    column.comment = Some(self.string()?);
                    "COMMENT"
                }
                "DEFAULT" => {
                    self.advance();
                    let start = self.start();
                    self.expression()?;
                    column.default = Some(self.text_from(start).to_owned());
                    "DEFAULT"
                }
                "GENERATED" => {
                    column.generated = self.generated(&column.data_type, start)?;
                    "GENERATED ALWAYS AS"
                }
                _ if self.begins_constraint(Constraints::Column) => {
                    self.column_constraint()?;
                    has_constraint = true;
                    continue;
                }
                _ => return Ok((column, has_constraint)),
            };
            let what = format!("column {}", column.name);
            self.once(&mut seen, descriptor, "CREATE", &what, start);
        }
    }

    /// Notes a fault if a column has `descriptor` for the second time.
    pub(super) fn once(
        &mut self,
        seen: &mut Vec<&'static str>,
        descriptor: &'static str,
        verb: &str,
        what: &str,
        start: usize,
    ) {
        if seen.contains(&descriptor) {
            let message = format!(
                "{verb} TABLE {what} specifies descriptor \"{descriptor}\" more than once, which is \
                 invalid."
            );
            let condition = format!("{verb}_TABLE_COLUMN_DESCRIPTOR_DUPLICATE");
            let (kind, name) = what.split_once("column ").unwrap_or(("", what));
            let mut error = error::at(&self.origin(start), &condition, message);
            if !kind.is_empty() {
                error = error.with("type", kind.trim());
            }
            self.fault(error.with("columnName", name).with("optionName", descriptor));
        }
        seen.push(descriptor);
    }

    /// `GENERATED ALWAYS AS (expression)`, or an identity column.
    fn generated(&mut self, data_type: &SparkType, start: usize) -> Result<Option<String>> {
        self.expect("GENERATED")?;
        if self.is_all(&["ALWAYS", "AS", "("]) {
            (0..3).for_each(|_| self.advance());
            let start = self.start();
            self.expression()?;
            let text = self.text_from(start).to_owned();
            self.expect(")")?;
            return Ok(Some(text));
        }
        if !self.take_all(&["BY", "DEFAULT"]) {
            self.expect("ALWAYS")?;
        }
        self.expect_all(&["AS", "IDENTITY"])?;
        if !matches!(data_type, SparkType::Long | SparkType::Integer) {
            let name = format!("{data_type:?}").replace(|c: char| !c.is_alphanumeric(), "");
            let message = format!("DataType {name}Type is not supported for IDENTITY columns.");
            let condition = "IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE";
            let error = error::at(&self.origin(start), condition, message);
            self.fault(error.with("dataType", name));
        }
        if self.take("(") {
            while let Some(word) = self.take_one_of(&["START", "INCREMENT"]) {
                self.expect(if word == "START" { "WITH" } else { "BY" })?;
                self.take("-");
                self.whole_number()?;
            }
            self.expect(")")?;
        }
        // It is refused in the end; what matters is that something generates the column.
        Ok(Some(String::new()))
    }

    /// Digits, also with the suffix of a bigint.
    fn whole_number(&mut self) -> Result<()> {
        use super::token::{NumberKind, TokenKind};
        match self.kind() {
            TokenKind::Number(NumberKind::Integer | NumberKind::Long) => self.advance(),
            _ => return Err(self.unexpected()),
        }
        Ok(())
    }

    fn begins_constraint(&self, allowed: Constraints) -> bool {
        let at = |ahead: usize| {
            let next = self.word_ahead(ahead + 1);
            match self.word_ahead(ahead) {
                "CHECK" => next == "(",
                "PRIMARY" => next == "KEY",
                "UNIQUE" => allowed == Constraints::Column || next == "(",
                "FOREIGN" => allowed == Constraints::Table && next == "KEY",
                "REFERENCES" => allowed == Constraints::Column,
                _ => false,
            }
        };
        at(0) || (self.is("CONSTRAINT") && (allowed == Constraints::Column || at(2)))
    }

    /// `[CONSTRAINT name] CHECK (…) | UNIQUE (…) | PRIMARY KEY (…) | FOREIGN KEY (…) REFERENCES …`.
    pub(super) fn table_constraint(&mut self) -> Result<()> {
        let start = self.start();
        if self.take("CONSTRAINT") {
            self.name()?;
        }
        let kind = self.expect_one_of(&["CHECK", "UNIQUE", "PRIMARY", "FOREIGN"])?;
        match kind {
            "CHECK" => self.checked_condition()?,
            "UNIQUE" => {
                self.name_list()?;
            }
            _ => {
                self.expect("KEY")?;
                self.name_list()?;
                if kind == "FOREIGN" {
                    self.references()?;
                }
            }
        }
        self.constraint_characteristics(kind, start)
    }

    /// `[CONSTRAINT name] CHECK (…) | UNIQUE | PRIMARY KEY | REFERENCES …` of one column.
    fn column_constraint(&mut self) -> Result<()> {
        let start = self.start();
        if self.take("CONSTRAINT") {
            self.name()?;
        }
        if self.is("REFERENCES") {
            self.references()?;
            return self.constraint_characteristics("FOREIGN", start);
        }
        let kind = self.expect_one_of(&["CHECK", "UNIQUE", "PRIMARY"])?;
        match kind {
            "CHECK" => self.checked_condition()?,
            "PRIMARY" => self.expect("KEY")?,
            _ => {}
        }
        self.constraint_characteristics(kind, start)
    }

    fn checked_condition(&mut self) -> Result<()> {
        self.expect("(")?;
        self.expression()?;
        self.expect(")")
    }

    fn references(&mut self) -> Result<()> {
        self.expect("REFERENCES")?;
        self.multipart_name()?;
        if self.is("(") {
            self.name_list()?;
        }
        Ok(())
    }

    /// `[NOT] ENFORCED` and `RELY | NORELY`, each at most once. Keys are never enforced.
    fn constraint_characteristics(&mut self, kind: &str, start: usize) -> Result<()> {
        let (mut enforced, mut rely) = (None, None);
        loop {
            let (slot, value) = if self.take("ENFORCED") {
                (&mut enforced, "ENFORCED")
            } else if self.is_all(&["NOT", "ENFORCED"]) {
                self.advance();
                self.advance();
                (&mut enforced, "NOT ENFORCED")
            } else if let Some(word) = self.take_one_of(&["RELY", "NORELY"]) {
                (&mut rely, word)
            } else {
                break;
            };
            if let Some(before) = slot.replace(value) {
                let both = format!("{before}, {value}");
                let message = format!(
                    "Constraint characteristics [{both}] are duplicated or conflict with each other."
                );
                let error =
                    error::at(&self.origin(start), "INVALID_CONSTRAINT_CHARACTERISTICS", message);
                self.fault(error.with("characteristics", both));
            }
        }
        let refused = if kind == "CHECK" { "NOT ENFORCED" } else { "ENFORCED" };
        if enforced == Some(refused) {
            let name = match kind {
                "FOREIGN" => "FOREIGN KEY",
                "PRIMARY" => "PRIMARY KEY",
                other => other,
            };
            let message = format!(
                "Constraint characteristic '{refused}' is not supported for constraint type '{name}'."
            );
            let condition = "UNSUPPORTED_CONSTRAINT_CHARACTERISTIC";
            let error = error::at(&self.origin(start), condition, message);
            self.fault(error.with("characteristic", refused).with("constraintType", name));
        }
        Ok(())
    }
}

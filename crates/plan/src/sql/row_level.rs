//! DELETE, UPDATE and MERGE: no table of files can be changed by the row, so that of a statement that
//! follows the grammar only the table's name matters.

use super::error;
use super::parser::Parser;
use crate::spec::Command;
use firesteel_common::Result;

/// The kinds of WHEN clauses, in the order in which they stand.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum When {
    Matched,
    NotMatched,
    NotMatchedBySource,
}

impl When {
    /// How errors call such clauses, and the condition about one without a condition before others.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            When::Matched => ("MATCHED", "NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION"),
            When::NotMatched => {
                ("NOT MATCHED [BY TARGET]", "NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION")
            }
            When::NotMatchedBySource => {
                ("NOT MATCHED BY SOURCE", "NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION")
            }
        }
    }
}

impl Parser<'_> {
    pub(super) fn row_level(&mut self) -> Result<Command> {
        match self.word() {
            "DELETE" => self.delete(),
            "UPDATE" => self.update(),
            _ => self.merge(),
        }
    }

    /// `DELETE FROM t [alias] [WHERE condition]`.
    fn delete(&mut self) -> Result<Command> {
        self.expect_all(&["DELETE", "FROM"])?;
        let table = self.identifier_reference()?;
        self.target_alias("DELETE")?;
        self.where_clause()?;
        Ok(Command::RowLevel { table, operation: "DELETE" })
    }

    /// `UPDATE t [alias] SET a = expression, … [WHERE condition]`.
    fn update(&mut self) -> Result<Command> {
        self.expect("UPDATE")?;
        let table = self.identifier_reference()?;
        self.target_alias("UPDATE")?;
        self.expect("SET")?;
        self.assignments()?;
        self.where_clause()?;
        Ok(Command::RowLevel { table, operation: "UPDATE TABLE" })
    }

    /// `MERGE [WITH SCHEMA EVOLUTION] INTO t USING s ON condition WHEN …`.
    fn merge(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("MERGE")?;
        if self.take("WITH") {
            self.expect_all(&["SCHEMA", "EVOLUTION"])?;
        }
        self.expect("INTO")?;
        let table = self.identifier_reference()?;
        self.target_alias("MERGE")?;
        self.expect("USING")?;
        if self.take("(") {
            self.query()?;
            self.expect(")")?;
        } else {
            self.identifier_reference()?;
        }
        self.target_alias("MERGE")?;
        self.expect("ON")?;
        self.expression()?;
        let mut clauses: Vec<(When, bool)> = Vec::new();
        while self.is("WHEN") {
            let clause = self.when_clause(clauses.last().map(|(when, _)| *when))?;
            clauses.push(clause);
        }
        let origin = self.origin(start);
        if clauses.is_empty() {
            let message = "There must be at least one WHEN clause in a MERGE statement.";
            self.statement_fault(error::at(&origin, "MERGE_WITHOUT_WHEN", message), start);
        }
        for (at, (when, has_condition)) in clauses.iter().enumerate() {
            let has_next = clauses.get(at + 1).is_some_and(|(next, _)| next == when);
            if !has_condition && has_next {
                let (name, condition) = when.names();
                let message = format!(
                    "When there are more than one {name} clauses in a MERGE statement, only the last \
                     {name} clause can omit the condition."
                );
                self.statement_fault(error::at(&origin, condition, message), start);
            }
        }
        Ok(Command::RowLevel { table, operation: "MERGE INTO TABLE" })
    }

    /// `WHEN [NOT] MATCHED [BY TARGET | BY SOURCE] [AND condition] THEN action`; `before` is the kind of the
    /// clause before it, after which none of an earlier kind may stand.
    fn when_clause(&mut self, before: Option<When>) -> Result<(When, bool)> {
        self.expect("WHEN")?;
        let is_not = self.is_one_of(&["NOT", "!"]);
        if !is_not && before.is_some_and(|before| before > When::Matched) {
            return Err(self.unexpected());
        }
        if is_not {
            self.not()?;
        }
        self.expect("MATCHED")?;
        let when = if !is_not {
            When::Matched
        } else if self.take("BY") {
            match self.expect_one_of(&["TARGET", "SOURCE"])? {
                "TARGET" => When::NotMatched,
                _ => When::NotMatchedBySource,
            }
        } else {
            When::NotMatched
        };
        if before.is_some_and(|before| before > when) {
            return Err(self.unexpected());
        }
        let has_condition = self.take("AND");
        if has_condition {
            self.expression()?;
        }
        self.expect("THEN")?;
        self.merge_action(when)?;
        Ok((when, has_condition))
    }

    fn merge_action(&mut self, when: When) -> Result<()> {
        if when == When::NotMatched {
            self.expect("INSERT")?;
            if self.take("*") {
                return Ok(());
            }
            self.paren_list(Self::multipart_name)?;
            self.expect("VALUES")?;
            return self.paren_list(Self::expression).map(|_| ());
        }
        if self.expect_one_of(&["DELETE", "UPDATE"])? == "UPDATE" {
            self.expect("SET")?;
            if when == When::Matched && self.take("*") {
                return Ok(());
            }
            self.assignments()?;
        }
        Ok(())
    }

    /// `[[AS] name]` of a table that is changed. A list of columns after it is refused.
    fn target_alias(&mut self, statement: &str) -> Result<()> {
        let start = self.start();
        let has_as = self.take("AS");
        let is_alias =
            has_as || (self.is_name() && !self.ends_relation() && !self.is_clause_word());
        if !is_alias {
            return Ok(());
        }
        self.strict_name()?;
        if self.is("(") {
            self.name_list()?;
            let message = format!("Column aliases are not allowed in {statement}.");
            let error = error::at(&self.origin(start), "COLUMN_ALIASES_NOT_ALLOWED", message);
            self.fault(error.with("op", statement));
        }
        Ok(())
    }

    /// A word that goes on with the statement after its table.
    fn is_clause_word(&self) -> bool {
        match self.word() {
            "SET" | "WHERE" | "WHEN" => {
                !matches!(self.word_ahead(1), "SET" | "USING" | "ON" | "WHERE" | "")
            }
            _ => false,
        }
    }

    fn where_clause(&mut self) -> Result<()> {
        if self.take("WHERE") {
            self.expression()?;
        }
        Ok(())
    }

    /// `a.b = expression, …`.
    pub(super) fn assignments(&mut self) -> Result<()> {
        self.list(|p| {
            p.multipart_name()?;
            p.expect("=")?;
            p.expression().map(|_| ())
        })?;
        Ok(())
    }
}

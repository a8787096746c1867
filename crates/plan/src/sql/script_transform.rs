//! TRANSFORM, MAP and REDUCE: rows through a script. Read, not run.

use super::error;
use super::parser::Parser;
use super::row_format::RowFormat;
use super::token::TokenKind;
use crate::spec::{Relation, RelationNode};
use firesteel_common::Result;

impl Parser<'_> {
    /// Whether `TRANSFORM(…) USING 'script'`, `MAP … USING` or `REDUCE … USING` is next (after SELECT, for
    /// the first).
    pub(super) fn is_script_transform(&self) -> bool {
        if !self.is_all(&["TRANSFORM", "("]) {
            return false;
        }
        let (mut ahead, mut depth) = (1, 0);
        loop {
            match self.word_ahead(ahead) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ if self.kind_ahead(ahead) == TokenKind::End => return false,
                _ => {}
            }
            ahead += 1;
            if depth == 0 {
                let next = self.word_ahead(ahead + 1);
                return match self.word_ahead(ahead) {
                    "USING" | "RECORDWRITER" => self.kind_ahead(ahead + 1) == TokenKind::String,
                    "ROW" => next == "FORMAT",
                    _ => false,
                };
            }
        }
    }

    /// From TRANSFORM, MAP or REDUCE on, with the clauses of the query around it.
    pub(super) fn script_transform(&mut self, from: Option<Relation>) -> Result<Relation> {
        let start = self.start();
        let is_transform = self.take("TRANSFORM");
        if is_transform {
            self.expect("(")?;
        } else {
            self.expect_one_of(&["MAP", "REDUCE"])?;
        }
        let is_quantified = self.is_one_of(&["ALL", "DISTINCT"])
            && !matches!(self.word_ahead(1), "," | ")" | "." | "(" | "USING");
        if is_quantified {
            self.advance();
        }
        self.expressions()?;
        if is_transform {
            self.expect(")")?;
        }
        let has_from = from.is_some();
        let rows_in = if self.is("ROW") { Some(self.row_format()?) } else { None };
        let has_writer = self.take("RECORDWRITER");
        if has_writer {
            self.string()?;
        }
        self.expect("USING")?;
        self.string()?;
        if self.take("AS") {
            let is_list = self.take("(");
            self.script_columns()?;
            if is_list {
                self.expect(")")?;
            }
        }
        let rows_out =
            if self.is_all(&["ROW", "FORMAT"]) { Some(self.row_format()?) } else { None };
        let has_reader = self.take("RECORDREADER");
        if has_reader {
            self.string()?;
        }
        let origin = self.origin(start);
        if is_quantified {
            let message = "The feature is not supported: TRANSFORM with the DISTINCT/ALL clause.";
            self.fault(error::at(&origin, "UNSUPPORTED_FEATURE.TRANSFORM_DISTINCT_ALL", message));
        }
        if has_writer || has_reader {
            let message = "Unsupported operation: Used defined record reader/writer classes.";
            self.fault(error::at(&origin, "_LEGACY_ERROR_TEMP_0048", message));
        } else if [rows_in, rows_out].contains(&Some(RowFormat::Serde)) {
            let message = "The feature is not supported: TRANSFORM with SERDE is only supported in hive \
                           mode.";
            self.fault(error::at(&origin, "UNSUPPORTED_FEATURE.TRANSFORM_NON_HIVE", message));
        }
        self.unserved("SELECT TRANSFORM with a script");
        let mut input = match from {
            Some(from) => from,
            None if self.is("FROM") => self.from_clause()?,
            None => RelationNode::OneRow.into(),
        };
        if !has_from {
            input = self.lateral_views(input)?;
        }
        if self.take("WHERE") {
            self.expression()?;
        }
        if !has_from {
            self.group_by()?;
            if self.take("HAVING") {
                self.expression()?;
            }
            if self.begins_window_clause() {
                self.advance();
                self.window_definitions()?;
            }
        }
        Ok(input)
    }

    /// `a, b` or `a INT, b STRING`.
    fn script_columns(&mut self) -> Result<()> {
        let mut ahead = 1;
        if self.is_identifier_literal() {
            ahead = 4;
        }
        let ends = matches!(
            self.word_ahead(ahead),
            "," | ")" | "" | "FROM" | "ROW" | "RECORDREADER" | ";" | "-"
        ) || self.word_ahead(ahead) == "WHERE";
        if ends {
            self.list(Self::name)?;
        } else {
            self.schema()?;
        }
        Ok(())
    }
}

//! INSERT in its forms.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Expr, Insert, Relation, RelationNode};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn insert(&mut self) -> Result<Command> {
        let Some(mut insert) = self.insert_target()? else {
            return Ok(self.unsupported("this form of INSERT"));
        };
        insert.query = self.query()?;
        Ok(Command::Insert(insert))
    }

    /// `FROM t INSERT INTO a SELECT …`. Several INSERTs over one FROM are not run yet.
    pub(super) fn multi_insert(&mut self) -> Result<Command> {
        let from = self.from_clause()?;
        let Some(mut insert) = self.insert_target()? else {
            return Ok(self.unsupported("this form of INSERT"));
        };
        let query = self.select_from(Some(from))?;
        insert.query = self.organized(query)?;
        if self.is("INSERT") {
            return Ok(self.unsupported("FROM … with several INSERTs"));
        }
        Ok(Command::Insert(insert))
    }

    /// Whether INSERT follows the FROM clause that is next, outside of parentheses.
    pub(super) fn from_leads_to_insert(&self) -> bool {
        let (mut ahead, mut depth) = (1, 0_usize);
        loop {
            match (self.word_ahead(ahead), self.kind_ahead(ahead)) {
                (_, TokenKind::End) => return false,
                ("(", _) => depth += 1,
                (")", _) => depth = depth.saturating_sub(1),
                ("INSERT", TokenKind::Word) if depth == 0 => {
                    return matches!(self.word_ahead(ahead + 1), "INTO" | "OVERWRITE");
                }
                ("SELECT" | "|>" | ";", _) if depth == 0 => return false,
                _ => {}
            }
            ahead += 1;
        }
    }

    /// Everything before the query; none for a form that is not run yet.
    fn insert_target(&mut self) -> Result<Option<Insert>> {
        let start = self.start();
        self.expect("INSERT")?;
        let nothing: Relation = RelationNode::OneRow.into();
        let mut insert = Insert {
            table: Vec::new(),
            query: nothing,
            overwrite: false,
            columns: Vec::new(),
            by_name: false,
            partition: Vec::new(),
            if_not_exists: false,
            directory: None,
        };
        if self.is_all(&["WITH", "SCHEMA", "EVOLUTION"]) {
            return Ok(None);
        }
        insert.overwrite = match self.take_one_of(&["INTO", "OVERWRITE"]) {
            Some(word) => word == "OVERWRITE",
            None => return Err(self.unexpected()),
        };
        let is_local = self.is("LOCAL") && self.word_ahead(1) == "DIRECTORY";
        let is_directory = is_local
            || (self.is("DIRECTORY")
                && (self.kind_ahead(1) == TokenKind::String || self.word_ahead(1) == "USING"));
        if insert.overwrite && is_directory {
            return self.insert_directory(insert, is_local);
        }
        if self.is("TABLE") && self.is_name_ahead(1) {
            self.advance();
        }
        insert.table = self.identifier_reference()?;
        if self.is_all(&["PARTITION", "("]) {
            self.advance();
            insert.partition = self.paren_list(Self::partition_value)?;
        }
        insert.if_not_exists = self.take_all(&["IF", "NOT", "EXISTS"]);
        let dynamic = insert.partition.iter().filter(|(_, value)| value.is_none());
        let dynamic: Vec<_> = dynamic.map(|(name, _)| name.as_str()).collect();
        if insert.if_not_exists && !dynamic.is_empty() {
            let what = format!("IF NOT EXISTS with dynamic partitions: {}", dynamic.join(", "));
            let message = format!("Operation not allowed: {what}.");
            return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0035", message)
                .with("message", what));
        }
        if self.is("REPLACE") && self.is_name_ahead(1) {
            return Ok(None);
        }
        if self.take_all(&["BY", "NAME"]) {
            insert.by_name = true;
        } else if self.is("(") && !self.is_query_paren() {
            insert.columns = self.name_list()?;
        }
        Ok(Some(insert))
    }

    /// `OVERWRITE [LOCAL] DIRECTORY ['path'] USING format [OPTIONS (…)]`.
    fn insert_directory(&mut self, mut insert: Insert, is_local: bool) -> Result<Option<Insert>> {
        if is_local {
            self.advance();
        }
        self.expect("DIRECTORY")?;
        let path = if self.is_string() { Some(self.string()?) } else { None };
        if self.is_one_of(&["ROW", "STORED"]) {
            return Ok(None);
        }
        self.expect("USING")?;
        let format = self.multipart_name()?.join(".");
        let options = if self.take("OPTIONS") { self.property_list()? } else { Vec::new() };
        let path = path.or_else(|| {
            let found = options.iter().find(|(key, _)| key.eq_ignore_ascii_case("path"));
            found.map(|(_, path)| path.clone())
        });
        let Some(path) = path else { return Err(self.unexpected()) };
        insert.directory = Some((path, Some(format), options));
        Ok(Some(insert))
    }

    /// `a = 1` or `a`.
    fn partition_value(&mut self) -> Result<(String, Option<Expr>)> {
        let name = self.name()?;
        let value = if self.take("=") { Some(self.primary()?) } else { None };
        Ok((name, value))
    }
}

//! INSERT in its forms.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Insert, Relation, RelationNode};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn insert(&mut self) -> Result<Command> {
        let mut insert = self.insert_target()?;
        insert.query = self.query()?;
        Ok(Command::Insert(insert))
    }

    /// `FROM t INSERT INTO a SELECT …`. Several INSERTs over one FROM are not run yet.
    pub(super) fn multi_insert(&mut self) -> Result<Command> {
        let from = self.from_clause()?;
        let mut insert = self.insert_target()?;
        insert.query = self.inserted_body(from.clone())?;
        let mut length = 0;
        while self.is("INSERT") {
            length += 1;
            self.check_chain(length)?;
            self.insert_target()?;
            self.inserted_body(from.clone())?;
            self.unserved("FROM … with several INSERTs");
        }
        Ok(Command::Insert(insert))
    }

    fn inserted_body(&mut self, from: Relation) -> Result<Relation> {
        let query = if self.is_one_of(&["MAP", "REDUCE"]) {
            self.script_transform(Some(from))?
        } else {
            self.select_from(Some(from))?
        };
        self.organized(query)
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

    /// Everything before the query.
    fn insert_target(&mut self) -> Result<Insert> {
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
        if self.is("WITH") {
            self.expect_all(&["WITH", "SCHEMA", "EVOLUTION"])?;
            self.unserved("INSERT WITH SCHEMA EVOLUTION");
        }
        insert.overwrite = self.expect_one_of(&["INTO", "OVERWRITE"])? == "OVERWRITE";
        let is_local = self.is("LOCAL") && self.word_ahead(1) == "DIRECTORY";
        let is_directory = is_local
            || (self.is("DIRECTORY")
                && (self.kind_ahead(1) == TokenKind::String || self.word_ahead(1) == "USING"));
        if insert.overwrite && is_directory {
            return self.insert_directory(insert, is_local, start);
        }
        if self.is("TABLE") && self.is_name_ahead(1) {
            self.advance();
        }
        insert.table = self.identifier_reference()?;
        if self.is_all(&["WITH", "("]) {
            self.advance();
            self.property_list()?;
            self.unserved("INSERT with options");
        }
        if self.is_all(&["PARTITION", "("]) {
            insert.partition = self.partition_values()?;
        }
        if !insert.overwrite || !insert.partition.is_empty() {
            insert.if_not_exists = self.if_not_exists()?;
        }
        self.check_if_not_exists(&insert, start);
        let may_replace = insert.partition.is_empty() && !insert.overwrite;
        if may_replace && self.begins_aliased_replace() {
            self.take("AS");
            self.strict_name()?;
            self.replace_condition(true)?;
            return Ok(insert);
        }
        if self.take_all(&["BY", "NAME"]) {
            insert.by_name = true;
        }
        if may_replace && self.is("REPLACE") {
            self.replace_condition(false)?;
            return Ok(insert);
        }
        if insert.by_name {
            return Ok(insert);
        }
        if self.is("(") && !self.is_query_paren() {
            insert.columns = self.name_list()?;
        }
        Ok(insert)
    }

    /// `[AS] alias REPLACE`.
    fn begins_aliased_replace(&self) -> bool {
        let ahead = usize::from(self.is("AS"));
        self.is_name_ahead(ahead)
            && self.word_ahead(ahead) != "REPLACE"
            && self.word_ahead(ahead + 1) == "REPLACE"
            && matches!(self.word_ahead(ahead + 2), "ON" | "WHERE" | "USING")
            && self.word_ahead(ahead) != "NAME"
    }

    /// `REPLACE WHERE condition`, `REPLACE ON condition` and `REPLACE USING (columns)`.
    fn replace_condition(&mut self, has_alias: bool) -> Result<()> {
        self.expect("REPLACE")?;
        match self.word() {
            "USING" if !has_alias => {
                self.advance();
                self.name_list()?;
            }
            "ON" => {
                self.advance();
                self.expression()?;
            }
            _ if has_alias => return Err(self.unexpected()),
            _ => {
                self.expect("WHERE")?;
                self.expression()?;
            }
        }
        self.unserved("INSERT … REPLACE");
        Ok(())
    }

    /// IF NOT EXISTS is for static partitions that are overwritten.
    fn check_if_not_exists(&mut self, insert: &Insert, start: usize) {
        if !insert.if_not_exists {
            return;
        }
        let origin = self.origin(start);
        if !insert.overwrite {
            let operation = "INSERT INTO ... IF NOT EXISTS";
            self.fault(error::invalid_statement(&origin, operation));
            return;
        }
        let dynamic = insert.partition.iter().filter(|(_, value)| value.is_none());
        let dynamic: Vec<_> = dynamic.map(|(name, _)| name.as_str()).collect();
        if !dynamic.is_empty() {
            let what = format!("IF NOT EXISTS with dynamic partitions: {}", dynamic.join(", "));
            self.fault(error::not_allowed(&origin, &what));
        }
    }

    /// `OVERWRITE [LOCAL] DIRECTORY ['path'] USING format [OPTIONS (…)]`, or with formats of Hive.
    fn insert_directory(
        &mut self,
        mut insert: Insert,
        is_local: bool,
        start: usize,
    ) -> Result<Insert> {
        if is_local {
            self.advance();
        }
        self.expect("DIRECTORY")?;
        let path = if self.is_string() { Some(self.string()?) } else { None };
        if path.is_some() && !self.is("USING") {
            let is_format = self.is_all(&["ROW", "FORMAT"]);
            let rows = if is_format { Some(self.row_format()?) } else { None };
            let files = if self.is("STORED") { Some(self.file_format()?) } else { None };
            self.check_formats(rows, files.as_ref(), start);
            self.unserved("INSERT OVERWRITE DIRECTORY with a format of Hive");
            return Ok(insert);
        }
        self.expect("USING")?;
        let format = self.multipart_name()?.join(".");
        let options = if self.take("OPTIONS") { self.property_list()? } else { Vec::new() };
        let found = options.iter().find(|(key, _)| key.eq_ignore_ascii_case("path"));
        let option = found.map(|(_, path)| path.clone());
        if path.is_some() == option.is_some() {
            let message =
                "Directory path and 'path' in OPTIONS should be specified one, but not both.";
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0049", message);
            self.fault(error);
        }
        insert.directory = Some((path.or(option).unwrap_or_default(), Some(format), options));
        Ok(insert)
    }
}

//! CREATE, DROP and ALTER.

use super::error;
use super::parser::Parser;
use crate::spec::{
    ColumnDefinition, Command, CreateTable, CreateView, DataSource, Expr, Layout, Name,
    RelationNode, ViewKind,
};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    pub(super) fn create(&mut self) -> Result<Command> {
        let start = self.start();
        // Modifiers come first and the kind of the thing after them.
        let mut ahead = 1;
        let replace = self.word_ahead(1) == "OR" && self.word_ahead(2) == "REPLACE";
        ahead += if replace { 2 } else { 0 };
        let global = self.word_ahead(ahead) == "GLOBAL";
        ahead += usize::from(global);
        let temporary = matches!(self.word_ahead(ahead), "TEMPORARY" | "TEMP");
        ahead += usize::from(temporary);
        let external = self.word_ahead(ahead) == "EXTERNAL";
        ahead += usize::from(external);
        let kind = match (global, temporary) {
            (true, _) => ViewKind::GlobalTemporary,
            (false, true) => ViewKind::Temporary,
            (false, false) => ViewKind::Persistent,
        };
        match self.word_ahead(ahead) {
            "VIEW" if !external => {
                (0..=ahead).for_each(|_| self.advance());
                self.create_view(kind, replace, start)
            }
            "TABLE" if !global && !temporary => {
                (0..ahead).for_each(|_| self.advance());
                self.create_table(replace)
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" if ahead == 1 => {
                self.advance();
                self.advance();
                self.create_database()
            }
            "TABLE" => Ok(self.unsupported("CREATE TEMPORARY TABLE")),
            word @ ("FUNCTION" | "INDEX" | "ROLE" | "MACRO" | "VARIABLE" | "METRIC"
            | "MATERIALIZED" | "STREAMING" | "FLOW" | "PROCEDURE") => {
                let statement = format!("CREATE {word}");
                Ok(self.unsupported(&statement))
            }
            _ => {
                (0..ahead).for_each(|_| self.advance());
                Err(self.unexpected())
            }
        }
    }

    fn if_not_exists(&mut self) -> bool {
        self.take_all(&["IF", "NOT", "EXISTS"])
    }

    /// After VIEW.
    fn create_view(&mut self, kind: ViewKind, replace: bool, start: usize) -> Result<Command> {
        let if_not_exists = self.if_not_exists();
        let name = self.identifier_reference()?;
        if if_not_exists && kind != ViewKind::Persistent {
            let message = "It is not allowed to define a TEMPORARY view with IF NOT EXISTS.";
            return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0053", message));
        }
        if if_not_exists && replace {
            let name = name.join(".");
            let message =
                format!("CREATE VIEW {name} with both IF NOT EXISTS and REPLACE is not allowed.");
            let condition = "CREATE_VIEW_WITH_IF_NOT_EXISTS_AND_REPLACE";
            return Err(error::at(&self.origin(start), condition, message).with("viewName", name));
        }
        if kind == ViewKind::Temporary && name.len() > 1 && !is_session_name(&name) {
            let (qualifier, name) = (name[..name.len() - 1].join("."), &name[name.len() - 1]);
            let message = format!(
                "Temporary VIEW `{name}` cannot be qualified with `{qualifier}`. Temporary objects can \
                 only be qualified with SESSION or SYSTEM.SESSION."
            );
            return Err(error::at(&self.origin(start), "INVALID_TEMP_OBJ_QUALIFIER", message)
                .with("objectType", "VIEW")
                .with("objectName", format!("`{name}`"))
                .with("qualifier", format!("`{qualifier}`")));
        }
        let mut view = CreateView {
            name,
            query: RelationNode::OneRow.into(),
            kind,
            replace,
            if_not_exists,
            columns: Vec::new(),
            comment: None,
            properties: Vec::new(),
            text: None,
        };
        let mut schema = None;
        if self.is("(") {
            // `a INT` belongs to a view of a source, `a [COMMENT '…']` to a view of a query.
            if matches!(self.word_ahead(2), "," | ")" | "COMMENT") {
                view.columns = self.paren_list(|p| {
                    let name = p.plain_name()?;
                    let comment = if p.take("COMMENT") { Some(p.string()?) } else { None };
                    Ok((name, comment))
                })?;
            } else {
                self.advance();
                schema = Some(self.schema()?);
                self.expect(")")?;
            }
        }
        if kind != ViewKind::Persistent && self.take("USING") {
            let format = self.multipart_name()?.join(".");
            let options = if self.take("OPTIONS") { self.property_list()? } else { Vec::new() };
            view.query = RelationNode::DataSource(DataSource {
                format: Some(format),
                schema,
                options,
                paths: Vec::new(),
                predicates: Vec::new(),
            })
            .into();
            return Ok(Command::CreateView(view));
        }
        if schema.is_some() {
            return Err(self.unexpected());
        }
        loop {
            if self.take("COMMENT") {
                view.comment = Some(self.string()?);
            } else if self.take("TBLPROPERTIES") {
                if kind != ViewKind::Persistent {
                    let what = "TBLPROPERTIES can't coexist with CREATE TEMPORARY VIEW";
                    let message = format!("Operation not allowed: {what}.");
                    return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0035", message)
                        .with("message", what));
                }
                view.properties.extend(self.property_list()?);
            } else if self.take_all(&["PARTITIONED", "ON"]) {
                self.name_list()?;
            } else if self.take_all(&["WITH", "SCHEMA"]) {
                self.take("TYPE");
                if self.take_one_of(&["BINDING", "COMPENSATION", "EVOLUTION"]).is_none() {
                    return Err(self.unexpected());
                }
            } else if self.is_all(&["WITH", "METRICS"]) {
                return Ok(self.unsupported("CREATE VIEW … WITH METRICS"));
            } else if self.is_all(&["DEFAULT", "COLLATION"]) {
                return Ok(self.unsupported("DEFAULT COLLATION"));
            } else {
                break;
            }
        }
        self.expect("AS")?;
        let start = self.start();
        view.query = self.query()?;
        view.text = Some(self.text_from(start).to_owned());
        Ok(Command::CreateView(view))
    }

    /// From TABLE on.
    pub(super) fn create_table(&mut self, replace: bool) -> Result<Command> {
        self.expect("TABLE")?;
        let if_not_exists = self.if_not_exists();
        let mut table = CreateTable {
            name: self.identifier_reference()?,
            columns: Vec::new(),
            format: None,
            options: Vec::new(),
            partition_by: Vec::new(),
            layout: Layout::default(),
            location: None,
            comment: None,
            properties: Vec::new(),
            query: None,
            if_not_exists,
            replace,
        };
        if self.is("LIKE") && self.is_name_ahead(1) {
            self.advance();
            let source = self.identifier_reference()?;
            return self.create_table_like(table.name, source, if_not_exists);
        }
        if self.is("(") && !self.is_query_paren() {
            if self.has_constraint() {
                return Ok(self.unsupported("CREATE TABLE with constraints"));
            }
            table.columns = self.paren_list(Self::column_definition)?;
        }
        loop {
            match self.word() {
                "USING" => {
                    self.advance();
                    table.format = Some(self.multipart_name()?.join("."));
                }
                "OPTIONS" => {
                    self.advance();
                    table.options.extend(self.property_list()?);
                }
                "PARTITIONED" => {
                    self.expect_all(&["PARTITIONED", "BY"])?;
                    self.partition_fields(&mut table)?;
                }
                "LOCATION" => {
                    self.advance();
                    table.location = Some(self.string()?);
                }
                "COMMENT" => {
                    self.advance();
                    table.comment = Some(self.string()?);
                }
                "TBLPROPERTIES" => {
                    self.advance();
                    table.properties.extend(self.property_list()?);
                }
                "STORED" if self.word_ahead(1) == "AS" => {
                    let format = self.word_ahead(2);
                    if !matches!(format, "PARQUET" | "ORC" | "AVRO") {
                        return Ok(self.unsupported("CREATE TABLE … STORED AS"));
                    }
                    (0..3).for_each(|_| self.advance());
                    table.format = Some(format.to_lowercase());
                }
                "CLUSTERED" if self.word_ahead(1) == "BY" => {
                    self.expect_all(&["CLUSTERED", "BY"])?;
                    self.buckets(&mut table.layout)?;
                }
                "CLUSTER" if self.word_ahead(1) == "BY" => {
                    self.expect_all(&["CLUSTER", "BY"])?;
                    table.layout.cluster_by = self.name_list()?;
                }
                word @ ("STORED" | "ROW" | "SKEWED" | "DEFAULT") if self.is_name_ahead(1) => {
                    let statement = format!("CREATE TABLE … {word}");
                    return Ok(self.unsupported(&statement));
                }
                _ => break,
            }
        }
        if self.take("AS") || !(self.is_end() || self.is(";")) {
            table.query = Some(self.query()?);
        }
        Ok(Command::CreateTable(table))
    }

    /// After `CLUSTERED BY`: `(a, b) [SORTED BY (c [ASC])] INTO n BUCKETS`.
    fn buckets(&mut self, layout: &mut Layout) -> Result<()> {
        let columns = self.name_list()?;
        if self.take_all(&["SORTED", "BY"]) {
            layout.sort_by = self.paren_list(|p| {
                let name = p.name()?;
                p.take("ASC");
                Ok(name)
            })?;
        }
        self.expect("INTO")?;
        let n = self.integer()?;
        self.expect("BUCKETS")?;
        layout.bucket_by = Some((u32::try_from(n).unwrap_or_default(), columns));
        Ok(())
    }

    /// After `CREATE TABLE name LIKE source`.
    fn create_table_like(
        &mut self,
        name: Name,
        source: Name,
        if_not_exists: bool,
    ) -> Result<Command> {
        let (mut format, mut location, mut properties) = (None, None, Vec::new());
        loop {
            if self.take("USING") {
                format = Some(self.multipart_name()?.join("."));
            } else if self.take("LOCATION") {
                location = Some(self.string()?);
            } else if self.take("TBLPROPERTIES") {
                properties.extend(self.property_list()?);
            } else {
                break;
            }
        }
        Ok(Command::CreateTableLike { name, source, if_not_exists, format, location, properties })
    }

    /// Whether the parenthesised list that is next holds a table constraint.
    fn has_constraint(&self) -> bool {
        let (mut ahead, mut depth) = (0, 0);
        loop {
            let begins_item = depth == 1 && matches!(self.word_ahead(ahead), "(" | ",");
            match self.word_ahead(ahead) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            let next = (self.word_ahead(ahead + 1), self.word_ahead(ahead + 2));
            let is_constraint =
                matches!(next, ("PRIMARY" | "FOREIGN", "KEY") | ("UNIQUE" | "CHECK", "("))
                    || (matches!(next.0, "CONSTRAINT")
                        && matches!(
                            self.word_ahead(ahead + 3),
                            "PRIMARY" | "FOREIGN" | "UNIQUE" | "CHECK"
                        ));
            if (begins_item || depth == 1) && is_constraint {
                return true;
            }
            if depth == 0 || self.kind_ahead(ahead) == super::token::TokenKind::End {
                return false;
            }
            ahead += 1;
        }
    }

    /// `name type [NOT NULL] [DEFAULT expression] [GENERATED ALWAYS AS (…)] [COMMENT '…']`.
    pub(super) fn column_definition(&mut self) -> Result<ColumnDefinition> {
        let name = self.name()?;
        let mut column = ColumnDefinition {
            name,
            data_type: self.data_type()?,
            nullable: true,
            comment: None,
            default: None,
            generated: None,
        };
        loop {
            if self.take_all(&["NOT", "NULL"]) {
                column.nullable = false;
            } else if self.take("COMMENT") {
                column.comment = Some(self.string()?);
            } else if self.take("DEFAULT") {
                let start = self.start();
                self.expression()?;
                column.default = Some(self.text_from(start).to_owned());
            } else if self.is_all(&["GENERATED", "ALWAYS", "AS", "("]) {
                (0..4).for_each(|_| self.advance());
                let start = self.start();
                self.expression()?;
                column.generated = Some(self.text_from(start).to_owned());
                self.expect(")")?;
            } else if self.is("GENERATED") && self.is_name_ahead(1) {
                return Err(SparkError::unsupported("identity columns"));
            } else {
                return Ok(column);
            }
        }
    }

    /// `(a, years(b))`, or in Hive's manner `(a INT)`, which adds the column to the table.
    fn partition_fields(&mut self, table: &mut CreateTable) -> Result<()> {
        let fields = self.paren_list(|p| {
            let has_type = p.is_name() && !matches!(p.word_ahead(1), "," | ")" | "." | "(");
            if has_type {
                let column = p.column_definition()?;
                Ok((Expr::attribute([column.name.clone()]), Some(column)))
            } else {
                Ok((p.primary()?, None))
            }
        })?;
        for (expr, column) in fields {
            table.columns.extend(column);
            table.partition_by.push(expr);
        }
        Ok(())
    }

    /// After DATABASE.
    fn create_database(&mut self) -> Result<Command> {
        let if_not_exists = self.if_not_exists();
        let name = self.identifier_reference()?;
        let (mut comment, mut location, mut properties) = (None, None, Vec::new());
        loop {
            if self.take("COMMENT") {
                comment = Some(self.string()?);
            } else if self.take("LOCATION") {
                location = Some(self.string()?);
            } else if self.take_all(&["WITH", "DBPROPERTIES"])
                || self.take_all(&["WITH", "PROPERTIES"])
            {
                properties.extend(self.property_list()?);
            } else if self.is_all(&["DEFAULT", "COLLATION"]) {
                return Ok(self.unsupported("DEFAULT COLLATION"));
            } else {
                break;
            }
        }
        Ok(Command::CreateDatabase { name, if_not_exists, comment, location, properties })
    }

    pub(super) fn drop(&mut self) -> Result<Command> {
        self.expect("DROP")?;
        let kind = self.word();
        let statement = format!("DROP {kind}");
        match kind {
            "TABLE" | "VIEW" => {
                self.advance();
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let name = self.identifier_reference()?;
                if kind == "VIEW" {
                    return Ok(Command::DropView { name, if_exists });
                }
                let purge = self.take("PURGE");
                Ok(Command::DropTable { name, if_exists, purge })
            }
            "DATABASE" | "SCHEMA" | "NAMESPACE" => {
                self.advance();
                let if_exists = self.take_all(&["IF", "EXISTS"]);
                let name = self.identifier_reference()?;
                let cascade = self.take_one_of(&["RESTRICT", "CASCADE"]) == Some("CASCADE");
                Ok(Command::DropDatabase { name, if_exists, cascade })
            }
            "TEMPORARY" | "TEMP" if matches!(self.word_ahead(1), "VARIABLE" | "VAR") => {
                self.advance();
                self.drop_variable()
            }
            "FUNCTION" | "INDEX" | "ROLE" | "MACRO" | "TEMPORARY" | "TEMP" | "PROCEDURE" => {
                Ok(self.unsupported(&statement))
            }
            _ => Err(self.unexpected()),
        }
    }
}

/// `session.v` and `system.session.v` are `v`.
fn is_session_name(name: &[String]) -> bool {
    let is = |at: usize, word: &str| name[at].eq_ignore_ascii_case(word);
    match name.len() {
        2 => is(0, "session"),
        3 => is(0, "system") && is(1, "session"),
        _ => false,
    }
}

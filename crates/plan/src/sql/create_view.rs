//! CREATE VIEW, of a query or of a source.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, CreateView, DataSource, RelationNode, ViewKind};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    /// After VIEW.
    pub(super) fn create_view(
        &mut self,
        kind: ViewKind,
        replace: bool,
        start: usize,
    ) -> Result<Command> {
        let if_not_exists = self.if_not_exists()?;
        let is_literal = !self.is("IDENTIFIER") || self.word_ahead(1) != "(";
        let name = self.identifier_reference()?;
        if kind == ViewKind::Temporary && is_literal && name.len() > 1 && !is_session_name(&name) {
            let error = self.bad_qualifier("VIEW", &name, start);
            self.statement_fault(error, start);
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
            let name_ends = if self.is_all(&["(", "IDENTIFIER", "("]) { 5 } else { 2 };
            if kind == ViewKind::Persistent
                || matches!(self.word_ahead(name_ends), "," | ")" | "COMMENT")
            {
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
        if kind != ViewKind::Persistent
            && !if_not_exists
            && self.is("USING")
            && view.columns.is_empty()
        {
            if kind == ViewKind::GlobalTemporary && view.name.len() > 1 {
                let name = format!("`{}`", view.name.join("`.`"));
                let message =
                    format!("Temporary view '{name}' should not have specified a database.");
                let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_1292", message);
                self.fault(error.with("tableIdentifier", name));
            }
            let format = self.table_provider()?;
            let options =
                if self.take("OPTIONS") { self.property_list_with_values()? } else { Vec::new() };
            view.query = RelationNode::DataSource(DataSource {
                format,
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
        self.view_clauses(&mut view, start)?;
        self.expect("AS")?;
        if self.is("$$") {
            self.code_literal()?;
            return Ok(Command::CreateView(view));
        }
        if self.is("FROM") && self.from_leads_to_insert() {
            return Err(self.insert_in_view());
        }
        let query_start = self.start();
        view.query = self.query()?;
        view.text = Some(self.text_from(query_start).to_owned());
        if if_not_exists && replace {
            let name = view.name.join(".");
            let message =
                format!("CREATE VIEW {name} with both IF NOT EXISTS and REPLACE is not allowed.");
            let condition = "CREATE_VIEW_WITH_IF_NOT_EXISTS_AND_REPLACE";
            let error = error::at(&self.origin(start), condition, message).with("viewName", name);
            self.statement_fault(error, start);
        }
        if if_not_exists && kind != ViewKind::Persistent {
            let message = "It is not allowed to define a TEMPORARY view with IF NOT EXISTS.";
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0053", message);
            self.statement_fault(error, start);
        }
        Ok(Command::CreateView(view))
    }

    /// `$$ … $$`, the definition of a metric view.
    fn code_literal(&mut self) -> Result<()> {
        self.expect("$$")?;
        while !self.is("$$") && !self.is_end() {
            self.advance();
        }
        self.expect("$$")
    }

    fn view_clauses(&mut self, view: &mut CreateView, start: usize) -> Result<()> {
        let is_temporary = view.kind != ViewKind::Persistent;
        let mut seen = Vec::new();
        loop {
            let clause = match self.word() {
                "COMMENT" => {
                    self.advance();
                    view.comment = Some(self.string()?);
                    "COMMENT"
                }
                "TBLPROPERTIES" => {
                    self.advance();
                    view.properties = self.property_list_with_values()?;
                    if is_temporary {
                        let what = "TBLPROPERTIES can't coexist with CREATE TEMPORARY VIEW";
                        let error = error::not_allowed(&self.origin(start), what);
                        self.statement_fault(error, start);
                    }
                    "TBLPROPERTIES"
                }
                "PARTITIONED" => {
                    self.expect_all(&["PARTITIONED", "ON"])?;
                    self.name_list()?;
                    let operation = "CREATE VIEW ... PARTITIONED ON";
                    let error = error::invalid_statement(&self.origin(start), operation);
                    self.statement_fault(error, start);
                    "PARTITIONED ON"
                }
                "WITH" if self.word_ahead(1) == "METRICS" => {
                    self.advance();
                    self.advance();
                    self.unserved("CREATE VIEW … WITH METRICS");
                    if self.take("LANGUAGE") {
                        self.plain_name()?;
                    }
                    "WITH METRICS"
                }
                "WITH" => {
                    self.schema_binding()?;
                    if is_temporary {
                        let message = "The feature is not supported: Temporary views cannot be \
                                       created with the WITH SCHEMA clause. Recreate the temporary \
                                       view when the underlying schema changes, or use a persisted \
                                       view.";
                        let condition =
                            "UNSUPPORTED_FEATURE.TEMPORARY_VIEW_WITH_SCHEMA_BINDING_MODE";
                        let error = error::at(&self.origin(start), condition, message);
                        self.statement_fault(error, start);
                    }
                    "WITH SCHEMA"
                }
                "DEFAULT" => {
                    self.expect_all(&["DEFAULT", "COLLATION"])?;
                    self.plain_name()?;
                    self.unserved("CREATE VIEW … DEFAULT COLLATION");
                    "DEFAULT COLLATION"
                }
                _ => return Ok(()),
            };
            self.clause_once(&mut seen, clause, start);
        }
    }

    /// A temporary `kind` (`VIEW`, `FUNCTION`) in another namespace than the session's.
    pub(super) fn bad_qualifier(&self, kind: &str, name: &[String], start: usize) -> SparkError {
        let (qualifier, name) = (name[..name.len() - 1].join("."), &name[name.len() - 1]);
        let message = format!(
            "Temporary {kind} `{name}` cannot be qualified with `{qualifier}`. Temporary objects can \
             only be qualified with SESSION or SYSTEM.SESSION."
        );
        error::at(&self.origin(start), "INVALID_TEMP_OBJ_QUALIFIER", message)
            .with("objectType", kind)
            .with("objectName", format!("`{name}`"))
            .with("qualifier", format!("`{qualifier}`"))
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

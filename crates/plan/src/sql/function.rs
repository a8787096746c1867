//! CREATE FUNCTION (of a class, and in SQL), DROP FUNCTION, CALL.

use super::error;
use super::parser::Parser;
use crate::spec::Command;
use firesteel_common::Result;

impl Parser<'_> {
    /// After FUNCTION.
    pub(super) fn create_function(
        &mut self,
        is_temporary: bool,
        replace: bool,
        start: usize,
    ) -> Result<Command> {
        let if_not_exists = self.if_not_exists()?;
        let name = self.identifier_reference()?;
        if is_temporary && name.len() > 1 {
            let error = self.bad_qualifier("FUNCTION", &name, start);
            self.statement_fault(error, start);
        }
        if self.take("AS") {
            self.string()?;
            if self.take("USING") {
                self.list(|p| p.resource(start))?;
            }
        } else {
            self.expect("(")?;
            if !self.is(")") {
                self.list(|p| p.parameter(start))?;
            }
            self.expect(")")?;
            self.returned_type()?;
            self.routine_characteristics(start)?;
            self.expect("RETURN")?;
            self.function_body()?;
        }
        let origin = self.origin(start);
        if if_not_exists && replace {
            let what = "Cannot create a routine with both IF NOT EXISTS and REPLACE specified.";
            let kind = "CREATE_ROUTINE_WITH_IF_NOT_EXISTS_AND_REPLACE";
            self.statement_fault(error::invalid_syntax(&origin, kind, what), start);
        }
        if if_not_exists && is_temporary {
            let what = "CREATE TEMPORARY FUNCTION with IF NOT EXISTS is not allowed.";
            let kind = "CREATE_TEMP_FUNC_WITH_IF_NOT_EXISTS";
            self.statement_fault(error::invalid_syntax(&origin, kind, what), start);
        }
        Ok(self.not_served("CREATE FUNCTION"))
    }

    /// `JAR 'path'`.
    fn resource(&mut self, start: usize) -> Result<()> {
        let kind = self.simple_name()?;
        self.string()?;
        if !["jar", "file", "archive"].contains(&kind.to_lowercase().as_str()) {
            let what = format!("CREATE FUNCTION with resource type '{}'", kind.to_lowercase());
            let error = error::not_allowed(&self.origin(start), &what);
            self.statement_fault(error, start);
        }
        Ok(())
    }

    /// `name type [NOT NULL] [DEFAULT expression] [COMMENT '…']`.
    fn parameter(&mut self, start: usize) -> Result<()> {
        let (column, has_constraint) = self.column_with_constraints()?;
        let origin = self.origin(start);
        if column.generated.is_some() {
            let what = "CREATE FUNCTION with generated columns as parameters is not allowed.";
            let kind = "CREATE_FUNC_WITH_GENERATED_COLUMNS_AS_PARAMETERS";
            self.statement_fault(error::invalid_syntax(&origin, kind, what), start);
        }
        if has_constraint {
            let what = "CREATE FUNCTION with constraints on parameters is not allowed.";
            let kind = "CREATE_FUNC_WITH_COLUMN_CONSTRAINTS";
            self.statement_fault(error::invalid_syntax(&origin, kind, what), start);
        }
        Ok(())
    }

    /// `[RETURNS type | TABLE (columns)]`.
    fn returned_type(&mut self) -> Result<()> {
        if !self.is("RETURNS") || self.word_ahead(1) == "NULL" {
            return Ok(());
        }
        self.advance();
        if self.take("TABLE") {
            if self.take("(") {
                self.schema()?;
                return self.expect(")");
            }
            return Ok(());
        }
        self.data_type().map(|_| ())
    }

    /// What is said of a routine before its body, in any order, each at most once.
    fn routine_characteristics(&mut self, start: usize) -> Result<()> {
        let mut seen = Vec::new();
        // Clauses that are there twice are reported before those that SQL functions do not have.
        let mut refused: Option<String> = None;
        let mut refuse = |what: &str| {
            refused.get_or_insert_with(|| what.to_owned());
        };
        loop {
            let clause = match self.word() {
                "LANGUAGE" => {
                    self.advance();
                    let language = self.simple_name()?;
                    if !language.eq_ignore_ascii_case("SQL") {
                        let what = format!(
                            "Unsupported language for user defined functions: {}",
                            language.to_lowercase()
                        );
                        refuse(&what);
                    }
                    "LANGUAGE"
                }
                "SPECIFIC" => {
                    self.advance();
                    self.name()?;
                    refuse("SQL function with SPECIFIC name is not supported");
                    "SPECIFIC"
                }
                "DETERMINISTIC" => {
                    self.advance();
                    "DETERMINISTIC"
                }
                "NOT" | "!" => {
                    self.not()?;
                    self.expect("DETERMINISTIC")?;
                    "DETERMINISTIC"
                }
                "NO" | "CONTAINS" => {
                    let is_no = self.is("NO");
                    self.advance();
                    self.expect("SQL")?;
                    if is_no {
                        refuse("SQL function with NO SQL is not supported");
                    }
                    "SQL DATA ACCESS"
                }
                "READS" | "MODIFIES" => {
                    let is_modifies = self.is("MODIFIES");
                    self.advance();
                    self.expect_all(&["SQL", "DATA"])?;
                    if is_modifies {
                        let what = "SQL function with MODIFIES SQL DATA is not supported";
                        refuse(what);
                    }
                    "SQL DATA ACCESS"
                }
                "RETURNS" => {
                    self.expect_all(&["RETURNS", "NULL", "ON", "NULL", "INPUT"])?;
                    let what = "SQL function with RETURNS NULL ON NULL INPUT is not supported";
                    refuse(what);
                    "NULL CALL"
                }
                "CALLED" => {
                    self.expect_all(&["CALLED", "ON", "NULL", "INPUT"])?;
                    "NULL CALL"
                }
                "COMMENT" => {
                    self.advance();
                    self.string()?;
                    "COMMENT"
                }
                "SQL" => {
                    self.expect_all(&["SQL", "SECURITY"])?;
                    if self.expect_one_of(&["INVOKER", "DEFINER"])? == "INVOKER" {
                        let what = "SQL function with SQL SECURITY INVOKER is not supported";
                        refuse(what);
                    }
                    "SQL SECURITY RIGHTS"
                }
                _ => break,
            };
            self.clause_once(&mut seen, clause, start);
        }
        if let Some(what) = refused {
            self.not_in_sql_function(&what, start);
        }
        Ok(())
    }

    fn not_in_sql_function(&mut self, what: &str, start: usize) {
        let error = error::not_allowed(&self.origin(start), what);
        self.statement_fault(error, start);
    }

    /// A query or an expression.
    fn function_body(&mut self) -> Result<()> {
        let is_query = match self.word() {
            "(" => self.is_query_paren() && self.ends_with_paren(),
            "SELECT" | "WITH" | "FROM" | "VALUES" | "TABLE" | "MAP" | "REDUCE" => {
                !matches!(self.word_ahead(1), "(" | "." | ";" | "") || self.is("SELECT")
            }
            _ => false,
        };
        if is_query { self.query().map(|_| ()) } else { self.expression().map(|_| ()) }
    }

    /// Whether the parenthesis that is next ends the statement.
    fn ends_with_paren(&self) -> bool {
        let (mut ahead, mut depth) = (0, 0_usize);
        loop {
            match self.word_ahead(ahead) {
                "(" => depth += 1,
                ")" if depth == 1 => return matches!(self.word_ahead(ahead + 1), "" | ";"),
                ")" => depth -= 1,
                "" => return false,
                _ => {}
            }
            ahead += 1;
        }
    }

    /// After `DROP [TEMPORARY] FUNCTION`.
    pub(super) fn drop_function(&mut self, is_temporary: bool, start: usize) -> Result<Command> {
        let if_exists = self.take_all(&["IF", "EXISTS"]);
        let name = self.identifier_reference()?;
        if is_temporary && name.len() > 1 {
            let error = self.bad_qualifier("FUNCTION", &name, start);
            self.statement_fault(error, start);
        }
        Ok(Command::DropFunction { name, is_temporary, if_exists })
    }

    /// `CALL procedure(arguments)`.
    pub(super) fn call_procedure(&mut self) -> Result<Command> {
        self.expect("CALL")?;
        self.identifier_reference()?;
        self.expect("(")?;
        if !self.is(")") {
            self.list(Self::function_argument)?;
        }
        self.expect(")")?;
        Ok(self.not_served("CALL"))
    }
}

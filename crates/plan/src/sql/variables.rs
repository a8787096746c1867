//! Session variables and EXECUTE IMMEDIATE.

use super::error;
use super::parser::Parser;
use crate::spec::{Command, ExecuteImmediate, Name};
use firesteel_common::Result;

impl Parser<'_> {
    /// `DECLARE [OR REPLACE] [VARIABLE | VAR] name [type] [DEFAULT expr | = expr]`.
    pub(super) fn declare(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("DECLARE")?;
        let replace = self.take_all(&["OR", "REPLACE"]);
        let has_word = self.is_name_ahead(1)
            && !(matches!(self.word_ahead(1), "DEFAULT") && self.is_name_ahead(2));
        if self.is_one_of(&["VARIABLE", "VAR"]) && has_word {
            self.advance();
        }
        let mut names = self.list(Self::identifier_reference)?;
        let name = if names.len() == 1 {
            names.remove(0)
        } else {
            self.unserved("DECLARE of several variables at once");
            names.remove(0)
        };
        let has_type = !(self.is_end() || self.is_one_of(&["DEFAULT", "=", ";"]));
        let data_type = if has_type { Some(self.data_type()?) } else { None };
        let default =
            if self.take("DEFAULT") || self.take("=") { Some(self.expression()?) } else { None };
        if data_type.is_none() && default.is_none() {
            let what = "The definition of a SQL variable requires either a datatype or a DEFAULT clause.\n\
                        For example, use `DECLARE name STRING` or `DECLARE name = 'SQL'` instead of \
                        `DECLARE name`.";
            let origin = self.origin(start);
            let fault = error::invalid_syntax(&origin, "VARIABLE_TYPE_OR_DEFAULT_REQUIRED", what);
            self.fault(fault);
        }
        Ok(Command::DeclareVariable { name, replace, data_type, default })
    }

    /// After `DROP TEMPORARY`.
    pub(super) fn drop_variable(&mut self) -> Result<Command> {
        if self.take_one_of(&["VARIABLE", "VAR"]).is_none() {
            return Err(self.unexpected());
        }
        let if_exists = self.take_all(&["IF", "EXISTS"]);
        Ok(Command::DropVariable { name: self.identifier_reference()?, if_exists })
    }

    /// After `SET VARIABLE`: `a = expr, b = DEFAULT` or `(a, b) = (query)`.
    pub(super) fn set_variables(&mut self) -> Result<Command> {
        if self.is("(") {
            let names = self.paren_list(Self::identifier_reference)?;
            self.expect("=")?;
            self.expect("(")?;
            let query = self.query()?;
            self.expect(")")?;
            return Ok(Command::SetVariablesFrom { names, query });
        }
        let assignments = self.list(|p| {
            let name = p.identifier_reference()?;
            p.expect("=")?;
            let is_default = p.is("DEFAULT") && matches!(p.word_ahead(1), "," | ";" | "");
            let value = if is_default {
                p.advance();
                None
            } else {
                Some(p.expression()?)
            };
            Ok((name, value))
        })?;
        Ok(Command::SetVariables { assignments })
    }

    pub(super) fn execute_immediate(&mut self) -> Result<Command> {
        self.expect_all(&["EXECUTE", "IMMEDIATE"])?;
        let statement = self.expression()?;
        let into: Vec<Name> =
            if self.take("INTO") { self.list(Self::identifier_reference)? } else { Vec::new() };
        let using = if self.take("USING") {
            let argument = |p: &mut Self| {
                let value = p.expression()?;
                let name = if p.take("AS") || p.is_name() { Some(p.name()?) } else { None };
                Ok((value, name))
            };
            let start = self.start();
            let is_list = self.is("(") && !self.is_query_paren();
            let using = if is_list { self.paren_list(argument)? } else { self.list(argument)? };
            let names: Vec<&String> = using.iter().filter_map(|(_, name)| name.as_ref()).collect();
            let duplicate = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
            if let Some((_, name)) = duplicate {
                let message = format!(
                    "The USING clause of this EXECUTE IMMEDIATE command contained multiple arguments with \
                     same alias (`{name}`), which is invalid; please update the command to specify unique \
                     aliases and then try it again."
                );
                let condition = "EXEC_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES";
                let error = error::at(&self.origin(start), condition, message);
                let error = error.with("aliases", format!("`{name}`"));
                self.fault(error);
            }
            using
        } else {
            Vec::new()
        };
        Ok(Command::ExecuteImmediate(ExecuteImmediate { statement, into, using }))
    }
}

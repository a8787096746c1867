//! SET and RESET. Values of settings are raw text, not tokens.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Expr, ExprNode, Literal};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    pub(super) fn set(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("SET")?;
        let next_is_equal = self.word_ahead(1) == "=";
        match self.word() {
            "TIME" if self.word_ahead(1) == "ZONE" => {
                self.advance();
                self.advance();
                self.time_zone(start)
            }
            "CATALOG"
                if !next_is_equal
                    && (self.is_name_ahead(1) || self.kind_ahead(1) == TokenKind::String) =>
            {
                let catalog = self.attempt(|p| {
                    p.expect("CATALOG")?;
                    let name = if p.is_string() {
                        p.string()?
                    } else {
                        p.identifier_reference()?.join(".")
                    };
                    p.statement_end()?;
                    Ok(name)
                });
                // Anything else is text that is kept as a key.
                match catalog {
                    Some(name) => Ok(Command::UseCatalog { name }),
                    None => {
                        let key = self.raw_rest().to_owned();
                        Ok(Command::Set { key: Some(key), value: None, verbose: false })
                    }
                }
            }
            "VARIABLE" | "VAR"
                if !next_is_equal && (self.is_name_ahead(1) || self.word_ahead(1) == "(") =>
            {
                let assigned = self.attempt(|p| {
                    p.advance();
                    let command = p.set_variables()?;
                    p.statement_end()?;
                    Ok(command)
                });
                match assigned {
                    Some(command) => Ok(command),
                    None => {
                        self.raw_rest();
                        Err(self.invalid_set(start))
                    }
                }
            }
            "PATH" if next_is_equal => match self.attempt(|p| p.set_path(start)) {
                Some(command) => Ok(command),
                None => self.set_configuration(start),
            },
            "COLLATION" if !next_is_equal && self.is_name_ahead(1) => {
                self.advance();
                self.plain_name()?;
                Ok(self.not_served("SET COLLATION"))
            }
            _ => self.set_configuration(start),
        }
    }

    /// `PATH = a.b, SYSTEM_PATH, …`: where functions and tables are looked for.
    fn set_path(&mut self, start: usize) -> Result<Command> {
        self.expect_all(&["PATH", "="])?;
        let elements = self.list(Self::multipart_name)?;
        let words = ["DEFAULT_PATH", "SYSTEM_PATH", "CURRENT_SCHEMA", "CURRENT_DATABASE", "PATH"];
        let unknown = elements
            .iter()
            .find(|name| name.len() == 1 && !words.contains(&name[0].to_uppercase().as_str()));
        if let Some(name) = unknown {
            let message = format!(
                "Invalid schema reference in SET PATH: {}. Use at least two name parts \
                 (catalog.schema); multi-level namespaces are allowed.",
                name[0]
            );
            let condition = "INVALID_SQL_PATH_SCHEMA_REFERENCE";
            let error = error::at(&self.origin(start), condition, message);
            self.fault(error.with("qualifiedName", name[0].clone()));
        }
        self.statement_end()?;
        Ok(self.not_served("SET PATH"))
    }

    /// `LOCAL` is the zone of the machine and travels as the string `LOCAL`, which is no zone's name.
    fn time_zone(&mut self, start: usize) -> Result<Command> {
        let zone = if self.take("LOCAL") {
            Expr::string("LOCAL")
        } else if self.is_string() {
            Expr::string(self.string()?)
        } else if self.is_interval() {
            let interval = self.interval()?;
            self.check_zone(&interval, start);
            interval
        } else {
            self.raw_rest();
            let message = "Invalid time zone displacement value.";
            return Err(error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0045", message));
        };
        Ok(Command::SetTimeZone { zone })
    }

    /// An interval is a zone's offset: whole seconds, at most 18 hours.
    fn check_zone(&mut self, interval: &Expr, start: usize) {
        const SECOND: i64 = 1_000_000;
        const OFFSET_MAX: i64 = 18 * 3_600 * SECOND;
        let micros = match interval.node {
            ExprNode::Literal(Literal::DayTimeInterval { micros, .. }) => micros,
            ExprNode::Literal(Literal::YearMonthInterval { .. }) => i64::MAX,
            _ => return,
        };
        if micros.saturating_abs() <= OFFSET_MAX && micros % SECOND == 0 {
            return;
        }
        let days = micros / (24 * 3_600 * SECOND);
        let message = format!(
            "Error parsing '{days}' to interval. Please ensure that the value provided is in a valid format \
             for defining an interval. You can reference the documentation for the correct format. The \
             interval value must be in the range of [-18, +18] hours with second precision."
        );
        let condition = "INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE";
        let error = error::at(&self.origin(start), condition, message);
        self.fault(error.with("input", days.to_string()));
    }

    /// `SET`, `SET -v`, `SET key`, `SET key = value`.
    fn set_configuration(&mut self, start: usize) -> Result<Command> {
        let text = self.raw_rest().to_owned();
        let set = |key: &str, value: Option<&str>| Command::Set {
            key: Some(key.to_owned()),
            value: value.map(str::to_owned),
            verbose: false,
        };
        if text.is_empty() || text == "-v" {
            return Ok(Command::Set { key: None, value: None, verbose: text == "-v" });
        }
        let invalid_value = |value: &str| value.contains(';');
        if let Some((key, rest)) = quoted(&text) {
            let rest = rest.trim();
            if rest.is_empty() {
                return Ok(set(&key, None));
            }
            if let Some(value) = rest.strip_prefix('=') {
                let value = value.trim();
                return Ok(match quoted(value) {
                    Some((inner, "")) => set(&key, Some(&inner)),
                    _ if invalid_value(value) => {
                        let message = format!(
                            "\"{value}\" is an invalid property value, please use quotes, e.g. SET \
                             \"{key}\"=\"{value}\""
                        );
                        let error =
                            error::at(&self.origin(start), "INVALID_PROPERTY_VALUE", message);
                        return Err(error.with("value", value).with("key", key));
                    }
                    _ => set(&key, Some(value)),
                });
            }
        }
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\');
        if key.is_empty()
            || !key.chars().all(plain)
            || value
                .is_some_and(|value| value.contains(';') && !matches!(quoted(value), Some((_, ""))))
        {
            return Err(self.invalid_set(start));
        }
        Ok(match value.and_then(quoted) {
            Some((inner, "")) => set(key, Some(&inner)),
            _ => set(key, value),
        })
    }

    fn invalid_set(&self, start: usize) -> SparkError {
        let message = "Expected format is 'SET', 'SET key', or 'SET key=value'. If you want to include \
                       special characters in key, or include semicolon in value, please use backquotes, \
                       e.g., SET `key`=`value`.";
        error::at(&self.origin(start), "INVALID_SET_SYNTAX", message)
    }

    /// `RESET` or `RESET key`.
    pub(super) fn reset(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("RESET")?;
        let text = self.raw_rest().to_owned();
        let key = match quoted(&text) {
            Some((key, _)) => Some(key),
            None if text.is_empty() => None,
            None if text.contains(|c: char| c.is_whitespace() || "()'".contains(c)) => {
                let message = "Expected format is 'RESET' or 'RESET key'. If you want to include special \
                               characters in key, please use quotes, e.g., RESET `key`.";
                return Err(error::at(
                    &self.origin(start),
                    "INVALID_RESET_COMMAND_FORMAT",
                    message,
                ));
            }
            None => Some(text),
        };
        Ok(Command::Reset { key })
    }
}

/// A back-quoted name at the front, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('`')?;
    let end = inner.find('`')?;
    Some((inner[..end].to_owned(), &inner[end + 1..]))
}

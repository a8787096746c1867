//! SET and RESET. Values of settings are raw text, not tokens.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Command, Expr};
use firesteel_common::Result;

impl Parser<'_> {
    pub(super) fn set(&mut self) -> Result<Command> {
        let start = self.start();
        self.expect("SET")?;
        let next_is_equal = self.word_ahead(1) == "=";
        match self.word() {
            "TIME" if self.word_ahead(1) == "ZONE" => {
                self.advance();
                self.advance();
                self.time_zone()
            }
            "CATALOG"
                if !next_is_equal
                    && (self.is_name_ahead(1) || self.kind_ahead(1) == TokenKind::String) =>
            {
                self.advance();
                let name = if self.is_string() { self.string()? } else { self.name()? };
                Ok(Command::UseCatalog { name })
            }
            "VARIABLE" | "VAR"
                if !next_is_equal && (self.is_name_ahead(1) || self.word_ahead(1) == "(") =>
            {
                self.advance();
                self.set_variables()
            }
            "COLLATION" if !next_is_equal && self.is_name_ahead(1) => {
                Ok(self.unsupported("SET COLLATION"))
            }
            _ => self.set_configuration(start),
        }
    }

    /// `LOCAL` is the zone of the machine and travels as the string `LOCAL`, which is no zone's name.
    fn time_zone(&mut self) -> Result<Command> {
        let zone = if self.take("LOCAL") {
            Expr::string("LOCAL")
        } else if self.is_string() {
            Expr::string(self.string()?)
        } else if self.is_interval() {
            self.interval()?
        } else {
            return Err(self.unexpected());
        };
        Ok(Command::SetTimeZone { zone })
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
        if let Some((key, rest)) = quoted(&text) {
            let rest = rest.trim();
            if rest.is_empty() {
                return Ok(set(&key, None));
            }
            if let Some(value) = rest.strip_prefix('=') {
                let value = value.trim();
                return Ok(match quoted(value) {
                    Some((inner, "")) => set(&key, Some(&inner)),
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
            || value.is_some_and(|value| value.contains(';'))
        {
            let message = "Expected format is 'SET', 'SET key', or 'SET key=value'. If you want to \
                           include special characters in key, or include semicolon in value, please \
                           use backquotes, e.g., SET `key`=`value`.";
            return Err(error::at(&self.origin(start), "INVALID_SET_SYNTAX", message));
        }
        Ok(match value.and_then(quoted) {
            Some((inner, "")) => set(key, Some(&inner)),
            _ => set(key, value),
        })
    }

    /// `RESET` or `RESET key`.
    pub(super) fn reset(&mut self) -> Result<Command> {
        self.expect("RESET")?;
        let text = self.raw_rest().to_owned();
        let key = match quoted(&text) {
            Some((key, _)) => Some(key),
            None if text.is_empty() => None,
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

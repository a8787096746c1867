//! Lists of properties and options: `('a.b' = 1, c 'x')`.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{ExprNode, Literal};
use firesteel_common::Result;

impl Parser<'_> {
    /// `(key [=] value, …)`; a key without a value has the empty string.
    pub(super) fn property_list(&mut self) -> Result<Vec<(String, String)>> {
        let start = self.start();
        let list = self.paren_list(|p| {
            Ok((p.property_key()?, p.property_value_if_any()?.unwrap_or_default()))
        })?;
        self.check_distinct_keys(&list, start);
        Ok(list)
    }

    /// Notes a fault if a key is there twice.
    fn check_distinct_keys(&mut self, list: &[(String, String)], start: usize) {
        let duplicate = list
            .iter()
            .enumerate()
            .find(|(at, (key, _))| list[..*at].iter().any(|(other, _)| other == key));
        let Some((_, (key, _))) = duplicate else { return };
        let message = format!("Found duplicate keys `{key}`.");
        let error = error::at(&self.origin(start), "DUPLICATE_KEY", message);
        self.fault(error.with("keyColumn", format!("`{key}`")));
    }

    /// The same where every key must have a value.
    pub(super) fn property_list_with_values(&mut self) -> Result<Vec<(String, String)>> {
        let start = self.start();
        let mut without = Vec::new();
        let list = self.paren_list(|p| {
            let key = p.property_key()?;
            let value = p.property_value_if_any()?;
            if value.is_none() {
                without.push(key.clone());
            }
            Ok((key, value.unwrap_or_default()))
        })?;
        self.check_distinct_keys(&list, start);
        if !without.is_empty() {
            let what = format!("Values must be specified for key(s): [{}]", without.join(","));
            let error = error::not_allowed(&self.origin(start), &what);
            self.fault(error);
        }
        Ok(list)
    }

    /// `(key, …)` where no key may have a value.
    pub(super) fn property_keys(&mut self) -> Result<Vec<String>> {
        let start = self.start();
        let mut with = Vec::new();
        let keys = self.paren_list(|p| {
            let key = p.property_key()?;
            if p.property_value_if_any()?.is_some() {
                with.push(key.clone());
            }
            Ok(key)
        })?;
        if !with.is_empty() {
            let what = format!("Values should not be specified for key(s): [{}]", with.join(","));
            let error = error::not_allowed(&self.origin(start), &what);
            self.fault(error);
        }
        Ok(keys)
    }

    /// Options of a table: values may be any constant expression.
    pub(super) fn option_list(&mut self) -> Result<Vec<(String, String)>> {
        self.paren_list(|p| {
            let start = p.start();
            let key = p.property_key()?;
            let has_equal = p.take("=");
            if !has_equal && (p.is(",") || p.is(")")) {
                let what = format!("A value must be specified for the key: {key}.");
                return Err(error::not_allowed(&p.origin(start), &what));
            }
            let is_constant = matches!(p.kind(), TokenKind::String | TokenKind::Number(_))
                || p.is_one_of(&["TRUE", "FALSE", "-"]);
            if is_constant && matches!(p.word_ahead(1 + usize::from(p.is("-"))), "," | ")") {
                return Ok((key, p.property_value()?));
            }
            let value = p.expression()?;
            let ExprNode::Literal(Literal::String(text)) = value.node else {
                p.unserved("options of tables that are computed");
                return Ok((key, String::new()));
            };
            Ok((key, text))
        })
    }

    /// Strings before `=` are one key; otherwise the first is the key and the others its value.
    pub(super) fn property_key(&mut self) -> Result<String> {
        if !self.is_string() {
            return Ok(self.multipart_name()?.join("."));
        }
        let n = (0..).take_while(|ahead| self.kind_ahead(*ahead) == TokenKind::String).count();
        if self.word_ahead(n) == "=" { self.string() } else { self.single_string() }
    }

    fn property_value_if_any(&mut self) -> Result<Option<String>> {
        let has_equal = self.take("=");
        if !has_equal && (self.is(",") || self.is(")")) {
            return Ok(None);
        }
        self.property_value().map(Some)
    }

    /// A string, a number or a truth value.
    fn property_value(&mut self) -> Result<String> {
        if self.is_string() || self.is("?") || self.is(":") {
            return self.string();
        }
        let start = self.start();
        self.take("-");
        match self.kind() {
            TokenKind::Number(_) => self.advance(),
            TokenKind::Word if self.is_one_of(&["TRUE", "FALSE"]) => {
                let value = self.slice().to_lowercase();
                self.advance();
                return Ok(value);
            }
            _ => return Err(self.unexpected()),
        }
        Ok(self.text_from(start).to_owned())
    }
}

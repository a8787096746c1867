//! Lists of properties and options: `('a.b' = 1, c 'x')`.

use super::parser::Parser;
use super::token::TokenKind;
use firesteel_common::Result;

impl Parser<'_> {
    /// `(key [=] value, …)`; a key without a value has the empty string.
    pub(super) fn property_list(&mut self) -> Result<Vec<(String, String)>> {
        self.paren_list(|p| {
            let key = p.property_key()?;
            p.take("=");
            let value = if p.is(",") || p.is(")") { String::new() } else { p.property_value()? };
            Ok((key, value))
        })
    }

    pub(super) fn property_key(&mut self) -> Result<String> {
        if self.is_string() {
            return self.string();
        }
        Ok(self.multipart_name()?.join("."))
    }

    /// A string, a number or a truth value; options of tables may also be other constants.
    fn property_value(&mut self) -> Result<String> {
        if self.is_string() {
            let mut value = self.string()?;
            while self.is_string() {
                value.push_str(&self.string()?);
            }
            return Ok(value);
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

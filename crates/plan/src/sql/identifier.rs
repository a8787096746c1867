//! `IDENTIFIER(expr)` where the name must be known to the parser: in commands and calls.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Expr, ExprNode, Literal, Name};
use firesteel_common::Result;

impl Parser<'_> {
    /// A name, also as `IDENTIFIER('a.' || 'b')`.
    pub(super) fn identifier_reference(&mut self) -> Result<Name> {
        if !(self.is("IDENTIFIER") && self.word_ahead(1) == "(") || self.is_identifier_literal() {
            return self.multipart_name();
        }
        self.advance();
        self.expect("(")?;
        let expr = self.expression()?;
        self.expect(")")?;
        self.name_of(&expr)
    }

    /// `IDENTIFIER('…')` with nothing but string literals: it may stand wherever a name may.
    pub(super) fn is_identifier_literal(&self) -> bool {
        if !self.is("IDENTIFIER") || self.word_ahead(1) != "(" {
            return false;
        }
        let mut ahead = 2;
        while self.kind_ahead(ahead) == TokenKind::String {
            ahead += 1;
        }
        ahead > 2 && self.word_ahead(ahead) == ")"
    }

    /// The parts of the name that `IDENTIFIER('…')` spells.
    pub(super) fn identifier_literal(&mut self) -> Result<Name> {
        self.expect_all(&["IDENTIFIER", "("])?;
        let text = self.string()?;
        self.expect(")")?;
        super::parse_name(&text)
    }

    /// The same where a name has one part.
    pub(super) fn identifier_literal_part(&mut self) -> Result<String> {
        let start = self.start();
        let mut parts = self.identifier_literal()?;
        match parts.pop() {
            Some(part) if parts.is_empty() => Ok(part),
            last => {
                parts.extend(last);
                let name = format!("`{}`", parts.join("`.`"));
                let message =
                    format!("{name} is not a valid identifier as it has more than 1 name parts.");
                let condition = "IDENTIFIER_TOO_MANY_NAME_PARTS";
                let error = error::at(&self.origin(start), condition, message);
                Err(error.with("identifier", name).with("limit", "1"))
            }
        }
    }

    /// Whether a call follows `IDENTIFIER(…)`.
    pub(super) fn is_identifier_call(&self) -> bool {
        if !(self.is("IDENTIFIER") && self.word_ahead(1) == "(") {
            return false;
        }
        let (mut ahead, mut depth) = (1, 0_usize);
        loop {
            match self.word_ahead(ahead) {
                "(" => depth += 1,
                ")" if depth == 1 => return self.word_ahead(ahead + 1) == "(",
                ")" => depth -= 1,
                _ if self.kind_ahead(ahead) == TokenKind::End => return false,
                _ => {}
            }
            ahead += 1;
        }
    }

    /// The name that a constant text spells.
    pub(super) fn name_of(&mut self, expr: &Expr) -> Result<Name> {
        match text_of(expr) {
            Some(text) => super::parse_name(&text),
            None => {
                self.unserved("IDENTIFIER(…) with an expression other than constant strings here");
                Ok(vec!["identifier".to_owned()])
            }
        }
    }
}

/// The value of a string literal, or of several that are put together.
fn text_of(expr: &Expr) -> Option<String> {
    match &expr.node {
        ExprNode::Literal(Literal::String(text)) => Some(text.clone()),
        ExprNode::Function(function) if matches!(function.name.as_slice(), [name] if name == "||" || name == "concat") => {
            function.args.iter().map(text_of).collect()
        }
        _ => None,
    }
}

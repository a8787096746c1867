//! `IDENTIFIER(expr)` where the name must be known to the parser: in commands and calls.

use super::parser::Parser;
use crate::spec::{Expr, ExprNode, Literal, Name};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    /// A name, also as `IDENTIFIER('a.' || 'b')`.
    pub(super) fn identifier_reference(&mut self) -> Result<Name> {
        if !(self.is("IDENTIFIER") && self.word_ahead(1) == "(") {
            return self.multipart_name();
        }
        self.advance();
        self.expect("(")?;
        let expr = self.expression()?;
        self.expect(")")?;
        name_of(&expr)
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
                _ if self.kind_ahead(ahead) == super::token::TokenKind::End => return false,
                _ => {}
            }
            ahead += 1;
        }
    }
}

/// The name that a constant text spells.
pub(super) fn name_of(expr: &Expr) -> Result<Name> {
    match text_of(expr) {
        Some(text) => super::parse_name(&text),
        None => Err(SparkError::unsupported(
            "IDENTIFIER(…) with an expression other than constant strings here",
        )),
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

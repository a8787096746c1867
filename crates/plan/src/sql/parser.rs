//! The parser's position in the tokens and the small steps that every rule of the grammar uses.

use super::error;
use super::lexer::lex;
use super::string::{unescape, unquote};
use super::token::{Token, TokenKind};
use crate::spec::{Expr, ExprNode, SqlText};
use firesteel_common::Result;
use firesteel_common::error::Origin;
use std::sync::Arc;

/// Levels of nested parentheses, subqueries and operators. Later stages walk the tree on growing
/// stacks, but they clone and drop it on ordinary ones.
const DEPTH_MAX: usize = 500;

/// Links of one chain of left-associative operators or set operations.
const CHAIN_MAX: usize = 2_000;

/// Expressions in one statement, copies included (`x LIKE ANY (…)` repeats `x`).
const SIZE_MAX: usize = 5_000_000;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    /// `text` in upper case, byte for byte: keywords are compared with it.
    upper: &'a str,
    shared: Arc<str>,
    /// The view whose query the text is.
    pub(super) view: Option<Arc<str>>,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    size: usize,
    /// Positional parameters so far.
    pub(super) n_parameters: usize,
    /// What parameters stand for, where the text came with arguments and is a command.
    pub(super) arguments: Option<&'a SqlText>,
    /// By token: whether this `(` opens a query; computed at the first question.
    query_parens: Option<Vec<bool>>,
}

/// Runs `rule` over the whole of `text`.
pub(super) fn parse_all<T>(
    text: &str,
    rule: impl FnOnce(&mut Parser<'_>) -> Result<T>,
) -> Result<T> {
    parse_all_with(text, None, rule)
}

/// As [`parse_all`], with arguments in the place of parameters.
pub(super) fn parse_all_with<T>(
    text: &str,
    arguments: Option<&SqlText>,
    rule: impl FnOnce(&mut Parser<'_>) -> Result<T>,
) -> Result<T> {
    let upper = text.to_ascii_uppercase();
    let tokens = lex(text)?;
    let mut parser = Parser {
        text,
        upper: &upper,
        shared: text.into(),
        view: None,
        tokens,
        at: 0,
        depth: 0,
        size: 0,
        n_parameters: 0,
        arguments,
        query_parens: None,
    };
    if text.trim().is_empty() {
        return Err(error::empty_statement(text));
    }
    let parsed = rule(&mut parser)?;
    parser.expect_end()?;
    Ok(parsed)
}

impl<'a> Parser<'a> {
    // Looking.

    fn token(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.at + ahead).min(last)]
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.token(0).kind
    }

    pub(super) fn kind_ahead(&self, ahead: usize) -> TokenKind {
        self.token(ahead).kind
    }

    /// The token as written.
    pub(super) fn slice(&self) -> &'a str {
        self.slice_ahead(0)
    }

    pub(super) fn slice_ahead(&self, ahead: usize) -> &'a str {
        let token = self.token(ahead);
        &self.text[token.start..token.end]
    }

    /// The token in upper case: a keyword or symbol is compared with this.
    pub(super) fn word(&self) -> &'a str {
        self.word_ahead(0)
    }

    pub(super) fn word_ahead(&self, ahead: usize) -> &'a str {
        let token = self.token(ahead);
        &self.upper[token.start..token.end]
    }

    pub(super) fn is(&self, what: &str) -> bool {
        self.word() == what
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.contains(&self.word())
    }

    /// Whether the next tokens are these keywords or symbols.
    pub(super) fn is_all(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.word_ahead(ahead) == *word)
    }

    pub(super) fn is_end(&self) -> bool {
        self.kind() == TokenKind::End
    }

    /// Whether the next token may be a name.
    pub(super) fn is_name(&self) -> bool {
        self.is_name_ahead(0)
    }

    pub(super) fn is_name_ahead(&self, ahead: usize) -> bool {
        matches!(self.kind_ahead(ahead), TokenKind::Word | TokenKind::Quoted)
    }

    pub(super) fn is_string(&self) -> bool {
        self.kind() == TokenKind::String
    }

    // Moving.

    pub(super) fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    /// Takes the keyword or symbol if it is next.
    pub(super) fn take(&mut self, what: &str) -> bool {
        let found = self.is(what);
        if found {
            self.advance();
        }
        found
    }

    /// Takes all these keywords if they are next.
    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let found = self.is_all(words);
        if found {
            words.iter().for_each(|_| self.advance());
        }
        found
    }

    /// Takes whichever of `words` is next.
    pub(super) fn take_one_of<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let found = words.iter().copied().find(|word| self.is(word))?;
        self.advance();
        Some(found)
    }

    pub(super) fn expect(&mut self, what: &str) -> Result<()> {
        if self.take(what) {
            return Ok(());
        }
        // ANTLR says what is missing when the token that is there could follow it.
        let hint = match what {
            ")" if !self.is_end() => "missing ')'",
            _ => "",
        };
        Err(self.unexpected_with(hint))
    }

    pub(super) fn expect_all(&mut self, words: &[&str]) -> Result<()> {
        words.iter().try_for_each(|word| self.expect(word))
    }

    fn expect_end(&mut self) -> Result<()> {
        if self.is_end() {
            return Ok(());
        }
        let hint = format!("extra input '{}'", self.slice());
        Err(self.unexpected_with(&hint))
    }

    /// Takes one `>`, also from `>>`, `>>>` and `>=`: the end of a type's parameters.
    pub(super) fn take_angle(&mut self) -> bool {
        if self.kind() != TokenKind::Symbol || !self.slice().starts_with('>') {
            return false;
        }
        if self.slice().len() == 1 {
            self.advance();
        } else {
            self.tokens[self.at].start += 1;
        }
        true
    }

    // Places.

    /// Where the next token begins, in bytes.
    pub(super) fn start(&self) -> usize {
        self.token(0).start
    }

    /// Where the last token taken ended.
    pub(super) fn end(&self) -> usize {
        self.tokens[self.at.saturating_sub(1)].end
    }

    /// The piece of text from `start` to the last token taken.
    pub(super) fn text_from(&self, start: usize) -> &'a str {
        self.text.get(start..self.end()).unwrap_or_default()
    }

    pub(super) fn origin(&self, start: usize) -> Origin {
        self.origin_between(start, self.end().max(start))
    }

    pub(super) fn origin_between(&self, start: usize, end: usize) -> Origin {
        let (text, view) = (Arc::clone(&self.shared), self.view.clone());
        Origin::Sql { text, view, start, end }
    }

    /// An expression whose text began at `start` and ends with the last token taken.
    pub(super) fn expr(&mut self, node: ExprNode, start: usize) -> Expr {
        self.size += 1;
        Expr { node, origin: Some(self.origin(start)) }
    }

    pub(super) fn call(&mut self, name: &str, args: Vec<Expr>, start: usize) -> Expr {
        let node = Expr::call(name, args).node;
        self.expr(node, start)
    }

    /// Number of expressions made so far; the size of a piece is the difference of two marks.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Answers for `n` copies of a piece of `size` expressions.
    pub(super) fn count_copies(&mut self, size: usize, n: usize) -> Result<()> {
        self.size = self.size.saturating_add(size.saturating_mul(n));
        if self.size > SIZE_MAX { Err(error::too_complex(self.text)) } else { Ok(()) }
    }

    /// Checks the length of a chain that a loop builds.
    pub(super) fn check_chain(&self, length: usize) -> Result<()> {
        if length > CHAIN_MAX { Err(error::too_complex(self.text)) } else { Ok(()) }
    }

    // Errors.

    /// A syntax error at the next token.
    pub(super) fn unexpected(&self) -> firesteel_common::SparkError {
        self.unexpected_with("")
    }

    fn unexpected_with(&self, hint: &str) -> firesteel_common::SparkError {
        let near = (!self.is_end()).then(|| self.slice());
        let position = if self.is_end() { self.text.len() } else { self.start() };
        error::syntax(self.text, position, near, hint)
    }

    // Recursion.

    /// Runs a rule that may contain itself: counts the level and grows the stack.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_MAX {
            return Err(error::too_complex(self.text));
        }
        self.depth += 1;
        let parsed = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || rule(self));
        self.depth -= 1;
        parsed
    }

    // Lists.

    /// `item, item, …`.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.take(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, item, …)`, at least one.
    pub(super) fn paren_list<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.expect("(")?;
        let items = self.list(item)?;
        self.expect(")")?;
        Ok(items)
    }

    // Names and strings.

    /// One identifier. Hyphens are refused with the advice to quote the name.
    pub(super) fn name(&mut self) -> Result<String> {
        let start = self.start();
        let name = self.plain_name()?;
        if !self.is("-") || !self.is_name_ahead(1) {
            return Ok(name);
        }
        let position = self.start();
        while self.is("-") && self.is_name_ahead(1) {
            self.advance();
            self.advance();
        }
        Err(error::invalid_identifier(self.text, position, self.text_from(start)))
    }

    /// One identifier where a hyphen after it is an operator.
    pub(super) fn plain_name(&mut self) -> Result<String> {
        let slice = self.slice();
        let name = match self.kind() {
            TokenKind::Word => {
                if !slice.is_ascii() || slice.contains("://") {
                    return Err(error::invalid_identifier(self.text, self.start(), slice));
                }
                slice.to_owned()
            }
            TokenKind::Quoted => unquote(slice),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(name)
    }

    /// `a.b.c`.
    pub(super) fn multipart_name(&mut self) -> Result<Vec<String>> {
        let mut parts = vec![self.name()?];
        while self.is(".") && self.is_name_ahead(1) {
            self.advance();
            parts.push(self.name()?);
        }
        Ok(parts)
    }

    /// `(a, b, c)`.
    pub(super) fn name_list(&mut self) -> Result<Vec<String>> {
        self.paren_list(Self::name)
    }

    /// One string literal token.
    pub(super) fn string(&mut self) -> Result<String> {
        if !self.is_string() {
            return Err(self.unexpected());
        }
        let value = unescape(self.slice());
        self.advance();
        Ok(value)
    }

    /// A whole number without suffix.
    pub(super) fn integer(&mut self) -> Result<i64> {
        let value = match self.kind() {
            TokenKind::Number(super::token::NumberKind::Integer) => self.slice().parse().ok(),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(value)
    }

    // Parentheses.

    /// Whether the `(` that is next opens a query rather than an expression or a relation.
    pub(super) fn is_query_paren(&mut self) -> bool {
        if !self.is("(") {
            return false;
        }
        let at = self.at;
        let upper = self.upper;
        let tokens = &self.tokens;
        let parens = self.query_parens.get_or_insert_with(|| query_parens(tokens, upper));
        parens.get(at).copied().unwrap_or(false)
    }
}

/// For every token whether it is a `(` that opens a query: one walk from the end, so that deep
/// nesting costs no more than its length.
fn query_parens(tokens: &[Token], upper: &str) -> Vec<bool> {
    let word = |at: usize| tokens.get(at).map_or("", |token| &upper[token.start..token.end]);
    // Position of the `)` that closes each `(`.
    let mut closing = vec![tokens.len(); tokens.len()];
    let mut open = Vec::new();
    for at in 0..tokens.len() {
        match word(at) {
            "(" => open.push(at),
            ")" => {
                if let Some(start) = open.pop() {
                    closing[start] = at;
                }
            }
            _ => {}
        }
    }
    let mut is_query = vec![false; tokens.len()];
    for at in (0..tokens.len()).rev() {
        if word(at) != "(" {
            continue;
        }
        is_query[at] = match word(at + 1) {
            "SELECT" | "VALUES" | "MAP" | "REDUCE" | "FROM" | "TABLE" | "WITH" => {
                let next = word(at + 2);
                let is_word = tokens.get(at + 2).is_some_and(|token| {
                    matches!(
                        token.kind,
                        TokenKind::Word
                            | TokenKind::Quoted
                            | TokenKind::String
                            | TokenKind::Number(_)
                    )
                });
                let name_like =
                    matches!(next, "AS" | "IS" | "AND" | "OR" | "IN" | "BETWEEN" | "LIKE");
                match word(at + 1) {
                    "SELECT" | "VALUES" => {
                        (is_word && !name_like)
                            || matches!(next, "(" | "*" | "-" | "+" | "~" | "?" | ":" | "!" | "/*+")
                    }
                    // `map(…)` and `table(…)` are calls.
                    _ => is_word && !name_like,
                }
            }
            "(" if is_query[at + 1] => {
                let after = closing[at + 1] + 1;
                after == closing[at]
                    || matches!(
                        word(after),
                        "UNION"
                            | "INTERSECT"
                            | "EXCEPT"
                            | "MINUS"
                            | "ORDER"
                            | "SORT"
                            | "CLUSTER"
                            | "DISTRIBUTE"
                            | "LIMIT"
                            | "OFFSET"
                            | "WINDOW"
                            | "|>"
                    )
            }
            _ => false,
        };
    }
    is_query
}

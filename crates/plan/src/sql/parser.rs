//! The parser's position in the tokens and the small steps that every rule of the grammar uses.

use super::error;
use super::lexer::lex;
use super::string::{between_quotes, unescape, unquote};
use super::token::{Token, TokenKind};
use crate::spec::{Expr, ExprNode, Literal, SqlText};
use firesteel_common::error::Origin;
use firesteel_common::{Result, SparkError, SqlDialect};
use std::sync::Arc;

/// Levels of nested parentheses, subqueries and operators. Later stages walk the tree on growing
/// stacks, but they clone and drop it on ordinary ones.
const DEPTH_MAX: usize = 500;

/// Links of one chain of left-associative operators or set operations.
const CHAIN_MAX: usize = 2_000;

/// Expressions in one statement, copies included (`x LIKE ANY (…)` repeats `x`).
const SIZE_MAX: usize = 5_000_000;

/// Words that go on with a FROM clause and are therefore no alias of a relation. All others may be names
/// anywhere.
pub(super) const STRICT_WORDS: &[&str] = &[
    "ANTI",
    "CROSS",
    "EXCEPT",
    "FULL",
    "INNER",
    "INTERSECT",
    "JOIN",
    "LATERAL",
    "LEFT",
    "MINUS",
    "NATURAL",
    "ON",
    "RIGHT",
    "SEMI",
    "UNION",
    "USING",
];

pub(super) struct Parser<'a> {
    pub(super) dialect: SqlDialect,
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
    /// Whether DO ends the query that is read, as in `FOR … DO`.
    pub(super) ends_at_do: bool,
    /// What the text holds that is good grammar and that the engine does not do yet.
    unserved: Option<String>,
    /// The first mistake that is not one of grammar; and where the statement begins that it is about, if it
    /// is about a whole one.
    fault: Option<(SparkError, Option<usize>)>,
}

/// Runs `rule` over the whole of `text`.
pub(super) fn parse_all<T>(
    text: &str,
    rule: impl FnOnce(&mut Parser<'_>) -> Result<T>,
) -> Result<T> {
    parse_all_with(text, None, SqlDialect::default(), rule)
}

/// As [`parse_all`], with arguments in the place of parameters.
pub(super) fn parse_all_with<T>(
    text: &str,
    arguments: Option<&SqlText>,
    dialect: SqlDialect,
    rule: impl FnOnce(&mut Parser<'_>) -> Result<T>,
) -> Result<T> {
    let upper = text.to_ascii_uppercase();
    let tokens = lex(text, dialect.double_quoted_identifiers)?;
    let mut parser = Parser {
        text,
        dialect,
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
        ends_at_do: false,
        unserved: None,
        fault: None,
    };
    if text.trim().is_empty() {
        return Err(error::empty_statement(text));
    }
    let parsed = rule(&mut parser)?;
    parser.expect_end()?;
    match (parser.fault.take(), parser.unserved.take()) {
        (Some((fault, None)), _) => Err(fault),
        (Some((fault, Some(start))), _) => {
            let end = parser.end_of_statement();
            Err(fault.at(parser.origin_between(start, end).to_query_context()))
        }
        (None, Some(feature)) => Err(SparkError::unsupported(feature)),
        (None, None) => Ok(parsed),
    }
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
        // `==` is another way to write `=`.
        self.word() == what || (what == "=" && self.word() == "==")
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
        Err(self.unexpected())
    }

    /// One of these keywords must be next.
    pub(super) fn expect_one_of<'w>(&mut self, words: &[&'w str]) -> Result<&'w str> {
        self.take_one_of(words).ok_or_else(|| self.unexpected())
    }

    pub(super) fn expect_all(&mut self, words: &[&str]) -> Result<()> {
        words.iter().try_for_each(|word| self.expect(word))
    }

    fn expect_end(&mut self) -> Result<()> {
        if self.is_end() {
            return Ok(());
        }
        // ANTLR calls a token superfluous if the text would be whole without it.
        let is_last = self.kind_ahead(1) == TokenKind::End || self.word_ahead(1) == ";";
        let hint = if is_last { format!("extra input '{}'", self.slice()) } else { String::new() };
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

    /// Whether the last token taken is this keyword.
    pub(super) fn token_before(&self, what: &str) -> bool {
        let Some(token) = self.at.checked_sub(1).map(|at| self.tokens[at]) else { return false };
        &self.upper[token.start..token.end] == what
    }

    /// The tokens from the one that begins at `start` to the last one taken, in upper case.
    pub(super) fn words_from(&self, start: usize) -> impl Iterator<Item = &'a str> {
        let first = self.tokens.partition_point(|token| token.start < start);
        let upper = self.upper;
        self.tokens[first..self.at].iter().map(move |token| &upper[token.start..token.end])
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
    pub(super) fn unexpected(&self) -> SparkError {
        self.unexpected_with("")
    }

    fn unexpected_with(&self, hint: &str) -> SparkError {
        let near = (!self.is_end()).then(|| self.slice());
        let position = if self.is_end() { self.text.len() } else { self.start() };
        error::syntax(self.text, position, near, hint)
    }

    /// Notes that a piece just parsed is not served: the statement is refused once all of it is read, so
    /// that mistakes in its grammar are found first.
    pub(super) fn unserved(&mut self, feature: &str) {
        self.unserved.get_or_insert_with(|| feature.to_owned());
    }

    /// Notes a mistake that is not one of grammar. Like Spark, the parser reads on and reports it at the
    /// end, so that a syntax error further on comes first.
    pub(super) fn fault(&mut self, error: SparkError) {
        self.fault.get_or_insert((error, None));
    }

    /// The same where the mistake is about the statement that began at `start`: all of it is shown.
    pub(super) fn statement_fault(&mut self, error: SparkError, start: usize) {
        self.fault.get_or_insert((error, Some(start)));
    }

    /// Where the last token ends that is no semicolon at the end of the text.
    fn end_of_statement(&self) -> usize {
        let upper = self.upper;
        let last =
            self.tokens.iter().rev().find(|token| {
                token.kind != TokenKind::End && &upper[token.start..token.end] != ";"
            });
        last.map_or(0, |token| token.end)
    }

    /// Drops the mistake noted, in favour of one that says more.
    pub(super) fn forget_fault(&mut self) {
        self.fault = None;
    }

    /// Runs a rule; if it fails, the parser stands where it stood. Only for rules at the head of a
    /// statement, which are tried once: elsewhere work would not stay linear.
    pub(super) fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T>) -> Option<T> {
        let (at, depth, size, n_parameters) = (self.at, self.depth, self.size, self.n_parameters);
        let (unserved, fault) = (self.unserved.clone(), self.fault.clone());
        match rule(self) {
            Ok(parsed) => Some(parsed),
            Err(_) => {
                (self.at, self.depth, self.size) = (at, depth, size);
                (self.n_parameters, self.unserved, self.fault) = (n_parameters, unserved, fault);
                None
            }
        }
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

    /// A name that is no `IDENTIFIER('…')`: of a thing that is no object of the catalog.
    pub(super) fn simple_name(&mut self) -> Result<String> {
        if self.is_identifier_literal() {
            let name = self.slice().to_owned();
            self.advance();
            return Ok(name);
        }
        self.plain_name()
    }

    /// A name that may not be one of the words of joins and set operations.
    pub(super) fn strict_name(&mut self) -> Result<String> {
        if self.kind() == TokenKind::Word && STRICT_WORDS.contains(&self.word()) {
            return Err(self.unexpected());
        }
        self.plain_name()
    }

    /// One identifier where a hyphen after it is an operator.
    pub(super) fn plain_name(&mut self) -> Result<String> {
        if self.is_identifier_literal() {
            return self.identifier_literal_part();
        }
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
        let mut parts = self.name_parts()?;
        while self.is(".") && self.is_name_ahead(1) {
            self.advance();
            parts.extend(self.name_parts()?);
        }
        Ok(parts)
    }

    /// One part of a name; `IDENTIFIER('a.b')` stands for several.
    fn name_parts(&mut self) -> Result<Vec<String>> {
        if self.is_identifier_literal() {
            return self.identifier_literal();
        }
        Ok(vec![self.name()?])
    }

    /// `a.b, c`.
    pub(super) fn multipart_names(&mut self) -> Result<Vec<Vec<String>>> {
        self.list(Self::multipart_name)
    }

    /// `(a, b, c)`.
    pub(super) fn name_list(&mut self) -> Result<Vec<String>> {
        self.paren_list(Self::name)
    }

    /// A string literal; adjacent tokens are one.
    pub(super) fn string(&mut self) -> Result<String> {
        let mut value = self.single_string()?;
        while self.is_string() {
            value.push_str(&self.single_string()?);
        }
        Ok(value)
    }

    /// One string literal token, or a parameter whose argument is a string.
    pub(super) fn single_string(&mut self) -> Result<String> {
        if let Some(text) = self.string_argument() {
            return Ok(text);
        }
        if !self.is_string() {
            return Err(self.unexpected());
        }
        let value = if self.dialect.escaped_string_literals {
            between_quotes(self.slice())
        } else {
            unescape(self.slice())
        };
        self.advance();
        Ok(value)
    }

    /// The string that the parameter which is next stands for, if its argument is one.
    fn string_argument(&mut self) -> Option<String> {
        let arguments = self.arguments?;
        let is_named = self.is(":") && self.is_name_ahead(1);
        let argument = if is_named {
            let name = self.slice_ahead(1);
            arguments.named.iter().find(|(known, _)| known == name).map(|(_, value)| value)
        } else if self.is("?") {
            arguments.positional.get(self.n_parameters)
        } else {
            None
        }?;
        let ExprNode::Literal(Literal::String(text)) = &argument.node else { return None };
        self.advance();
        if is_named {
            self.advance();
        } else {
            self.n_parameters += 1;
        }
        Some(text.clone())
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

//! Operators by precedence. From loose to tight: OR, AND, NOT, predicates (IN, LIKE, …), comparison,
//! `|`, `^`, `&`, shifts, sum, product, sign, and then what `primary` holds.

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{Expr, ExprNode, Literal, SortOrder, Subquery, SubqueryKind, SubqueryPlan};
use firesteel_common::{Result, SparkError};

/// How tightly a binary operator binds and the function it stands for.
fn binary_operator(symbol: &str) -> Option<(u8, &'static str)> {
    Some(match symbol {
        "=" | "==" => (1, "="),
        "<=>" => (1, "<=>"),
        "<>" | "!=" => (1, "!="),
        "<" => (1, "<"),
        "<=" | "!>" => (1, "<="),
        ">" => (1, ">"),
        ">=" | "!<" => (1, ">="),
        "|" => (2, "|"),
        "^" => (3, "^"),
        "&" => (4, "&"),
        "<<" => (5, "<<"),
        ">>" => (5, ">>"),
        ">>>" => (5, ">>>"),
        "+" => (6, "+"),
        "-" => (6, "-"),
        "||" => (6, "concat"),
        "*" => (7, "*"),
        "/" => (7, "/"),
        "%" => (7, "%"),
        "DIV" => (7, "div"),
        _ => return None,
    })
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(|p| p.logical("OR", |p| p.logical("AND", Self::negation)))
    }

    pub(super) fn expressions(&mut self) -> Result<Vec<Expr>> {
        self.list(Self::expression)
    }

    /// Operands joined by AND or OR. The tree is balanced: generated queries have thousands of them.
    fn logical(
        &mut self,
        operator: &str,
        operand: impl Fn(&mut Self) -> Result<Expr>,
    ) -> Result<Expr> {
        let start = self.start();
        let first = operand(self)?;
        if !self.is(operator) {
            return Ok(first);
        }
        let mut operands = vec![(first, start, self.end())];
        while self.take(operator) {
            let start = self.start();
            operands.push((operand(self)?, start, self.end()));
        }
        Ok(self.balanced(&operator.to_lowercase(), operands))
    }

    fn balanced(&mut self, function: &str, mut operands: Vec<(Expr, usize, usize)>) -> Expr {
        while operands.len() > 1 {
            let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
            let mut pairs = operands.into_iter();
            while let Some((left, start, end)) = pairs.next() {
                let Some((right, _, right_end)) = pairs.next() else {
                    joined.push((left, start, end));
                    break;
                };
                let mut call = self.call(function, vec![left, right], start);
                call.origin = Some(self.origin_between(start, right_end));
                joined.push((call, start, right_end));
            }
            operands = joined;
        }
        match operands.pop() {
            Some((expr, ..)) => expr,
            // Callers hand in at least one operand.
            None => Expr::literal(Literal::Boolean(true)),
        }
    }

    fn negation(&mut self) -> Result<Expr> {
        let start = self.start();
        let is_not = self.is("!") || (self.is("NOT") && self.begins_operand(1));
        if !is_not {
            return self.predicate();
        }
        self.advance();
        let operand = self.nested(Self::negation)?;
        Ok(self.call("not", vec![operand], start))
    }

    /// Whether the token `ahead` may begin an operand; a keyword before it that cannot is a name.
    fn begins_operand(&self, ahead: usize) -> bool {
        match self.kind_ahead(ahead) {
            TokenKind::End | TokenKind::Unrecognized => false,
            TokenKind::Symbol => {
                matches!(self.word_ahead(ahead), "(" | "-" | "+" | "~" | "!" | "*" | "?" | ":")
            }
            _ => !matches!(self.word_ahead(ahead), "AND" | "OR" | "IS" | "AS" | "FROM"),
        }
    }

    /// A value and at most one predicate on it.
    fn predicate(&mut self) -> Result<Expr> {
        let start = self.start();
        let mark = self.size();
        let value = self.value()?;
        let size = self.size() - mark;
        let negated_ahead = usize::from(self.is_one_of(&["NOT", "!"]));
        let negated = negated_ahead == 1;
        if self.is("!") {
            self.refuse_bang()?;
        }
        let word = self.word_ahead(negated_ahead);
        let next = self.word_ahead(negated_ahead + 1);
        match word {
            "BETWEEN" if negated || self.begins_operand(1) => {
                self.advance_by(negated_ahead + 1);
                let lower = self.value()?;
                self.expect("AND")?;
                let upper = self.value()?;
                let call = self.call("between", vec![value, lower, upper], start);
                Ok(self.negated_if(negated, call, start))
            }
            "IN" if next == "(" => {
                self.advance_by(negated_ahead + 1);
                self.in_list(value, negated, start)
            }
            "LIKE" | "ILIKE" if negated || self.begins_operand(1) => {
                self.advance_by(negated_ahead + 1);
                let function = word.to_lowercase();
                if self.is_one_of(&["ANY", "SOME", "ALL"]) && self.word_ahead(1) == "(" {
                    return self.like_quantified(value, size, &function, negated, start);
                }
                let mut args = vec![value, self.value()?];
                if self.take("ESCAPE") {
                    args.push(self.escape_char(start)?);
                }
                let call = self.call(&function, args, start);
                Ok(self.negated_if(negated, call, start))
            }
            "RLIKE" | "REGEXP" if negated || self.begins_operand(1) => {
                self.advance_by(negated_ahead + 1);
                let pattern = self.value()?;
                let call = self.call("rlike", vec![value, pattern], start);
                Ok(self.negated_if(negated, call, start))
            }
            "IS" if !negated && self.kind_ahead(1) != TokenKind::End => {
                self.is_predicate(value, start)
            }
            _ => Ok(value),
        }
    }

    /// `a ! IN (…)` was allowed once; `!` is a prefix operator only.
    fn refuse_bang(&mut self) -> Result<()> {
        let is_infix = matches!(
            self.word_ahead(1),
            "IN" | "LIKE" | "ILIKE" | "RLIKE" | "REGEXP" | "BETWEEN" | "NULL"
        );
        if !is_infix {
            return Ok(());
        }
        let start = self.start();
        self.advance();
        Err(self.bang(start))
    }

    /// `!` in the place of NOT.
    pub(super) fn bang(&self, start: usize) -> SparkError {
        let message = "Support of the clause or keyword: ! has been discontinued in this context. The \
                       '!' keyword is only supported as an alias for the prefix operator 'NOT'.\nUse \
                       the 'NOT' keyword instead for infix clauses such as `NOT LIKE`, `NOT IN`, `NOT \
                       BETWEEN`, etc.";
        let condition = "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT";
        error::at(&self.origin(start), condition, message).with("clause", "!")
    }

    fn advance_by(&mut self, n: usize) {
        (0..n).for_each(|_| self.advance());
    }

    fn negated_if(&mut self, negated: bool, expr: Expr, start: usize) -> Expr {
        if negated { self.call("not", vec![expr], start) } else { expr }
    }

    /// After `IN`: `(a, b)` or `(query)`.
    fn in_list(&mut self, value: Expr, negated: bool, start: usize) -> Result<Expr> {
        // `IN ((query))` is a list of one scalar subquery.
        if self.is_query_paren() && self.word_ahead(1) != "(" {
            self.expect("(")?;
            let query = self.query()?;
            self.expect(")")?;
            let values = match value.node {
                ExprNode::Row(values) => values,
                _ => vec![value],
            };
            let kind = SubqueryKind::In { values, negated };
            return Ok(self.subquery_expr(kind, query, start));
        }
        if self.is_all(&["(", ")"]) {
            self.advance_by(2);
            let message = "Invalid SQL syntax: IN predicate requires at least one value. Empty IN \
                           clauses like 'IN ()' are not allowed. Consider using 'WHERE FALSE' if you \
                           need an always-false condition, or provide at least one value in the IN \
                           list.";
            let condition = "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE";
            return Err(error::at(&self.origin(start), condition, message));
        }
        let mut args = vec![value];
        args.extend(self.paren_list(Self::expression)?);
        let call = self.call("in", args, start);
        Ok(self.negated_if(negated, call, start))
    }

    pub(super) fn subquery_expr(
        &mut self,
        kind: SubqueryKind,
        query: crate::spec::Relation,
        start: usize,
    ) -> Expr {
        let subquery = Subquery { kind, plan: SubqueryPlan::Inline(query) };
        self.expr(ExprNode::Subquery(Box::new(subquery)), start)
    }

    /// Over strings `LIKE ANY (p, q)` is a call of `likeany`, otherwise a disjunction of `like`;
    /// `LIKE ALL` likewise a conjunction; `NOT` negates each part.
    fn like_quantified(
        &mut self,
        value: Expr,
        size: usize,
        function: &str,
        negated: bool,
        start: usize,
    ) -> Result<Expr> {
        let is_all = self.is("ALL");
        self.advance();
        if self.is_all(&["(", ")"]) {
            return Err(error::at(
                &self.origin(start),
                "_LEGACY_ERROR_TEMP_0064",
                "Expected something between '(' and ')'..",
            ));
        }
        let patterns = self.paren_list(Self::expression)?;
        let are_strings = patterns
            .iter()
            .all(|pattern| matches!(pattern.node, ExprNode::Literal(Literal::String(_))));
        if are_strings {
            let quantified = match (negated, is_all) {
                (false, false) => "likeany",
                (false, true) => "likeall",
                (true, false) => "notlikeany",
                (true, true) => "notlikeall",
            };
            return Ok(self.like_strings(quantified, value, patterns, function == "ilike", start));
        }
        self.count_copies(size, patterns.len())?;
        let end = self.end();
        let parts = patterns
            .into_iter()
            .map(|pattern| {
                let call = self.call(function, vec![value.clone(), pattern], start);
                (self.negated_if(negated, call, start), start, end)
            })
            .collect();
        Ok(self.balanced(if is_all { "and" } else { "or" }, parts))
    }

    /// ILIKE compares in lower case.
    fn like_strings(
        &mut self,
        function: &str,
        value: Expr,
        patterns: Vec<Expr>,
        ignore_case: bool,
        start: usize,
    ) -> Expr {
        let value = if ignore_case { self.call("lower", vec![value], start) } else { value };
        let lowered = patterns.into_iter().map(|pattern| match pattern.node {
            ExprNode::Literal(Literal::String(text)) if ignore_case => Expr {
                node: ExprNode::Literal(Literal::String(text.to_lowercase())),
                origin: pattern.origin,
            },
            node => Expr { node, origin: pattern.origin },
        });
        let args = std::iter::once(value).chain(lowered).collect();
        self.call(function, args, start)
    }

    fn escape_char(&mut self, start: usize) -> Result<Expr> {
        let at = self.start();
        let escape = self.string()?;
        if escape.chars().count() != 1 {
            let message = format!(
                "Found an invalid escape string: '{escape}'. The escape string must contain only one \
                 character."
            );
            return Err(error::at(&self.origin(start), "INVALID_ESC", message)
                .with("invalidEscape", format!("'{escape}'")));
        }
        Ok(self.expr(ExprNode::Literal(Literal::String(escape)), at))
    }

    /// `IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM value`.
    fn is_predicate(&mut self, value: Expr, start: usize) -> Result<Expr> {
        let ahead = 1 + usize::from(self.word_ahead(1) == "NOT");
        let negated = ahead == 2;
        if self.word_ahead(1) == "!" {
            self.advance();
            let at = self.start();
            self.advance();
            return Err(self.bang(at));
        }
        let word = self.word_ahead(ahead);
        if !matches!(word, "NULL" | "TRUE" | "FALSE" | "UNKNOWN" | "DISTINCT") {
            self.advance_by(ahead);
            return Err(self.unexpected());
        }
        self.advance_by(ahead + 1);
        Ok(match word {
            "NULL" | "UNKNOWN" => {
                let function = if negated { "isnotnull" } else { "isnull" };
                self.call(function, vec![value], start)
            }
            "DISTINCT" => {
                self.expect("FROM")?;
                let right = self.value()?;
                let call = self.call("<=>", vec![value, right], start);
                self.negated_if(!negated, call, start)
            }
            _ => {
                let truth = Expr::literal(Literal::Boolean(word == "TRUE"));
                let call = self.call("<=>", vec![value, truth], start);
                self.negated_if(negated, call, start)
            }
        })
    }

    /// A value: everything that binds tighter than predicates.
    pub(super) fn value(&mut self) -> Result<Expr> {
        self.nested(|p| p.binary(1))
    }

    /// Precedence climbing over left-associative operators.
    fn binary(&mut self, level_min: u8) -> Result<Expr> {
        let start = self.start();
        let mut left = self.signed()?;
        let mut length = 0;
        while let Some((level, function)) = self.next_operator().filter(|(l, _)| *l >= level_min) {
            length += 1;
            self.check_chain(length)?;
            self.advance();
            let right = self.binary(level + 1)?;
            left = if function == "!=" {
                let equal = self.call("=", vec![left, right], start);
                self.call("not", vec![equal], start)
            } else {
                self.call(function, vec![left, right], start)
            };
        }
        Ok(left)
    }

    fn next_operator(&self) -> Option<(u8, &'static str)> {
        match self.kind() {
            TokenKind::Symbol => binary_operator(self.slice()),
            TokenKind::Word if self.is("DIV") && self.begins_operand(1) => binary_operator("DIV"),
            _ => None,
        }
    }

    /// Signs bind tighter than operators, looser than `::` and `[]`.
    fn signed(&mut self) -> Result<Expr> {
        let start = self.start();
        let function = match self.word() {
            "-" if matches!(self.kind_ahead(1), TokenKind::Number(_)) => return self.primary(),
            "-" => "-",
            "+" => "positive",
            "~" => "~",
            _ => return self.primary(),
        };
        self.advance();
        let operand = self.nested(Self::signed)?;
        Ok(self.call(function, vec![operand], start))
    }

    /// `expression [ASC | DESC] [NULLS FIRST | LAST]`.
    pub(super) fn sort_item(&mut self) -> Result<SortOrder> {
        let child = Box::new(self.expression()?);
        let (ascending, nulls_first) = self.sort_direction()?;
        Ok(SortOrder { child, ascending, nulls_first })
    }

    pub(super) fn sort_direction(&mut self) -> Result<(bool, Option<bool>)> {
        let ascending = self.take_one_of(&["ASC", "DESC"]) != Some("DESC");
        let nulls_first = if self.take("NULLS") {
            match self.take_one_of(&["FIRST", "LAST"]) {
                Some(word) => Some(word == "FIRST"),
                None => return Err(self.unexpected()),
            }
        } else {
            None
        };
        Ok((ascending, nulls_first))
    }

    pub(super) fn sort_items(&mut self) -> Result<Vec<SortOrder>> {
        self.list(Self::sort_item)
    }
}

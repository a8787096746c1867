//! Primary expressions: literals, columns, parentheses, CASE, casts, and what is appended to them.

use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{CastMode, Expr, ExprNode, Literal, Parameter, SubqueryKind};
use firesteel_common::{Result, SparkType};

/// Functions that the standard calls without parentheses.
const BARE_FUNCTIONS: &[&str] =
    &["CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_USER", "SESSION_USER"];

impl Parser<'_> {
    /// A primary and everything appended to it: `.field`, `[index]`, `::type`, `:path`, `COLLATE`.
    pub(super) fn primary(&mut self) -> Result<Expr> {
        let start = self.start();
        let mut expr = self.primary_start()?;
        let mut length = 0;
        loop {
            length += 1;
            self.check_chain(length)?;
            expr = match self.word() {
                "." if self.word_ahead(1) == "*" => {
                    let ExprNode::Attribute { name, .. } = expr.node else {
                        return Err(self.unexpected());
                    };
                    self.advance();
                    self.star(Some(name), start)?
                }
                "." if self.is_name_ahead(1) => {
                    self.advance();
                    let field = self.plain_name()?;
                    if let ExprNode::Attribute { name, plan_id, is_metadata_column } = expr.node {
                        let name = name.into_iter().chain([field]).collect();
                        let node = ExprNode::Attribute { name, plan_id, is_metadata_column };
                        self.expr(node, start)
                    } else {
                        let (child, key) = (Box::new(expr), Box::new(Expr::string(field)));
                        self.expr(ExprNode::ExtractValue { child, key }, start)
                    }
                }
                "[" => {
                    self.advance();
                    let key = Box::new(self.value()?);
                    self.expect("]")?;
                    self.expr(ExprNode::ExtractValue { child: Box::new(expr), key }, start)
                }
                "::" => {
                    self.advance();
                    let to = self.data_type()?;
                    let node = ExprNode::Cast { expr: Box::new(expr), to, mode: CastMode::Session };
                    self.expr(node, start)
                }
                ":" if self.begins_path() => self.variant_path(expr, start)?,
                "COLLATE" if self.is_name_ahead(1) => {
                    self.advance();
                    let name = self.multipart_name()?.join(".");
                    self.call("collate", vec![expr, Expr::string(name)], start)
                }
                _ => return Ok(expr),
            };
        }
    }

    pub(super) fn primary_start(&mut self) -> Result<Expr> {
        match self.kind() {
            TokenKind::Number(_) => self.number(),
            TokenKind::String => self.string_literal(),
            TokenKind::Quoted => self.column_or_call(),
            TokenKind::Word => self.primary_word(),
            TokenKind::Symbol => self.primary_symbol(),
            TokenKind::Unrecognized | TokenKind::End => Err(self.unexpected()),
        }
    }

    fn primary_symbol(&mut self) -> Result<Expr> {
        let start = self.start();
        match self.slice() {
            "-" => self.number(),
            "*" => self.star(None, start),
            "(" if self.is_query_paren() => {
                self.advance();
                let query = self.query()?;
                self.expect(")")?;
                Ok(self.subquery_expr(SubqueryKind::Scalar, query, start))
            }
            "(" if self.is_lambda_list() => {
                let params = self.name_list()?;
                self.lambda(params, start)
            }
            "(" => {
                self.advance();
                let mut items = self.list(Self::named_expression)?;
                self.expect(")")?;
                match items.pop() {
                    Some(item) if items.is_empty() => match item.node {
                        ExprNode::Alias { .. } => Err(self.unexpected()),
                        _ => Ok(item),
                    },
                    last => {
                        items.extend(last);
                        Ok(self.expr(ExprNode::Row(items), start))
                    }
                }
            }
            "?" => {
                self.advance();
                let position = self.n_parameters;
                self.n_parameters += 1;
                let argument = self.arguments.and_then(|own| own.positional.get(position));
                let parameter = ExprNode::Parameter(Parameter::Positional(position));
                Ok(argument.cloned().unwrap_or_else(|| self.expr(parameter, start)))
            }
            ":" => {
                self.advance();
                let name = self.simple_name()?;
                let mut named = self.arguments.iter().flat_map(|own| &own.named);
                let argument = named.find(|(known, _)| *known == name).map(|(_, value)| value);
                if let Some(argument) = argument {
                    return Ok(argument.clone());
                }
                Ok(self.expr(ExprNode::Parameter(Parameter::Named(name)), start))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn primary_word(&mut self) -> Result<Expr> {
        let start = self.start();
        let next = self.word_ahead(1);
        match self.word() {
            "NULL" if next != "(" && next != "." => {
                self.advance();
                Ok(self.expr(ExprNode::Literal(Literal::Null(SparkType::Null)), start))
            }
            word @ ("TRUE" | "FALSE") if next != "(" && next != "." => {
                self.advance();
                Ok(self.expr(ExprNode::Literal(Literal::Boolean(word == "TRUE")), start))
            }
            "CASE" if self.begins_case() => self.case(),
            "INTERVAL" if self.is_interval() => self.interval(),
            _ if self.kind_ahead(1) == TokenKind::String => self.typed_literal(),
            _ if next == "->" => {
                let name = self.plain_name()?;
                self.lambda(vec![name], start)
            }
            word if BARE_FUNCTIONS.contains(&word) && next != "(" && next != "." => {
                self.advance();
                Ok(self.call(&word.to_lowercase(), Vec::new(), start))
            }
            _ => self.column_or_call(),
        }
    }

    fn begins_case(&self) -> bool {
        // `case when` at the end of a text is a column with an alias.
        if self.word_ahead(1) == "WHEN" && self.kind_ahead(2) == TokenKind::End {
            return false;
        }
        match self.kind_ahead(1) {
            TokenKind::End => false,
            TokenKind::Symbol => {
                matches!(self.word_ahead(1), "(" | "-" | "+" | "~" | "?" | "!" | ":")
            }
            _ => !matches!(self.word_ahead(1), "FROM" | "AS" | "IS" | "AND" | "OR" | "IN"),
        }
    }

    /// Both forms of CASE become `when`: condition, value, …, else.
    fn case(&mut self) -> Result<Expr> {
        let start = self.start();
        self.expect("CASE")?;
        let mark = self.size();
        let operand = if self.is("WHEN") { None } else { Some(self.expression()?) };
        let size = self.size() - mark;
        let mut args = Vec::new();
        while self.is("WHEN") {
            let when_start = self.start();
            self.advance();
            let condition = self.expression()?;
            let condition = match &operand {
                Some(operand) => {
                    self.count_copies(size, 1)?;
                    self.call("=", vec![operand.clone(), condition], when_start)
                }
                None => condition,
            };
            self.expect("THEN")?;
            args.extend([condition, self.expression()?]);
        }
        if args.is_empty() {
            return Err(self.unexpected());
        }
        if self.take("ELSE") {
            args.push(self.expression()?);
        }
        self.expect("END")?;
        Ok(self.call("when", args, start))
    }

    /// `*` and `t.*`, with `EXCEPT (…)`.
    fn star(&mut self, target: Option<Vec<String>>, start: usize) -> Result<Expr> {
        self.expect("*")?;
        let except =
            if self.is_all(&["EXCEPT", "("]) && self.is_name_ahead(2) && !self.is_set_operation() {
                self.advance();
                self.paren_list(Self::multipart_name)?
            } else {
                Vec::new()
            };
        Ok(self.expr(ExprNode::Star { target, plan_id: None, except }, start))
    }

    /// `EXCEPT (` after `*` at the end of a select list: a query follows.
    fn is_set_operation(&self) -> bool {
        matches!(self.word_ahead(2), "SELECT" | "FROM" | "TABLE" | "VALUES" | "WITH")
            && self.kind_ahead(3) != TokenKind::Symbol
    }

    /// `(x, y) ->`: two names or more, and an arrow.
    fn is_lambda_list(&self) -> bool {
        let mut ahead = 1;
        while self.is_name_ahead(ahead) && self.word_ahead(ahead + 1) == "," {
            ahead += 2;
        }
        self.is_name_ahead(ahead)
            && self.word_ahead(ahead + 1) == ")"
            && self.word_ahead(ahead + 2) == "->"
    }

    fn lambda(&mut self, params: Vec<String>, start: usize) -> Result<Expr> {
        self.expect("->")?;
        let body = Box::new(self.expression()?);
        Ok(self.expr(ExprNode::Lambda { body, params }, start))
    }

    fn begins_path(&self) -> bool {
        self.is_name_ahead(1) || (self.word_ahead(1) == "[" && !self.is_end())
    }

    /// `a:b.c[0]`: a path into a variant.
    fn variant_path(&mut self, expr: Expr, start: usize) -> Result<Expr> {
        self.expect(":")?;
        let mut path = String::from("$");
        // The last field of the path, which names the column.
        let mut name = None;
        if self.is_name() {
            let kind = self.kind();
            path_field(&mut path, kind, name.insert(self.plain_name()?));
        }
        loop {
            if self.is(".") && self.is_name_ahead(1) {
                self.advance();
                let kind = self.kind();
                path_field(&mut path, kind, name.insert(self.plain_name()?));
            } else if self.is("[") {
                let from = self.start();
                self.advance();
                if self.is_string() {
                    name = Some(self.single_string()?);
                } else if self.is("*") {
                    self.advance();
                } else {
                    self.integer()?;
                }
                self.expect("]")?;
                path.push_str(self.text_from(from));
            } else {
                break;
            }
        }
        let args = vec![expr, Expr::string(path), Expr::string("variant")];
        let value = self.call("variant_get", args, start);
        let Some(name) = name else { return Ok(value) };
        let names = vec![name];
        Ok(self.expr(ExprNode::Alias { expr: Box::new(value), names, metadata: None }, start))
    }

    /// `expression [[AS] alias | AS (a, b)]`.
    pub(super) fn named_expression(&mut self) -> Result<Expr> {
        let start = self.start();
        let expr = self.expression()?;
        // At the end of a text `AS` is a name itself.
        let names = if self.kind_ahead(1) != TokenKind::End && self.take("AS") {
            if self.is("(") { self.name_list()? } else { vec![self.name()?] }
        } else if self.is_name() && !self.ends_select_item() {
            vec![self.name()?]
        } else if self.is("(") {
            self.name_list()?
        } else {
            return Ok(expr);
        };
        Ok(self.expr(ExprNode::Alias { expr: Box::new(expr), names, metadata: None }, start))
    }

    /// Whether the word that is next goes on with the statement rather than being an alias without AS.
    fn ends_select_item(&self) -> bool {
        if self.kind() != TokenKind::Word {
            return false;
        }
        // The last word of a text begins nothing: `SELECT 1 FROM` selects a column called `FROM`.
        if self.kind_ahead(1) == TokenKind::End {
            return false;
        }
        match self.word() {
            "FROM" | "AS" | "AND" | "OR" | "FOR" | "WHEN" | "THEN" | "ELSE" | "END" | "USING" => {
                true
            }
            // Inside aggregates of PIVOT and calls.
            "IN" | "IS" | "BETWEEN" => true,
            "IGNORE" | "RESPECT" => self.word_ahead(1) == "NULLS",
            _ => self.begins_clause(),
        }
    }
}

/// A field of a path; one that is no plain identifier is put in brackets.
fn path_field(path: &mut String, kind: TokenKind, name: &str) {
    if kind == TokenKind::Quoted {
        path.push_str(&format!("['{}']", name.replace('\'', "\\'")));
    } else {
        path.push('.');
        path.push_str(name);
    }
}

//! Columns and function calls, with the calls that have a grammar of their own (CAST, EXTRACT, …).

use super::error;
use super::parser::Parser;
use super::token::TokenKind;
use crate::spec::{CastMode, Expr, ExprNode, Function, Literal, SubqueryKind};
use firesteel_common::Result;

/// Units of TIMESTAMPADD and TIMESTAMPDIFF.
const UNITS: &[&str] = &[
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAY",
    "DAYOFYEAR",
    "HOUR",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
    "MICROSECOND",
];

impl Parser<'_> {
    /// A column, or a call if the (qualified) name stands before a parenthesis.
    pub(super) fn column_or_call(&mut self) -> Result<Expr> {
        let start = self.start();
        if self.word_ahead(1) == "(" && self.kind() == TokenKind::Word {
            if let Some(expr) = self.special_call(start)? {
                return Ok(expr);
            }
        }
        let mut name = vec![self.plain_name()?];
        // `a.b.c(…)`: the dots belong to the name only if a call ends it.
        let mut ahead = 0;
        while self.word_ahead(ahead) == "." && self.is_name_ahead(ahead + 1) {
            ahead += 2;
        }
        if self.word_ahead(ahead) == "(" {
            while self.take(".") {
                name.push(self.plain_name()?);
            }
            return self.call_arguments(name, start);
        }
        let node = ExprNode::Attribute { name, plan_id: None, is_metadata_column: false };
        Ok(self.expr(node, start))
    }

    /// Calls with a grammar of their own; none if this is an ordinary call after all.
    fn special_call(&mut self, start: usize) -> Result<Option<Expr>> {
        let found = match self.word() {
            "CAST" | "TRY_CAST" => self.cast(start)?,
            "EXISTS" => {
                let name = self.plain_name()?;
                if !self.is_query_paren() {
                    return self.call_arguments(vec![name], start).map(Some);
                }
                self.expect("(")?;
                let query = self.query()?;
                self.expect(")")?;
                self.subquery_expr(SubqueryKind::Exists, query, start)
            }
            "STRUCT" => {
                self.advance();
                self.expect("(")?;
                let args =
                    if self.is(")") { Vec::new() } else { self.list(Self::named_expression)? };
                self.expect(")")?;
                self.call("struct", args, start)
            }
            "EXTRACT" => {
                self.advance();
                self.expect("(")?;
                let field_start = self.start();
                if self.is_string() {
                    // `extract('year', x)` is an ordinary call of the function.
                    let args = self.expressions()?;
                    self.expect(")")?;
                    return Ok(Some(self.call("extract", args, start)));
                }
                let field = self.simple_name()?;
                let field = self.expr(ExprNode::Literal(Literal::String(field)), field_start);
                self.expect("FROM")?;
                let source = self.value()?;
                self.expect(")")?;
                self.call("extract", vec![field, source], start)
            }
            "SUBSTR" | "SUBSTRING" => return self.substring(start),
            "TRIM" => return self.trim(start),
            "OVERLAY" => return self.overlay(start),
            "POSITION" => return self.position(start),
            "TIMESTAMPADD" | "DATEADD" | "DATE_ADD" => {
                return self.unit_call("timestampadd", start);
            }
            "TIMESTAMPDIFF" | "DATEDIFF" | "DATE_DIFF" | "TIMEDIFF" => {
                return self.unit_call("timestampdiff", start);
            }
            "IDENTIFIER" => {
                self.advance();
                self.expect("(")?;
                let name = self.expression()?;
                self.expect(")")?;
                let identifier = self.expr(ExprNode::Identifier(Box::new(name)), start);
                if self.is("(") { self.identifier_call(identifier, start)? } else { identifier }
            }
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    fn cast(&mut self, start: usize) -> Result<Expr> {
        let mode = if self.is("TRY_CAST") { CastMode::Try } else { CastMode::Session };
        self.advance();
        self.expect("(")?;
        let expr = Box::new(self.expression()?);
        self.expect("AS")?;
        let to = self.data_type()?;
        self.expect(")")?;
        Ok(self.expr(ExprNode::Cast { expr, to, mode }, start))
    }

    /// `name(a FROM b FOR c)`: after the first operand the word decides between the two grammars.
    fn substring(&mut self, start: usize) -> Result<Option<Expr>> {
        let name = self.plain_name()?;
        self.expect("(")?;
        let mut args = if self.is(")") { Vec::new() } else { vec![self.function_argument()?] };
        if args.len() == 1 && self.take("FROM") {
            args.push(self.value()?);
            if self.take("FOR") {
                args.push(self.value()?);
            }
            self.expect(")")?;
            return Ok(Some(self.call("substring", args, start)));
        }
        self.call_rest(vec![name], args, start).map(Some)
    }

    /// `TRIM([BOTH | LEADING | TRAILING] [characters] FROM text)`.
    fn trim(&mut self, start: usize) -> Result<Option<Expr>> {
        let name = self.plain_name()?;
        self.expect("(")?;
        let sided = !matches!(self.word_ahead(1), ")" | "," | "." | "(" | "[" | "::" | "||" | "+");
        let side = if sided { self.take_one_of(&["BOTH", "LEADING", "TRAILING"]) } else { None };
        let function = match side {
            Some("LEADING") => "ltrim",
            Some("TRAILING") => "rtrim",
            _ => "trim",
        };
        let mut args = Vec::new();
        if self.is("FROM") && side.is_some() {
            self.advance();
            let text = self.value()?;
            self.expect(")")?;
            return Ok(Some(self.call(function, vec![text], start)));
        }
        if !self.is(")") {
            let characters = self.function_argument()?;
            if self.take("FROM") {
                let text = self.value()?;
                self.expect(")")?;
                // The function takes the characters first.
                return Ok(Some(self.call(function, vec![characters, text], start)));
            }
            args.push(characters);
        }
        if side.is_some() {
            return Err(self.unexpected());
        }
        self.call_rest(vec![name], args, start).map(Some)
    }

    /// `OVERLAY(text PLACING new FROM position [FOR length])`.
    fn overlay(&mut self, start: usize) -> Result<Option<Expr>> {
        let name = self.plain_name()?;
        self.expect("(")?;
        let mut args = Vec::new();
        if !self.is(")") {
            args.push(self.function_argument()?);
            if self.take("PLACING") {
                args.push(self.value()?);
                self.expect("FROM")?;
                args.push(self.value()?);
                if self.take("FOR") {
                    args.push(self.value()?);
                }
                self.expect(")")?;
                return Ok(Some(self.call("overlay", args, start)));
            }
        }
        self.call_rest(vec![name], args, start).map(Some)
    }

    /// `POSITION(piece IN text)`.
    fn position(&mut self, start: usize) -> Result<Option<Expr>> {
        let name = self.plain_name()?;
        self.expect("(")?;
        let mut args = Vec::new();
        if !self.is(")") {
            // A value, not an expression: IN is no predicate here.
            let piece = self.value()?;
            if self.take("IN") {
                let text = self.value()?;
                self.expect(")")?;
                let first = Expr::literal(Literal::Integer(1));
                return Ok(Some(self.call("locate", vec![piece, text, first], start)));
            }
            args.push(piece);
        }
        self.call_rest(vec![name], args, start).map(Some)
    }

    /// `TIMESTAMPADD(unit, amount, time)`; without a unit an ordinary call.
    fn unit_call(&mut self, function: &str, start: usize) -> Result<Option<Expr>> {
        if self.kind_ahead(2) == TokenKind::String {
            return self.call_with_quoted_unit(start).map(Some);
        }
        if !UNITS.contains(&self.word_ahead(2)) || self.word_ahead(3) != "," {
            return Ok(None);
        }
        self.advance();
        self.expect("(")?;
        let unit_start = self.start();
        let unit = self.plain_name()?;
        let mut args = vec![self.expr(ExprNode::Literal(Literal::String(unit)), unit_start)];
        for _ in 0..2 {
            self.expect(",")?;
            args.push(self.value()?);
        }
        self.expect(")")?;
        Ok(Some(self.call(function, args, start)))
    }

    /// `datediff('2020-01-01', x)` is an ordinary call; with three arguments the unit is quoted in vain.
    fn call_with_quoted_unit(&mut self, start: usize) -> Result<Expr> {
        let unit = self.slice_ahead(2);
        let name = self.plain_name()?;
        let call = self.call_arguments(vec![name.clone()], start)?;
        let ExprNode::Function(Function { args, .. }) = &call.node else { return Ok(call) };
        if args.len() != 3 {
            return Ok(call);
        }
        let message = format!(
            "The value of parameter(s) `unit` in `{name}` is invalid: expects one of the units without \
             quotes {}, but got the string literal {unit}.",
            UNITS.join(", ")
        );
        let condition = "INVALID_PARAMETER_VALUE.DATETIME_UNIT";
        Err(error::at(&self.origin(start), condition, message)
            .with("functionName", format!("`{name}`"))
            .with("parameter", "`unit`")
            .with("invalidValue", unit))
    }

    /// `IDENTIFIER('f')(args)`: only constant strings can be called.
    fn identifier_call(&mut self, identifier: Expr, start: usize) -> Result<Expr> {
        let ExprNode::Identifier(name) = identifier.node else { return Err(self.unexpected()) };
        let name = self.name_of(&name)?;
        self.call_arguments(name, start)
    }

    /// An argument: an expression, `name => value`, or a table.
    pub(super) fn function_argument(&mut self) -> Result<Expr> {
        let start = self.start();
        if self.is_name() && self.word_ahead(1) == "=>" {
            let name = self.plain_name()?;
            self.expect("=>")?;
            let value = Box::new(self.function_argument()?);
            return Ok(self.expr(ExprNode::Named { name, value }, start));
        }
        if self.is("TABLE") && self.begins_table_argument() {
            return self.table_argument(start);
        }
        self.expression()
    }

    /// From `(` to the end of a call: arguments, WITHIN GROUP, FILTER, nulls, OVER.
    fn call_arguments(&mut self, name: Vec<String>, start: usize) -> Result<Expr> {
        self.expect("(")?;
        let mut function = Function { name, ..Function::new("", Vec::new()) };
        if !self.is(")") {
            match self.word() {
                "DISTINCT" if !matches!(self.word_ahead(1), ")" | "," | "." | "(") => {
                    self.advance();
                    function.distinct = true;
                }
                "DISTINCT" if self.word_ahead(1) == "(" => {
                    self.advance();
                    function.distinct = true;
                }
                "ALL" if !matches!(self.word_ahead(1), ")" | "," | ".") => self.advance(),
                _ => {}
            }
            function.args = self.list(Self::function_argument)?;
        }
        self.finish_call(function, start)
    }

    /// The same with the first arguments read already: after a grammar of its own turned out to be
    /// an ordinary call. Reading them again would cost 2ⁿ for n such calls inside one another.
    fn call_rest(&mut self, name: Vec<String>, args: Vec<Expr>, start: usize) -> Result<Expr> {
        let mut function = Function { name, args, ..Function::new("", Vec::new()) };
        while !function.args.is_empty() && self.take(",") {
            function.args.push(self.function_argument()?);
        }
        self.finish_call(function, start)
    }

    fn finish_call(&mut self, mut function: Function, start: usize) -> Result<Expr> {
        self.take_nulls_option(&mut function);
        self.expect(")")?;
        if self.take_all(&["WITHIN", "GROUP"]) {
            self.expect_all(&["(", "ORDER", "BY"])?;
            function.within_group = self.sort_items()?;
            self.expect(")")?;
        }
        if self.take_all(&["FILTER", "(", "WHERE"]) {
            function.filter = Some(Box::new(self.expression()?));
            self.expect(")")?;
        }
        self.take_nulls_option(&mut function);
        let call = self.expr(ExprNode::Function(function), start);
        // `OVER` without a window after it is an alias.
        if self.is("OVER") && (self.word_ahead(1) == "(" || self.is_name_ahead(1)) {
            self.advance();
            return self.over(call, start);
        }
        Ok(call)
    }

    fn take_nulls_option(&mut self, function: &mut Function) {
        if self.take_all(&["IGNORE", "NULLS"]) {
            function.ignore_nulls = Some(true);
        } else if self.take_all(&["RESPECT", "NULLS"]) {
            function.ignore_nulls = Some(false);
        }
    }
}

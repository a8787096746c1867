//! Windows: `OVER (…)`, frames, and the WINDOW clause.

use super::error;
use super::parser::Parser;
use crate::spec::{Expr, ExprNode, FrameBound, Literal, Window, WindowFrame};
use firesteel_common::{Result, SparkError};

impl Parser<'_> {
    /// After OVER: a window of `function`.
    pub(super) fn over(&mut self, function: Expr, start: usize) -> Result<Expr> {
        let window = self.window_spec(function)?;
        Ok(self.expr(ExprNode::Window(Box::new(window)), start))
    }

    /// `w`, `(w)` or `(PARTITION BY … ORDER BY … frame)`.
    fn window_spec(&mut self, function: Expr) -> Result<Window> {
        let mut window = Window {
            function,
            partition_by: Vec::new(),
            order_by: Vec::new(),
            frame: None,
            reference: None,
        };
        if !self.is("(") {
            window.reference = Some(self.name()?);
            return Ok(window);
        }
        self.expect("(")?;
        if self.is_name() && self.word_ahead(1) == ")" {
            window.reference = Some(self.name()?);
            self.expect(")")?;
            return Ok(window);
        }
        if self.take_all(&["CLUSTER", "BY"])
            || self.take_all(&["PARTITION", "BY"])
            || self.take_all(&["DISTRIBUTE", "BY"])
        {
            window.partition_by = self.expressions()?;
        }
        if self.take_all(&["ORDER", "BY"]) || self.take_all(&["SORT", "BY"]) {
            window.order_by = self.sort_items()?;
        }
        if let Some(unit) = self.take_one_of(&["ROWS", "RANGE"]) {
            window.frame = Some(self.frame(unit == "ROWS")?);
        }
        self.expect(")")?;
        Ok(window)
    }

    fn frame(&mut self, rows: bool) -> Result<WindowFrame> {
        if self.take("BETWEEN") {
            let lower = self.frame_bound(true)?;
            self.expect("AND")?;
            let upper = self.frame_bound(false)?;
            return Ok(WindowFrame { rows, lower, upper });
        }
        Ok(WindowFrame { rows, lower: self.frame_bound(true)?, upper: FrameBound::CurrentRow })
    }

    /// `UNBOUNDED PRECEDING`, `CURRENT ROW`, `n FOLLOWING`. `spec` has no place for a lower bound that
    /// is unbounded following (nor an upper one that is unbounded preceding); Spark refuses both.
    fn frame_bound(&mut self, is_lower: bool) -> Result<FrameBound> {
        if self.is("UNBOUNDED") && matches!(self.word_ahead(1), "PRECEDING" | "FOLLOWING") {
            self.advance();
            let is_preceding = self.expect_one_of(&["PRECEDING", "FOLLOWING"])? == "PRECEDING";
            if is_preceding != is_lower {
                let message = "The lower bound of a window frame must be less than or equal to the \
                               upper bound.";
                let condition = "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON";
                self.fault(SparkError::analysis(condition, message));
            }
            return Ok(FrameBound::Unbounded);
        }
        if self.take_all(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let start = self.start();
        let offset = self.value()?;
        let is_foldable = matches!(
            &offset.node,
            ExprNode::Literal(_) | ExprNode::Parameter(_) | ExprNode::Cast { .. }
        ) || is_signed_literal(&offset);
        if !is_foldable && has_columns_or_unknown_calls(&offset) {
            let message = "Frame bound value must be a literal..";
            let error = error::at(&self.origin(start), "_LEGACY_ERROR_TEMP_0064", message);
            self.fault(error);
        }
        if self.take("FOLLOWING") {
            return Ok(FrameBound::Value(Box::new(offset)));
        }
        self.expect("PRECEDING")?;
        // Not a negative literal: that one is what `rowsBetween(-1, 0)` sends, and its name differs.
        let negated = self.call("negative", vec![offset], start);
        Ok(FrameBound::Value(Box::new(negated)))
    }

    /// After WINDOW: `w AS (…), v AS (…)`. The function of such a window is a mere place holder.
    pub(super) fn window_definitions(&mut self) -> Result<Vec<(String, Window)>> {
        let start = self.start();
        let windows = self.list(|p| {
            let name = p.name()?;
            p.expect("AS")?;
            let nothing = Expr::literal(Literal::Null(firesteel_common::SparkType::Null));
            Ok((name, p.window_spec(nothing)?))
        })?;
        for (_, window) in &windows {
            let Some(reference) = &window.reference else { continue };
            let target = windows.iter().find(|(name, _)| name.eq_ignore_ascii_case(reference));
            let (kind, what) = match target {
                None => (
                    "UNRESOLVED_WINDOW_REFERENCE",
                    format!("Cannot resolve window reference `{reference}`."),
                ),
                Some((_, target)) if target.reference.is_some() => (
                    "INVALID_WINDOW_REFERENCE",
                    format!("Window reference `{reference}` is not a window specification."),
                ),
                Some(_) => continue,
            };
            let fault = error::invalid_syntax(&self.origin(start), kind, &what);
            self.fault(fault.with("windowName", format!("`{reference}`")));
        }
        for (at, (name, _)) in windows.iter().enumerate() {
            if windows[..at].iter().any(|(other, _)| other == name) {
                let message =
                    format!("Invalid SQL syntax: The definition of window `{name}` is repetitive.");
                let condition = "INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION";
                let error = error::at(&self.origin(start), condition, message);
                self.fault(error.with("windowName", format!("`{name}`")));
            }
        }
        Ok(windows)
    }
}

/// `- 1` and `+ 1`.
fn is_signed_literal(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Function(function) => {
            matches!(function.name.as_slice(), [name] if matches!(name.as_str(), "-" | "positive" | "+"))
                && function.args.iter().all(|arg| matches!(arg.node, ExprNode::Literal(_)))
        }
        _ => false,
    }
}

/// What is no constant whatever it means: columns, and calls that are no operators.
fn has_columns_or_unknown_calls(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Attribute { .. } => true,
        ExprNode::Function(function) => {
            let is_operator = matches!(
                function.name.as_slice(),
                [name] if !name.chars().all(|c| c == '_' || c.is_alphanumeric()) || matches!(name.as_str(), "div" | "positive")
            );
            !is_operator || function.args.iter().any(has_columns_or_unknown_calls)
        }
        _ => false,
    }
}

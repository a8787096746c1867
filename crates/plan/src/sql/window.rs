//! Windows: `OVER (…)`, frames, and the WINDOW clause.

use super::error;
use super::parser::Parser;
use crate::spec::{Expr, ExprNode, FrameBound, Literal, Window, WindowFrame};
use firesteel_common::Result;

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
        if self.take("UNBOUNDED") {
            self.expect(if is_lower { "PRECEDING" } else { "FOLLOWING" })?;
            return Ok(FrameBound::Unbounded);
        }
        if self.take_all(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let start = self.start();
        let offset = self.value()?;
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
        for (at, (name, _)) in windows.iter().enumerate() {
            if windows[..at].iter().any(|(other, _)| other == name) {
                let message =
                    format!("Invalid SQL syntax: The definition of window `{name}` is repetitive.");
                let condition = "INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION";
                return Err(error::at(&self.origin(start), condition, message)
                    .with("windowName", format!("`{name}`")));
            }
        }
        Ok(windows)
    }
}

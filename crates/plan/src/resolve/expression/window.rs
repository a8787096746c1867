//! `function OVER (…)`.

use super::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::{Resolver, argument_naming};
use crate::spec::{self, ExprNode, FrameBound, Literal, WindowFrame as Frame};
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{
    AggregateFunctionParams, Sort, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::{
    Expr, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use firesteel_common::{Result, SparkError};
use firesteel_functions::{Builder, filtered, lookup};
use std::sync::Arc;

/// The OVER clause, resolved.
struct Specification {
    partition_by: Vec<Expr>,
    order_by: Vec<Sort>,
    /// PARTITION BY and ORDER BY as the generated name shows them.
    name: String,
    /// The same, one by one.
    keys: Vec<String>,
    order_type: Option<DataType>,
}

impl Resolver<'_> {
    pub(super) fn window(
        &mut self,
        window: &spec::Window,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        if let Clause::Where | Clause::Having = context.clause {
            let clause = if context.clause == Clause::Where { "WHERE" } else { "HAVING" };
            return Err(SparkError::analysis(
                "WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE",
                format!("It is not allowed to use window functions inside the {clause} clause."),
            )
            .with("clauseName", clause));
        }
        let defined = self.window_definition(window)?;
        let window = defined.as_ref().unwrap_or(window);
        let ExprNode::Function(function) = &window.function.node else {
            return match &window.function.node {
                ExprNode::Python(_) => {
                    let specification = self.window_specification(window, context)?;
                    self.windowed_aggregate(&window.function, window, specification, context)
                }
                ExprNode::Alias { expr, .. } => {
                    let inner = spec::Window { function: expr.as_ref().clone(), ..window.clone() };
                    self.window(&inner, context)
                }
                _ => {
                    let resolved = self.expr(&window.function, context)?;
                    Err(unsupported_in_window(&resolved.name))
                }
            };
        };
        let specification = self.window_specification(window, context)?;
        let name = self.builtin_name(function)?;
        match lookup(&name).map(|found| (found, &found.builder)) {
            Some((found, Builder::Window(build))) => {
                let args = self.args(&function.args, context)?;
                if function.distinct {
                    return Err(distinct_unsupported(&name));
                }
                // The DataFrame API says IGNORE NULLS with a third argument.
                let ignores = is_nth_ignoring_nulls(&name, &args);
                let mut shown = match ignores {
                    true => self.call_name(&name, &args[..2]),
                    false => self.call_name(&name, &args),
                };
                if self.in_python_args {
                    shown = window_call_as_argument(&name, &shown, &args);
                }
                let mut call = build(self.call(found, &args))?;
                if function.ignore_nulls == Some(true) {
                    call = call.ignoring_nulls();
                }
                if (function.ignore_nulls == Some(true) || ignores) && !call.fixed_frame {
                    shown.push_str(" ignore nulls");
                }
                let (frame, frame_name) = if call.fixed_frame {
                    self.fixed_frame(&name, window, &args, context)?
                } else {
                    self.frame(window, &specification, context)?
                };
                let shown = self.over(&shown, &specification, &frame_name);
                let expr = Expr::WindowFunction(Box::new(WindowFunction {
                    fun: call.function,
                    params: WindowFunctionParams {
                        args: call.args,
                        partition_by: specification.partition_by,
                        order_by: specification.order_by,
                        window_frame: frame,
                        filter: None,
                        null_treatment: None,
                        distinct: false,
                    },
                }));
                self.typed(expr, shown, context)
            }
            Some((_, Builder::Aggregate(_))) => {
                self.windowed_aggregate(&window.function, window, specification, context)
            }
            None if self.env.registered_function(&name).is_some() => {
                self.windowed_aggregate(&window.function, window, specification, context)
            }
            _ => {
                let resolved = self.function(function, context)?;
                Err(unsupported_in_window(&resolved.name))
            }
        }
    }

    /// An aggregate function, built in or in Python, with OVER.
    fn windowed_aggregate(
        &mut self,
        function: &spec::Expr,
        window: &spec::Window,
        specification: Specification,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let was = std::mem::replace(&mut context.in_window, true);
        let aggregate = self.expr(function, context);
        context.in_window = was;
        let aggregate = aggregate?;
        if matches!(&function.node, ExprNode::Function(function) if function.distinct) {
            return Err(distinct_in_window(&aggregate.name));
        }
        if !super::aggregates::contains_aggregate(&aggregate.expr) {
            return Err(unsupported_in_window(&aggregate.name));
        }
        let (frame, frame_name) = self.frame(window, &specification, context)?;
        let shown = self.over(&aggregate.name, &specification, &frame_name);
        let expr = as_window_function(aggregate.expr, &specification, &frame)?;
        self.typed(expr, shown, context)
    }

    /// `OVER w`: the window called `w`, with this function.
    fn window_definition(&self, window: &spec::Window) -> Result<Option<spec::Window>> {
        let Some(reference) = &window.reference else { return Ok(None) };
        let found = self
            .windows
            .iter()
            .rev()
            .flatten()
            .find(|(name, _)| self.settings.same_name(name, reference));
        let Some((_, definition)) = found else {
            return Err(SparkError::analysis(
                "MISSING_WINDOW_SPECIFICATION",
                format!(
                    "Window specification is not defined in the WINDOW clause for {reference}."
                ),
            )
            .with("windowName", reference.clone()));
        };
        let mut merged = spec::Window {
            function: window.function.clone(),
            reference: None,
            ..definition.clone()
        };
        if !window.partition_by.is_empty() {
            merged.partition_by.clone_from(&window.partition_by);
        }
        if !window.order_by.is_empty() {
            merged.order_by.clone_from(&window.order_by);
        }
        if window.frame.is_some() {
            merged.frame.clone_from(&window.frame);
        }
        // A definition may itself name another one.
        if let Some(next) = &definition.reference
            && !self.settings.same_name(next, reference)
        {
            merged.reference = Some(next.clone());
            return self.window_definition(&merged);
        }
        Ok(Some(merged))
    }

    fn window_specification(
        &mut self,
        window: &spec::Window,
        context: &mut ExprContext,
    ) -> Result<Specification> {
        let mut partition_by = Vec::new();
        let mut partition_names = Vec::new();
        for expr in &window.partition_by {
            let resolved = self.expr(expr, context)?;
            partition_by.push(self.ordering_key(&resolved)?);
            partition_names.push(resolved.name);
        }
        let mut order_by = Vec::new();
        let mut order_names = Vec::new();
        for order in &window.order_by {
            let (sort, name) = self.sort_order(order, context)?;
            order_by.push(sort);
            order_names.push(name);
        }
        let order_type = match order_by.first() {
            Some(first) => {
                let typed = self.typed(first.expr.clone(), String::new(), context)?;
                Some(typed.field.data_type().clone())
            }
            None => None,
        };
        let mut name = String::new();
        if !partition_names.is_empty() {
            name.push_str(&format!("PARTITION BY {} ", partition_names.join(", ")));
        }
        if !order_names.is_empty() {
            name.push_str(&format!("ORDER BY {} ", order_names.join(", ")));
        }
        let keys = [partition_names, order_names].concat();
        Ok(Specification { partition_by, order_by, name, keys, order_type })
    }

    /// The frame that `rank`, `lag` and their like have whatever the user asks for.
    fn fixed_frame(
        &mut self,
        name: &str,
        window: &spec::Window,
        args: &[ResolvedExpr],
        _context: &mut ExprContext,
    ) -> Result<(WindowFrame, String)> {
        let to_current = WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
            WindowFrameBound::CurrentRow,
        );
        if window.order_by.is_empty() {
            return Err(SparkError::analysis(
                "WINDOW_FUNCTION_FRAME_NOT_ORDERED",
                format!(
                    "Window function {name}() requires window to be ordered, please add ORDER BY \
                     clause. For example SELECT {name}()(value_expr) OVER (PARTITION BY \
                     window_partition ORDER BY window_ordering) from table."
                ),
            )
            .with("wf", format!("{name}()")));
        }
        if let Some(frame) = &window.frame {
            check_fixed_frame(name, frame)?;
        }
        let shown = match name {
            "lag" | "lead" => {
                let offset = args.get(1).map_or("1", |offset| offset.name.as_str());
                let bound = match name {
                    "lead" => offset.to_owned(),
                    _ => match offset.strip_prefix('-') {
                        Some(positive) => positive.to_owned(),
                        None if offset == "0" => offset.to_owned(),
                        None => format!("-{offset}"),
                    },
                };
                if self.in_python_args {
                    argument_naming::frame(true, &bound, &bound)
                } else {
                    format!("ROWS BETWEEN {bound} FOLLOWING AND {bound} FOLLOWING")
                }
            }
            _ if self.in_python_args => argument_naming::frame(
                name != "cume_dist",
                argument_naming::UNBOUNDED_PRECEDING,
                argument_naming::CURRENT_ROW,
            ),
            "cume_dist" => "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW".to_owned(),
            _ => "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW".to_owned(),
        };
        Ok((to_current, shown))
    }

    fn frame(
        &mut self,
        window: &spec::Window,
        specification: &Specification,
        context: &mut ExprContext,
    ) -> Result<(WindowFrame, String)> {
        let unbounded = || ScalarValue::UInt64(None);
        let Some(frame) = &window.frame else {
            let preceding = WindowFrameBound::Preceding(unbounded());
            return Ok(if specification.order_by.is_empty() {
                let following = WindowFrameBound::Following(unbounded());
                let frame = WindowFrame::new_bounds(WindowFrameUnits::Rows, preceding, following);
                let names = self.bound_names();
                (frame, self.frame_name(true, names.preceding, names.following))
            } else {
                let current = WindowFrameBound::CurrentRow;
                let frame = WindowFrame::new_bounds(WindowFrameUnits::Range, preceding, current);
                let names = self.bound_names();
                (frame, self.frame_name(false, names.preceding, names.current))
            });
        };
        let (lower, lower_name) = self.bound(frame, &frame.lower, true, specification, context)?;
        let (upper, upper_name) = self.bound(frame, &frame.upper, false, specification, context)?;
        let units = if frame.rows { WindowFrameUnits::Rows } else { WindowFrameUnits::Range };
        if !frame.rows && specification.order_by.is_empty() && !is_unbounded(frame) {
            return Err(frame_mismatch(
                "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER",
                "A range window frame cannot be used in an unordered window specification.",
            ));
        }
        let is_value = |bound: &FrameBound| matches!(bound, FrameBound::Value(_));
        let has_value = is_value(&frame.lower) || is_value(&frame.upper);
        if !frame.rows && specification.order_by.len() > 1 && has_value {
            return Err(frame_mismatch(
                "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER",
                "A range window frame with value boundaries cannot be used in a window \
                 specification with multiple order by expressions.",
            ));
        }
        if is_behind(&lower, &upper) {
            return Err(frame_mismatch(
                "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON",
                "The lower bound of a window frame must be less than or equal to the upper bound.",
            ));
        }
        let shown = self.frame_name(frame.rows, &lower_name, &upper_name);
        // Whole partition: RANGE needs no order then, but DataFusion wants one.
        let units = if is_unbounded(frame) { WindowFrameUnits::Rows } else { units };
        Ok((WindowFrame::new_bounds(units, lower, upper), shown))
    }

    fn bound(
        &mut self,
        frame: &Frame,
        bound: &FrameBound,
        is_lower: bool,
        specification: &Specification,
        context: &mut ExprContext,
    ) -> Result<(WindowFrameBound, String)> {
        let names = self.bound_names();
        let value = match bound {
            FrameBound::CurrentRow => {
                return Ok((WindowFrameBound::CurrentRow, names.current.into()));
            }
            FrameBound::Unbounded if is_lower => {
                let bound = WindowFrameBound::Preceding(ScalarValue::UInt64(None));
                return Ok((bound, names.preceding.into()));
            }
            FrameBound::Unbounded => {
                let bound = WindowFrameBound::Following(ScalarValue::UInt64(None));
                return Ok((bound, names.following.into()));
            }
            FrameBound::Value(value) => value,
        };
        let resolved = self.expr(value, context)?;
        let shown = match &value.node {
            _ if self.in_python_args => resolved.name.clone(),
            ExprNode::Function(negated)
                if matches!(negated.name.last().map(String::as_str), Some("-" | "negative"))
                    && negated.args.len() == 1
                    && (frame.rows
                        || Some(resolved.field.data_type())
                            == specification.order_type.as_ref()
                        || specification
                            .order_type
                            .as_ref()
                            .is_some_and(DataType::is_temporal)) =>
            {
                format!("{} PRECEDING", self.expr(&negated.args[0], context)?.name)
            }
            _ => format!("{} FOLLOWING", resolved.name),
        };
        let scalar = self.constant(&resolved.expr)?;
        if scalar.is_null() {
            return Err(frame_mismatch(
                "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
                "The data type of a window frame bound does not match the expected type.",
            ));
        }
        let (is_negative, magnitude) = if frame.rows {
            rows_offset(&scalar)?
        } else {
            range_offset(&scalar, specification.order_type.as_ref())?
        };
        let bound = if is_negative {
            WindowFrameBound::Preceding(magnitude)
        } else {
            WindowFrameBound::Following(magnitude)
        };
        Ok((bound, shown))
    }
}

/// # Errors
/// The user's frame is not the one that the function has anyway.
fn check_fixed_frame(name: &str, frame: &Frame) -> Result<()> {
    let rows = name != "cume_dist";
    let offsets = matches!(name, "lag" | "lead");
    if !offsets
        && frame.rows == rows
        && frame.lower == FrameBound::Unbounded
        && frame.upper == FrameBound::CurrentRow
    {
        return Ok(());
    }
    if offsets {
        let message = format!("Cannot specify window frame for {name} function.");
        return Err(
            SparkError::analysis("_LEGACY_ERROR_TEMP_1035", message).with("prettyName", name)
        );
    }
    let units = |rows: bool| if rows { "RowFrame" } else { "RangeFrame" };
    let bound = |bound: &FrameBound, unbounded: &str| match bound {
        FrameBound::CurrentRow => "currentrow$()".to_owned(),
        FrameBound::Unbounded => format!("{unbounded}$()"),
        FrameBound::Value(value) => shown_offset(value),
    };
    let wanted = format!(
        "specifiedwindowframe({}, {}, {})",
        units(frame.rows),
        bound(&frame.lower, "unboundedpreceding"),
        bound(&frame.upper, "unboundedfollowing"),
    );
    let required =
        format!("specifiedwindowframe({}, unboundedpreceding$(), currentrow$())", units(rows));
    Err(SparkError::analysis(
        "_LEGACY_ERROR_TEMP_1036",
        format!("Window Frame {wanted} must match the required frame {required}."),
    )
    .with("wf", wanted)
    .with("required", required))
}

fn shown_offset(value: &spec::Expr) -> String {
    match &value.node {
        ExprNode::Literal(literal) => match literal {
            Literal::Integer(value) => value.to_string(),
            Literal::Long(value) => value.to_string(),
            _ => "...".to_owned(),
        },
        ExprNode::Function(function) if function.args.len() == 1 => {
            format!("-{}", shown_offset(&function.args[0]))
        }
        _ => "...".to_owned(),
    }
}

/// Whether a frame that begins at `lower` begins behind its end.
fn is_behind(lower: &WindowFrameBound, upper: &WindowFrameBound) -> bool {
    use WindowFrameBound::{CurrentRow, Following, Preceding};
    match (lower, upper) {
        (Preceding(from), Preceding(to)) => !from.is_null() && !to.is_null() && from < to,
        (Following(from), Following(to)) => !from.is_null() && !to.is_null() && from > to,
        (Following(offset), CurrentRow) | (CurrentRow, Preceding(offset)) => {
            !matches!(ScalarValue::new_zero(&offset.data_type()), Ok(zero) if zero == *offset)
        }
        (Following(from), Preceding(to)) => {
            let is_zero = |offset: &ScalarValue| matches!(ScalarValue::new_zero(&offset.data_type()), Ok(zero) if zero == *offset);
            !(is_zero(from) && is_zero(to))
        }
        _ => false,
    }
}

fn is_unbounded(frame: &Frame) -> bool {
    frame.lower == FrameBound::Unbounded && frame.upper == FrameBound::Unbounded
}

/// The bounds of a frame that are no values, as generated names show them.
struct BoundNames {
    preceding: &'static str,
    current: &'static str,
    following: &'static str,
}

impl Resolver<'_> {
    fn bound_names(&self) -> BoundNames {
        if self.in_python_args {
            return BoundNames {
                preceding: argument_naming::UNBOUNDED_PRECEDING,
                current: argument_naming::CURRENT_ROW,
                following: argument_naming::UNBOUNDED_FOLLOWING,
            };
        }
        BoundNames {
            preceding: "UNBOUNDED PRECEDING",
            current: "CURRENT ROW",
            following: "UNBOUNDED FOLLOWING",
        }
    }

    fn frame_name(&self, by_rows: bool, lower: &str, upper: &str) -> String {
        if self.in_python_args {
            return argument_naming::frame(by_rows, lower, upper);
        }
        let units = if by_rows { "ROWS" } else { "RANGE" };
        format!("{units} BETWEEN {lower} AND {upper}")
    }

    fn over(&self, function: &str, specification: &Specification, frame: &str) -> String {
        if self.in_python_args {
            return argument_naming::over(function, &specification.keys, frame);
        }
        format!("{function} OVER ({}{frame})", specification.name)
    }
}

/// `rank()`, `lag(x, -1, NULL)`: a window function's call among the arguments of a Python function.
fn window_call_as_argument(name: &str, shown: &str, args: &[ResolvedExpr]) -> String {
    match (name, args) {
        ("rank" | "dense_rank" | "percent_rank", _) => shown.to_lowercase(),
        ("lag", [value, rest @ ..]) => {
            let offset = rest.first().map_or("1", |offset| offset.name.as_str());
            let offset = match offset.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{offset}"),
            };
            let default = rest.get(1).map_or("NULL", |default| default.name.as_str());
            format!("lag({}, {offset}, {default})", value.name)
        }
        ("nth_value", [value, n, rest @ ..]) => {
            let ignores = rest.first().map_or("false", |ignores| ignores.name.as_str());
            format!("nth_value({}, {}, {ignores})", value.name, n.name)
        }
        _ => shown.to_owned(),
    }
}

/// The aggregate inside `expr` with OVER; casts and arithmetic around it stay.
fn as_window_function(
    expr: Expr,
    specification: &Specification,
    frame: &WindowFrame,
) -> Result<Expr> {
    let replaced = expr.transform_down(|node| {
        let Expr::AggregateFunction(aggregate) = node else { return Ok(Transformed::no(node)) };
        let AggregateFunctionParams { mut args, distinct, filter, null_treatment, .. } =
            aggregate.params;
        let mut function = aggregate.func;
        if let Some(condition) = filter {
            function = Arc::new(filtered(function));
            args.push(*condition);
        }
        let function = WindowFunction {
            fun: WindowFunctionDefinition::AggregateUDF(function),
            params: WindowFunctionParams {
                args,
                partition_by: specification.partition_by.clone(),
                order_by: specification.order_by.clone(),
                window_frame: frame.clone(),
                filter: None,
                null_treatment,
                distinct,
            },
        };
        // Aggregates in its arguments stay what they are: `sum(sum(a)) OVER (…)`.
        let function = Expr::WindowFunction(Box::new(function));
        Ok(Transformed::new(function, true, TreeNodeRecursion::Jump))
    })?;
    Ok(replaced.data)
}

/// Sign and size of an offset in rows.
fn rows_offset(scalar: &ScalarValue) -> Result<(bool, ScalarValue)> {
    match scalar.cast_to(&DataType::Int64)? {
        ScalarValue::Int64(Some(rows)) => {
            Ok((rows < 0, ScalarValue::UInt64(Some(rows.unsigned_abs()))))
        }
        _ => Err(SparkError::internal("a frame offset that is no number")),
    }
}

/// Sign and size of an offset in units of the ORDER BY key.
fn range_offset(
    scalar: &ScalarValue,
    order_type: Option<&DataType>,
) -> Result<(bool, ScalarValue)> {
    let interval = |months: i32, days: i32, nanos: i64| {
        let is_negative = months < 0 || days < 0 || nanos < 0;
        let value = IntervalMonthDayNano::new(months.abs(), days.abs(), nanos.abs());
        (is_negative, ScalarValue::IntervalMonthDayNano(Some(value)))
    };
    let key = order_type.ok_or_else(|| {
        frame_mismatch(
            "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER",
            "A range window frame cannot be used in an unordered window specification.",
        )
    })?;
    match (key, scalar) {
        (DataType::Date32, whole) if whole.data_type().is_integer() => {
            match whole.cast_to(&DataType::Int32)? {
                ScalarValue::Int32(Some(days)) => Ok(interval(0, days, 0)),
                _ => Err(SparkError::internal("a frame offset that is no number")),
            }
        }
        (
            DataType::Date32 | DataType::Timestamp(..),
            ScalarValue::IntervalYearMonth(Some(months)),
        ) => Ok(interval(*months, 0, 0)),
        (DataType::Date32, ScalarValue::DurationMicrosecond(Some(micros)))
            if micros % 86_400_000_000 == 0 =>
        {
            let days = i32::try_from(micros / 86_400_000_000).unwrap_or(i32::MAX);
            Ok(interval(0, days, 0))
        }
        (
            DataType::Date32 | DataType::Timestamp(..),
            ScalarValue::DurationMicrosecond(Some(micros)),
        ) => Ok(interval(0, 0, micros.saturating_mul(1000))),
        (
            DataType::Date32 | DataType::Timestamp(..),
            ScalarValue::IntervalMonthDayNano(Some(value)),
        ) => Ok(interval(value.months, value.days, value.nanoseconds)),
        (key, scalar) if key.is_numeric() && scalar.data_type().is_numeric() => {
            let zero = ScalarValue::new_zero(key)?;
            let value = scalar.cast_to(key)?;
            let is_negative = value < zero;
            Ok((is_negative, if is_negative { value.arithmetic_negate()? } else { value }))
        }
        (DataType::Duration(_), value @ ScalarValue::DurationMicrosecond(Some(micros))) => {
            let size = if *micros < 0 { value.arithmetic_negate()? } else { value.clone() };
            Ok((*micros < 0, size))
        }
        _ => Err(frame_mismatch(
            "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
            "The data type of a window frame bound does not match the expected type: the key of \
             ORDER BY cannot be moved by it.",
        )),
    }
}

fn frame_mismatch(condition: &str, message: &str) -> SparkError {
    SparkError::analysis(condition, message)
}

fn is_nth_ignoring_nulls(name: &str, args: &[ResolvedExpr]) -> bool {
    let is_true =
        |arg: &ResolvedExpr| matches!(arg.expr, Expr::Literal(ScalarValue::Boolean(Some(true)), _));
    name == "nth_value" && args.len() == 3 && args.last().is_some_and(is_true)
}

fn distinct_unsupported(name: &str) -> SparkError {
    SparkError::analysis(
        "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
        format!("Invalid SQL syntax: The function `{name}` does not support DISTINCT."),
    )
    .with("prettyName", format!("`{name}`"))
    .with("syntax", "DISTINCT")
}

fn distinct_in_window(name: &str) -> SparkError {
    SparkError::analysis(
        "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED",
        format!("Distinct window functions are not supported: \"{name}\"."),
    )
    .with("windowExpr", format!("\"{name}\""))
}

fn unsupported_in_window(name: &str) -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_EXPR_FOR_WINDOW",
        format!("Expression \"{name}\" not supported within a window function."),
    )
    .with("sqlExpr", format!("\"{name}\""))
}

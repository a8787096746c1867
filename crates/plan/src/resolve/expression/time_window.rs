//! `window(…)` and `session_window(…)`: columns that say in which window of time a row lies.
//!
//! As in Spark they are computed under the operator that calls them: a row without a time is left
//! out, a row in several sliding windows appears once for each, and sessions know the other groups.
//!
//! ```text
//! GROUP BY k, window(t, '10 minutes', '5 minutes')    GROUP BY k, session_window(t, '5 minutes')
//!   Aggregate  k, #w                                    Aggregate  k, #w
//!     Projection  …, {#start, #end} AS #w                 Projection  …, {min(start), max(end)} AS #w
//!       Generate  #start, #end                              Window  per k and session
//! ```

use super::{ExprContext, Generator, ResolvedExpr};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::scope::same_name;
use crate::resolve::{Column, Resolved, Resolver, Scope};
use crate::spec::{self, Expr, ExprNode, FrameBound, Literal, SortOrder, WindowFrame};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::logical_expr::{Expr as PlanExpr, Filter, LogicalPlan};
use firesteel_common::{Result, SparkError, SparkType, StructField};
use firesteel_functions::cast::{EvalMode, cast};
use serde_json::Value;
use std::sync::Arc;

/// Metadata that marks window columns, as in Spark.
const WINDOW_KEY: &str = "spark.timeWindow";
const SESSION_KEY: &str = "spark.sessionWindow";

/// A window that the expressions of an operator ask for.
#[derive(Debug, Clone)]
pub(crate) struct TimeWindow {
    pub column: Column,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Each time in one window: the time and the struct.
    Tumbling {
        time: PlanExpr,
        window: PlanExpr,
    },
    /// The list of all windows that hold the time.
    Sliding {
        windows: PlanExpr,
    },
    Session {
        start: PlanExpr,
        end: PlanExpr,
    },
}

impl Resolver<'_> {
    pub(super) fn time_window(
        &mut self,
        name: &str,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let mut args = self.args(&function.args, context)?;
        if let Some(time) = args.first_mut()
            && matches!(time.field.data_type(), DataType::Struct(_))
        {
            // A window stands for its last instant.
            *time =
                self.call_builtin("window_time", vec![time.arg()], time.name.clone(), context)?;
        }
        let (kind, element) = match name {
            "session_window" => self.session_bounds(&args, context)?,
            _ => self.window_bounds(&args, context)?,
        };
        let known = context.time_windows.iter().find(|known| known.kind == kind);
        let own = match known {
            Some(known) => known.column.clone(),
            None if !context.time_windows.is_empty() => {
                return Err(SparkError::analysis(
                    "_LEGACY_ERROR_TEMP_1039",
                    "Multiple time/session window expressions would result in a cartesian product \
                     of rows, therefore they are currently not supported.",
                ));
            }
            None => {
                let nullable = args.first().is_some_and(|time| time.field.is_nullable());
                let mut field = StructField::new(name, element, nullable);
                let key = if name == "window" { WINDOW_KEY } else { SESSION_KEY };
                field.metadata.insert(key.to_owned(), Value::Bool(true));
                let own = Column::new(self.fresh(), field, Vec::new());
                context.time_windows.push(TimeWindow { column: own.clone(), kind });
                own
            }
        };
        context.fields.insert(own.to_arrow());
        Ok(ResolvedExpr::of_column(&own))
    }

    /// A group has a window: rows without a time are in none.
    pub(crate) fn windows_are_there(&self, mut resolved: Resolved) -> Resolved {
        let is_window = |own: &Column| {
            [WINDOW_KEY, SESSION_KEY].iter().any(|key| own.field.metadata.contains_key(*key))
        };
        if resolved.scope.columns.iter().any(is_window) {
            let scope = Arc::make_mut(&mut resolved.scope);
            for own in scope.columns.iter_mut().filter(|own| is_window(own)) {
                own.field.nullable = false;
            }
        }
        resolved
    }

    /// The window that the operator computes, called by its name: `SELECT window.start`.
    pub(super) fn time_window_column(
        &self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Option<Column> {
        let first = name.first()?;
        let found = context
            .time_windows
            .iter()
            .find(|window| same_name(self.settings, &window.column.field.name, first))?;
        let own = found.column.clone();
        context.fields.insert(own.to_arrow());
        Some(own)
    }

    fn window_bounds(
        &self,
        args: &[ResolvedExpr],
        context: &ExprContext,
    ) -> Result<(Kind, SparkType)> {
        let all: Vec<_> = args.iter().map(ResolvedExpr::arg).collect();
        let slides = args.get(2).is_some_and(|slide| slide.expr != args[1].expr);
        if !slides {
            let window = self.call_builtin("window", all, String::new(), context)?;
            let time = args.first().map(|time| time.expr.clone()).unwrap_or_default();
            let element = window.spark_type()?;
            return Ok((Kind::Tumbling { time, window: window.expr }, element));
        }
        let windows = self.call_builtin("time_windows", all, String::new(), context)?;
        let SparkType::Array { element, .. } = windows.spark_type()? else {
            return Err(SparkError::internal("time_windows is no array"));
        };
        Ok((Kind::Sliding { windows: windows.expr }, *element))
    }

    /// A session of one row: its time, and its time plus the gap.
    fn session_bounds(
        &self,
        args: &[ResolvedExpr],
        context: &ExprContext,
    ) -> Result<(Kind, SparkType)> {
        let [time, gap] = args else {
            return Err(firesteel_functions::call::wrong_num_args(
                "session_window",
                "2",
                args.len(),
            ));
        };
        let mut time = time.clone();
        let time_type = match time.spark_type()? {
            SparkType::TimestampNtz => SparkType::TimestampNtz,
            _ => SparkType::Timestamp,
        };
        if time.spark_type()? != time_type {
            time = self.coerce(time, &time_type, context)?;
        }
        let gap = match gap.spark_type()? {
            SparkType::String { .. } => {
                let target = SparkType::CalendarInterval;
                let expr = cast(gap.arg(), &target, EvalMode::of(self.settings), self.settings)?;
                self.typed(expr, gap.name.clone(), context)?
            }
            _ => gap.clone(),
        };
        let end = self.build_scalar("+", vec![time.arg(), gap.arg()])?;
        let element = SparkType::Struct(firesteel_common::StructType::new(vec![
            StructField::new("start", time_type.clone(), true),
            StructField::new("end", time_type, true),
        ]));
        Ok((Kind::Session { start: time.expr, end }, element))
    }

    /// `input` with the window columns; `keys` are the other groups of an aggregation, none where a
    /// session is a row's own.
    pub(crate) fn with_time_windows(
        &mut self,
        input: Resolved,
        windows: Vec<TimeWindow>,
        keys: Option<&[PlanExpr]>,
    ) -> Result<Resolved> {
        let mut plan = input.plan;
        for window in windows {
            plan = match window.kind {
                Kind::Tumbling { time, window: bounds } => {
                    let filter = Filter::try_new(time.is_not_null(), Arc::new(plan))?;
                    with_column(LogicalPlan::Filter(filter), bounds, &window.column)?
                }
                Kind::Sliding { windows } => self.sliding(plan, windows, &window.column)?,
                Kind::Session { start, end } => {
                    let bounds = [&start, &end].map(|_| self.fresh());
                    let time = bound_type(&window.column)?;
                    let plan = with_columns(
                        plan,
                        vec![
                            (start, Arc::new(Field::new(&bounds[0], time.clone(), true))),
                            (end, Arc::new(Field::new(&bounds[1], time, true))),
                        ],
                    )?;
                    // Neither null nor a gap that is not positive.
                    let lasts = column(&bounds[1]).gt(column(&bounds[0]));
                    let plan = LogicalPlan::Filter(Filter::try_new(lasts, Arc::new(plan))?);
                    match keys {
                        Some(keys) => self.sessions(plan, &bounds, keys, &window.column)?,
                        None => self.with_bounds(plan, &bounds, &window.column)?,
                    }
                }
            };
        }
        Ok(Resolved { plan, scope: input.scope })
    }

    fn sliding(
        &mut self,
        plan: LogicalPlan,
        windows: PlanExpr,
        own: &Column,
    ) -> Result<LogicalPlan> {
        let DataType::Struct(bounds) = own.to_arrow().data_type().clone() else {
            return Err(SparkError::internal("a window is no struct"));
        };
        let columns: Vec<FieldRef> = bounds.iter().cloned().collect();
        let names: Vec<String> = columns.iter().map(|field| field.name().clone()).collect();
        let generator = Generator { rows: windows, columns, outer: false };
        let (plan, bounds) = self.generate(plan, &generator, &names, Vec::new())?;
        let bounds = [bounds[0].internal.clone(), bounds[1].internal.clone()];
        self.with_bounds(plan, &bounds, own)
    }

    /// Rows of one key whose windows overlap or touch are one session.
    fn sessions(
        &mut self,
        plan: LogicalPlan,
        [start, end]: &[String; 2],
        keys: &[PlanExpr],
        own: &Column,
    ) -> Result<LogicalPlan> {
        let n_columns = plan.schema().fields().len() - 2;
        let mut key_names = Vec::with_capacity(keys.len());
        let mut key_columns = Vec::with_capacity(keys.len());
        for key in keys {
            use datafusion::logical_expr::ExprSchemable;
            let name = self.fresh();
            let field = key.to_field(plan.schema())?.1;
            key_columns.push((key.clone(), renamed(&field, &name)));
            key_names.push(name);
        }
        let plan = with_columns(plan, key_columns)?;
        let work = under_internal_names(plan)?;
        let by = |name: &String| Expr::attribute([name.clone()]);
        let partition: Vec<Expr> = key_names.iter().map(by).collect();
        let over = |function: &str, of: Expr, partition_by: &[Expr], frame: Option<WindowFrame>| {
            let ordered = frame.is_some() || function == "sum";
            let order =
                SortOrder { child: Box::new(by(start)), ascending: true, nulls_first: None };
            ExprNode::Window(Box::new(spec::Window {
                function: Expr::call(function, vec![of]),
                partition_by: partition_by.to_vec(),
                order_by: if ordered { vec![order] } else { Vec::new() },
                frame,
                reference: None,
            }))
            .into()
        };
        let number = |value: i64| Expr::literal(Literal::Long(value));
        let earlier = WindowFrame {
            rows: true,
            lower: FrameBound::Unbounded,
            upper: FrameBound::Value(Box::new(Expr::literal(Literal::Integer(-1)))),
        };
        let before: Expr = over("max", by(end), &partition, Some(earlier));
        let [before_name, new_name, id_name] = [(); 3].map(|()| self.fresh());
        let work = self.with_computed(work, vec![(before_name.clone(), before)])?;
        let touches = Expr::call("<=", vec![by(start), by(&before_name)]);
        let is_new = Expr::call("when", vec![touches, number(0), number(1)]);
        let work = self.with_computed(work, vec![(new_name.clone(), is_new)])?;
        let id = over("sum", by(&new_name), &partition, None);
        let work = self.with_computed(work, vec![(id_name.clone(), id)])?;
        let mut session = partition.clone();
        session.push(by(&id_name));
        let [first, last] = [(); 2].map(|()| self.fresh());
        let bounds = vec![
            (first.clone(), over("min", by(start), &session, None)),
            (last.clone(), over("max", by(end), &session, None)),
        ];
        let resolved = self.with_computed(work, bounds)?;
        let internal = |name: &String| {
            let found = resolved.scope.columns.iter().find(|own| own.field.name == *name);
            found.map(|own| own.internal.clone()).unwrap_or_default()
        };
        let bounds = [internal(&first), internal(&last)];
        let plan = self.with_bounds(resolved.plan, &bounds, own)?;
        // What was only needed to find the sessions goes.
        let fields = plan.schema().fields();
        let kept = fields.iter().take(n_columns).chain(fields.last());
        let exprs = kept.map(|field| (column(field.name()), Arc::clone(field))).collect();
        projection(plan, exprs)
    }

    /// The struct of two columns.
    fn with_bounds(
        &mut self,
        plan: LogicalPlan,
        bounds: &[String; 2],
        own: &Column,
    ) -> Result<LogicalPlan> {
        let mut args = Vec::with_capacity(4);
        for (name, bound) in ["start", "end"].iter().zip(bounds) {
            args.push(self.literal(&Literal::String((*name).to_owned()))?.arg());
            let field = Arc::clone(plan.schema().field_with_unqualified_name(bound)?);
            args.push(firesteel_functions::Arg::new(column(bound), field));
        }
        let window = self.build_scalar("named_struct", args)?;
        with_column(plan, window, own)
    }
}

/// A relation whose columns are called as in the plan.
pub(crate) fn under_internal_names(plan: LogicalPlan) -> Result<Resolved> {
    let mut columns = Vec::with_capacity(plan.schema().fields().len());
    for field in plan.schema().fields() {
        let shown = StructField::from_arrow(field)?;
        columns.push(Column::new(field.name().clone(), shown, Vec::new()));
    }
    Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
}

fn bound_type(own: &Column) -> Result<DataType> {
    match own.to_arrow().data_type() {
        DataType::Struct(bounds) if bounds.len() == 2 => Ok(bounds[0].data_type().clone()),
        _ => Err(SparkError::internal("a window is no struct of two")),
    }
}

fn with_column(plan: LogicalPlan, expr: PlanExpr, own: &Column) -> Result<LogicalPlan> {
    with_columns(plan, vec![(expr, own.to_arrow())])
}

/// All columns of the plan and these, under their fields' names.
fn with_columns(plan: LogicalPlan, added: Vec<(PlanExpr, FieldRef)>) -> Result<LogicalPlan> {
    let fields = plan.schema().fields().iter();
    let mut exprs: Vec<(PlanExpr, FieldRef)> =
        fields.map(|field| (column(field.name()), Arc::clone(field))).collect();
    exprs.extend(added.into_iter().map(|(expr, field)| (named(expr, field.name()), field)));
    projection(plan, exprs)
}

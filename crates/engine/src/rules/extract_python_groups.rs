//! Aggregations and windows by Python functions become operators: Spark's `ExtractGroupingPythonUDFFromAggregate` and the planning of
//! `ArrowAggregatePython`.
//!
//! ```text
//!   Aggregate groupBy [k % 2], aggr [f(v + 1)]      Projection [#g AS k % 2, #a AS f(v + 1)]
//!     Scan                                      →     PythonGroups Row by #g of #v
//!                                                       Projection [k % 2 AS #g, v + 1 AS #v]
//!                                                         Scan
//! ```
//!
//! Windows too: the functions that are none of Python's stay in a window node below.
//!
//! After `ExtractPython`, which makes columns of the calls inside of arguments.

use datafusion::arrow::datatypes::{Field, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::logical_expr::expr::{AggregateFunction, Alias, WindowFunctionParams};
use datafusion::logical_expr::{
    Aggregate, Expr, ExprSchemable, Extension, LogicalPlan, LogicalPlanBuilder, Projection, Window,
    WindowFrame, WindowFrameUnits, WindowFunctionDefinition,
};
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use firesteel_common::SparkError;
use firesteel_common::nodes::{GroupShape, PythonGroups, PythonGroupsParts};
use firesteel_common::python::{Command, EvalType, PythonArg, PythonCall, PythonTask, PythonUdaf};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes operators of all aggregations that call Python.
#[derive(Debug, Default)]
pub(crate) struct ExtractPythonGroups;

/// How many columns this rule has named. `#` keeps them apart from columns of the user.
static N_COLUMNS: AtomicU64 = AtomicU64::new(0);

impl OptimizerRule for ExtractPythonGroups {
    fn name(&self) -> &str {
        "extract_python_groups"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let mut found = false;
        plan.apply_with_subqueries(|node| {
            found |= match node {
                LogicalPlan::Aggregate(node) => calls_python(node),
                LogicalPlan::Window(node) => node.window_expr.iter().any(|own| over(own).is_some()),
                _ => false,
            };
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        if !found {
            return Ok(Transformed::no(plan));
        }
        plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Aggregate(node) if calls_python(&node) => {
                Ok(Transformed::yes(operator(node)?))
            }
            LogicalPlan::Window(node) if node.window_expr.iter().any(|own| over(own).is_some()) => {
                Ok(Transformed::yes(windows(node)?))
            }
            other => Ok(Transformed::no(other)),
        })
    }
}

/// The Python function that `expr`, or what it is an alias of, calls with OVER.
fn over(expr: &Expr) -> Option<(&PythonUdaf, &WindowFunctionParams)> {
    let Expr::WindowFunction(call) = unaliased(expr) else { return None };
    let WindowFunctionDefinition::AggregateUDF(function) = &call.fun else { return None };
    let inner: &dyn Any = function.inner().as_ref();
    Some((inner.downcast_ref::<PythonUdaf>()?, &call.params))
}

fn windows(node: Window) -> Result<LogicalPlan> {
    let Window { input, window_expr, schema, .. } = node;
    let n_input = input.schema().fields().len();
    let named = window_expr.iter().zip(schema.iter().skip(n_input));
    let (mut python, mut others): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for (expr, (_, field)) in named {
        match over(expr) {
            Some((udaf, params)) => python.push((udaf, params, field)),
            None => others.push(expr.clone()),
        }
    }
    let mut plan = Arc::unwrap_or_clone(input);
    if !others.is_empty() {
        plan = LogicalPlan::Window(Window::try_new(others, Arc::new(plan))?);
    }
    while let Some((first, ..)) = python.first() {
        let eval_type = first.function.eval_type;
        let (now, later) =
            python.into_iter().partition(|(udaf, ..)| udaf.function.eval_type == eval_type);
        plan = window(plan, eval_type, now)?;
        python = later;
    }
    // In the order in which they were asked for.
    let columns = schema.columns().into_iter().map(Expr::Column).collect();
    let projection = Projection::try_new_with_schema(columns, Arc::new(plan), schema)?;
    Ok(LogicalPlan::Projection(projection))
}

/// `input` with a column for each of `calls`, which are of one type and one PARTITION BY and ORDER BY.
fn window(
    input: LogicalPlan,
    eval_type: EvalType,
    calls: Vec<(&PythonUdaf, &WindowFunctionParams, &FieldRef)>,
) -> Result<LogicalPlan> {
    let Some((first, params, _)) = calls.first() else {
        return Err(SparkError::internal("no Python function where one was").into());
    };
    let mut task = PythonTask::new(&first.function, Vec::new(), false);
    task.eval_type = match eval_type.0 {
        202 => EvalType(203),
        252 => EvalType(253),
        _ => {
            let feature = "Python aggregate functions over iterators with OVER";
            return Err(SparkError::unsupported(feature).into());
        }
    };
    let (keys, order) = (distinct(&params.partition_by), params.order_by.clone());
    let order: Vec<_> = order.into_iter().filter(|key| !keys.contains(&key.expr)).collect();
    let (mut args, mut frames): (Vec<Expr>, Vec<WindowFrame>) = (Vec::new(), Vec::new());
    for (_, params, _) in &calls {
        for arg in &params.args {
            if arg.is_volatile() || !args.contains(arg) {
                args.push(arg.clone());
            }
        }
        if is_bounded(params) && !frames.contains(&params.window_frame) {
            frames.push(params.window_frame.clone());
        }
    }
    let mut types = Vec::with_capacity(calls.len());
    for (udaf, params, _) in &calls {
        let place = |arg: &Expr| args.iter().position(|known| known == arg).unwrap_or_default();
        let mut own = Vec::new();
        let frame = frames.iter().position(|frame| *frame == params.window_frame);
        match frame.filter(|_| is_bounded(params)) {
            Some(frame) => {
                let from = args.len() + 2 * frame;
                own.extend([from, from + 1].map(|offset| PythonArg { offset, name: None }));
                types.push("bounded");
            }
            None => types.push("unbounded"),
        }
        let given = params.args.iter().zip(&udaf.keywords);
        own.extend(
            given.map(|(arg, keyword)| PythonArg { offset: place(arg), name: keyword.clone() }),
        );
        task.calls.push(PythonCall {
            args: own,
            chain: vec![Command(Arc::clone(&udaf.function.command))],
            result_id: udaf.function.result_id,
        });
        for name in &udaf.function.includes {
            if !task.settings.includes.contains(name) {
                task.settings.includes.push(name.clone());
            }
        }
    }
    task.settings.conf.push(("window_bound_types".to_owned(), types.join(",")));
    let inputs = args.iter().map(|arg| Ok(arg.to_field(input.schema())?.1));
    let parts = PythonGroupsParts {
        task: Arc::new(task),
        shape: GroupShape::Beside,
        keys,
        order,
        inputs: inputs.collect::<Result<_>>()?,
        args,
        frames,
        columns: calls.iter().map(|(.., field)| Arc::clone(field)).collect(),
    };
    let node = PythonGroups::try_new(input, parts)?;
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
}

fn is_bounded(params: &WindowFunctionParams) -> bool {
    let frame = &params.window_frame;
    let is_whole = frame.start_bound.is_unbounded() && frame.end_bound.is_unbounded();
    // Without an order all rows are peers.
    let all_peers = params.order_by.is_empty() && frame.units == WindowFrameUnits::Range;
    !is_whole && !all_peers
}

fn distinct(keys: &[Expr]) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::with_capacity(keys.len());
    for key in keys {
        if !found.contains(key) {
            found.push(key.clone());
        }
    }
    found
}

/// The Python function that `expr`, or what it is an alias of, calls.
fn udaf_of(expr: &Expr) -> Option<(&PythonUdaf, &AggregateFunction)> {
    let Expr::AggregateFunction(call) = unaliased(expr) else { return None };
    let inner: &dyn Any = call.func.inner().as_ref();
    Some((inner.downcast_ref::<PythonUdaf>()?, call))
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}

fn calls_python(node: &Aggregate) -> bool {
    node.aggr_expr.iter().any(|expr| udaf_of(expr).is_some())
}

fn operator(node: Aggregate) -> Result<LogicalPlan> {
    let Aggregate { input, group_expr, aggr_expr, schema, .. } = node;
    if group_expr.iter().any(|key| matches!(key, Expr::GroupingSet(_))) {
        let feature = "Python aggregate functions over GROUPING SETS, CUBE and ROLLUP";
        return Err(SparkError::unsupported(feature).into());
    }
    let calls: Vec<_> = aggr_expr.iter().filter_map(udaf_of).collect();
    if calls.len() < aggr_expr.len() {
        return Err(mixed(&calls).into());
    }
    let Some((first, _)) = calls.first() else {
        return Err(SparkError::internal("no Python function where one was").into());
    };
    let mut below = Below { exprs: Vec::new(), fields: Vec::new() };
    let mut keys = Vec::with_capacity(group_expr.len());
    for key in &group_expr {
        keys.push(below.place(unaliased(key), input.schema())?);
    }
    let mut args: Vec<usize> = Vec::new();
    let mut python_calls = Vec::with_capacity(calls.len());
    let mut results: Vec<FieldRef> = Vec::with_capacity(calls.len());
    let mut task = PythonTask::new(&first.function, Vec::new(), false);
    for (udaf, call) in &calls {
        if udaf.function.eval_type != first.function.eval_type {
            let feature = "Python aggregate functions of different types in one aggregation";
            return Err(SparkError::unsupported(feature).into());
        }
        for name in &udaf.function.includes {
            if !task.settings.includes.contains(name) {
                task.settings.includes.push(name.clone());
            }
        }
        let mut own_args = Vec::with_capacity(call.params.args.len());
        for (arg, keyword) in call.params.args.iter().zip(&udaf.keywords) {
            let place = below.place(arg, input.schema())?;
            let known = args.iter().position(|known| *known == place);
            let offset = known.unwrap_or_else(|| {
                args.push(place);
                args.len() - 1
            });
            own_args.push(PythonArg { offset, name: keyword.clone() });
        }
        python_calls.push(PythonCall {
            args: own_args,
            chain: vec![Command(Arc::clone(&udaf.function.command))],
            result_id: udaf.function.result_id,
        });
        results.push(Arc::new(Field::clone(udaf.field()).with_name(fresh())));
    }
    task.calls = python_calls;
    // A key that was given twice is one.
    let mut distinct: Vec<usize> = Vec::new();
    for key in &keys {
        if !distinct.contains(key) {
            distinct.push(*key);
        }
    }
    let column = |place: &usize| Expr::Column(Column::new_unqualified(below.fields[*place].name()));
    let key_fields: Vec<FieldRef> = distinct
        .iter()
        .map(|key| Arc::new(Field::clone(&below.fields[*key]).with_name(fresh())) as FieldRef)
        .collect();
    let outputs: Vec<Expr> = keys
        .iter()
        .filter_map(|key| distinct.iter().position(|known| known == key))
        .map(|place| key_fields[place].name())
        .chain(results.iter().map(|field| field.name()))
        .map(|name| Expr::Column(Column::new_unqualified(name)))
        .collect();
    let parts = PythonGroupsParts {
        task: Arc::new(task),
        shape: GroupShape::Row,
        keys: distinct.iter().map(column).collect(),
        order: Vec::new(),
        args: args.iter().map(column).collect(),
        inputs: args.iter().map(|place| Arc::clone(&below.fields[*place])).collect(),
        frames: Vec::new(),
        columns: key_fields.into_iter().chain(results).collect(),
    };
    let input =
        LogicalPlanBuilder::from(Arc::unwrap_or_clone(input)).project(below.exprs)?.build()?;
    let groups = PythonGroups::try_new(input, parts)?;
    let groups = LogicalPlan::Extension(Extension { node: Arc::new(groups) });
    let outputs = outputs.into_iter().zip(schema.iter());
    let outputs = outputs.map(|(expr, (qualifier, field))| {
        Expr::Alias(Alias::new(expr, qualifier.cloned(), field.name()))
    });
    let projection = Projection::try_new_with_schema(outputs.collect(), Arc::new(groups), schema)?;
    Ok(LogicalPlan::Projection(projection))
}

/// The projection under the operator: keys and arguments, each once.
struct Below {
    exprs: Vec<Expr>,
    fields: Vec<FieldRef>,
}

impl Below {
    fn place(&mut self, expr: &Expr, schema: &DFSchema) -> Result<usize> {
        let known = self.exprs.iter().position(|known| unaliased(known) == unaliased(expr));
        if let Some(known) = known.filter(|_| !expr.is_volatile()) {
            return Ok(known);
        }
        let name = fresh();
        let field = Field::clone(expr.to_field(schema)?.1.as_ref()).with_name(&name);
        self.exprs.push(Expr::Alias(Alias::new(unaliased(expr).clone(), None::<&str>, name)));
        self.fields.push(Arc::new(field));
        Ok(self.exprs.len() - 1)
    }
}

fn fresh() -> String {
    format!("#pg{}", N_COLUMNS.fetch_add(1, Ordering::Relaxed))
}

fn mixed(calls: &[(&PythonUdaf, &AggregateFunction)]) -> SparkError {
    let names: Vec<String> =
        calls.iter().map(|(udaf, _)| format!("`{}`", udaf.function.name)).collect();
    let names = names.join(", ");
    SparkError::analysis(
        "INVALID_PANDAS_UDF_PLACEMENT",
        format!(
            "The group aggregate pandas UDF {names} cannot be invoked together with as other, non-pandas \
             aggregate functions."
        ),
    )
    .with("functionList", names)
}

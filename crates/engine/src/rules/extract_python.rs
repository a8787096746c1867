//! Calls of Python functions in expressions become operators: Spark's `ExtractPythonUDFs`.
//!
//! ```text
//!   Projection [f(a) + 1, g(f(a))]          Projection [#1 + 1, #2]
//!     Scan                           →        PythonColumns #2 = g(#1)
//!                                               PythonColumns #1 = f(a)
//!                                                 Scan
//! ```
//!
//! Equal calls of deterministic functions are made once. Calls of one eval type that need nothing of each other
//! share a worker; `f(g(x))` is one call there where both are of one type and nobody else wants `g(x)`.
//!
//! The first of all logical rules: those after it see columns where functions were, and so neither copy nor
//! fold nor move a call. Only columns that nobody asks for are dropped before.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::logical_expr::expr::{Alias, ScalarFunction};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Expr, ExprSchemable, Extension, Filter, JoinType, LogicalPlan, LogicalPlanBuilder, Projection,
};
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use firesteel_common::nodes::PythonColumns;
use firesteel_common::python::{Command, EvalType, PythonArg, PythonCall, PythonTask, PythonUdf};
use firesteel_common::{SparkError, SparkType, StructField, StructType};
use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes operators of all calls.
#[derive(Debug, Default)]
pub(crate) struct ExtractPython;

/// How many columns this rule has named. `#` keeps them apart from columns of the user.
static N_COLUMNS: AtomicU64 = AtomicU64::new(0);

impl OptimizerRule for ExtractPython {
    fn name(&self) -> &str {
        "extract_python"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        if !has_calls(&plan)? {
            return Ok(Transformed::no(plan));
        }
        // A call whose column nobody reads must not be made. The schema of the root is what it was.
        let pruned = pruned(plan, config)?;
        let extracted = pruned.transform_up_with_subqueries(|node| extract(node))?;
        Ok(Transformed::yes(extracted.data))
    }
}

/// The plan without columns that nobody reads.
fn pruned(plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<LogicalPlan> {
    let schema = Arc::clone(plan.schema());
    let pruned = OptimizeProjections::new().rewrite(plan, config)?.data;
    debug_assert_eq!(schema.fields().len(), pruned.schema().fields().len());
    Ok(pruned)
}

/// The Python function that `expr` calls.
fn udf_of(expr: &Expr) -> Option<(&PythonUdf, &ScalarFunction)> {
    let Expr::ScalarFunction(call) = expr else { return None };
    let inner: &dyn Any = call.func.inner().as_ref();
    Some((inner.downcast_ref::<PythonUdf>()?, call))
}

fn calls_python(expr: &Expr) -> bool {
    expr.exists(|node| Ok(udf_of(node).is_some())).unwrap_or(false)
}

fn has_calls(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found |= calls_python(expr);
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// One node without calls, over operators that make them.
fn extract(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let mut calls = false;
    plan.apply_expressions(|expr| {
        calls |= calls_python(expr);
        Ok(TreeNodeRecursion::Continue)
    })?;
    if !calls {
        return Ok(Transformed::no(plan));
    }
    if let LogicalPlan::Join(join) = plan {
        return extract_from_join(join).map(Transformed::yes);
    }
    let [input] = plan.inputs()[..] else {
        return Err(SparkError::unsupported("Python functions at this place of a query").into());
    };
    let input = input.clone();
    let own_schema = Arc::clone(plan.schema());
    let mut exprs = plan.expressions();
    let input = compute(input, exprs.iter_mut())?;
    if let LogicalPlan::Projection(projection) = plan {
        let exprs = named_as(exprs, &projection.schema);
        let schema = Arc::clone(&projection.schema);
        let plan = Projection::try_new_with_schema(exprs, Arc::new(input), schema)?;
        return Ok(Transformed::yes(LogicalPlan::Projection(plan)));
    }
    if matches!(plan, LogicalPlan::Aggregate(_)) {
        exprs = named_as(exprs, &own_schema);
    }
    if let LogicalPlan::Window(window) = &plan {
        let n_input = window.input.schema().fields().len();
        for (expr, field) in exprs.iter_mut().zip(own_schema.fields().iter().skip(n_input)) {
            *expr = under(std::mem::take(expr), field.name());
        }
    }
    let plan = plan.with_new_exprs(exprs, vec![input])?;
    Ok(Transformed::yes(cut(plan, &own_schema)?))
}

/// `plan` with the columns of `schema` and no others.
fn cut(plan: LogicalPlan, schema: &DFSchema) -> Result<LogicalPlan> {
    if plan.schema().fields().len() == schema.fields().len() {
        return Ok(plan);
    }
    LogicalPlanBuilder::from(plan).project(schema.columns().into_iter().map(Expr::Column))?.build()
}

/// Output columns keep the names that they had.
fn named_as(exprs: Vec<Expr>, schema: &DFSchema) -> Vec<Expr> {
    let fields = schema.fields().iter();
    exprs.into_iter().zip(fields).map(|(expr, field)| under(expr, field.name())).collect()
}

fn under(expr: Expr, name: &str) -> Expr {
    match &expr {
        Expr::Alias(alias) if alias.name == name => expr,
        Expr::Column(column) if column.name == name => expr,
        _ if expr.schema_name().to_string() == name => expr,
        _ => Expr::Alias(Alias::new(expr, None::<&str>, name)),
    }
}

/// `input` with columns for all calls in `exprs`, which then refer to these.
fn compute<'e>(
    input: LogicalPlan,
    exprs: impl Iterator<Item = &'e mut Expr>,
) -> Result<LogicalPlan> {
    let mut exprs: Vec<&mut Expr> = exprs.collect();
    let mut input = input;
    // Innermost calls first; each round's columns are what the next round's calls are over.
    loop {
        let mut ready: Vec<Expr> = Vec::new();
        for expr in &exprs {
            collect(expr, &mut ready)?;
        }
        let Some(first) = ready.first().and_then(udf_of) else { return Ok(input) };
        let eval_type = first.0.function.eval_type;
        // One worker can take all calls of one type, but for those that read all input as an iterator.
        let n_calls = if eval_type.is_iterator() { 1 } else { usize::MAX };
        ready.retain(|call| {
            udf_of(call).is_some_and(|(udf, _)| udf.function.eval_type == eval_type)
        });
        ready.truncate(n_calls);
        let (plan, columns) = operator(input, &ready)?;
        input = plan;
        for expr in &mut exprs {
            let replaced = std::mem::take(*expr).transform_down(|node| {
                match ready.iter().position(|call| *call == node) {
                    Some(position) => {
                        let column = Expr::Column(columns[position].clone());
                        Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
                    }
                    None => Ok(Transformed::no(node)),
                }
            })?;
            **expr = replaced.data;
        }
    }
}

/// Adds the calls in `expr` that can be made now: those over no other call, or over a chain that ends so.
fn collect(expr: &Expr, ready: &mut Vec<Expr>) -> Result<()> {
    expr.apply(|node| {
        if udf_of(node).is_some() && is_ready(node) {
            if !ready.contains(node) {
                ready.push(node.clone());
            }
            return Ok(TreeNodeRecursion::Jump);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

fn is_ready(expr: &Expr) -> bool {
    let Some((udf, call)) = udf_of(expr) else { return false };
    if let [arg] = call.args.as_slice()
        && let Some((inner, _)) = udf_of(arg)
        && udf.function.eval_type == inner.function.eval_type
        && !udf.function.eval_type.is_iterator()
        && udf.keywords.iter().all(Option::is_none)
    {
        return is_ready(arg);
    }
    !call.args.iter().any(calls_python)
}

/// `input` with a column for each of `calls`, which are all of one eval type.
fn operator(input: LogicalPlan, calls: &[Expr]) -> Result<(LogicalPlan, Vec<Column>)> {
    let mut args: Vec<Expr> = Vec::new();
    let mut python_calls = Vec::with_capacity(calls.len());
    let mut fields = Vec::with_capacity(calls.len());
    let mut first: Option<&PythonUdf> = None;
    let mut includes: Vec<String> = Vec::new();
    for call in calls {
        let mut chain = Vec::new();
        let Some((outer, mut function)) = udf_of(call) else { continue };
        let mut udf = outer;
        loop {
            chain.push(Command(Arc::clone(&udf.function.command)));
            includes.extend(udf.function.includes.iter().cloned());
            match function.args.as_slice() {
                [arg] if udf_of(arg).is_some() => match udf_of(arg) {
                    Some((inner, next)) => (udf, function) = (inner, next),
                    None => break,
                },
                _ => break,
            }
        }
        // The innermost is called first.
        chain.reverse();
        let own_args = function.args.iter().zip(&udf.keywords).map(|(arg, keyword)| {
            let offset = args.iter().position(|known| known == arg && !arg.is_volatile());
            let offset = offset.unwrap_or_else(|| {
                args.push(arg.clone());
                args.len() - 1
            });
            PythonArg { offset, name: keyword.clone() }
        });
        let own_args = own_args.collect();
        let result_id = outer.function.result_id;
        python_calls.push(PythonCall { args: own_args, chain, result_id });
        let name = format!("#py{}", N_COLUMNS.fetch_add(1, Ordering::Relaxed));
        fields.push(Arc::new(outer.field().as_ref().clone().with_name(name)));
        first = first.or(Some(outer));
    }
    let Some(first) = first else {
        return Err(SparkError::internal("no Python function where one was").into());
    };
    let mut task = PythonTask::new(&first.function, python_calls, false);
    for name in includes {
        if !task.settings.includes.contains(&name) {
            task.settings.includes.push(name);
        }
    }
    if matches!(task.eval_type, EvalType::ARROW_BATCHED) {
        let json = input_type(&args, input.schema())?.to_json().to_string();
        task.eval_conf.push(("input_type".to_owned(), json));
    }
    let columns = fields.iter().map(|field| Column::new_unqualified(field.name())).collect();
    let node = PythonColumns::try_new(input, Arc::new(task), args, fields)?;
    Ok((LogicalPlan::Extension(Extension { node: Arc::new(node) }), columns))
}

/// The Spark types of what is sent.
fn input_type(args: &[Expr], schema: &DFSchema) -> Result<SparkType> {
    let fields = args.iter().enumerate().map(|(place, arg)| {
        let field = StructField::from_arrow(arg.to_field(schema)?.1.as_ref())?;
        Ok(StructField { name: format!("_{place}"), ..field })
    });
    Ok(SparkType::Struct(StructType { fields: fields.collect::<Result<_>>()? }))
}

/// Calls over one side are made there; those over both sides filter what an inner join gives.
fn extract_from_join(join: datafusion::logical_expr::Join) -> Result<LogicalPlan> {
    let schema = Arc::clone(&join.schema);
    let names =
        |plan: &LogicalPlan| -> HashSet<Column> { plan.schema().columns().into_iter().collect() };
    let (left_names, right_names) = (names(&join.left), names(&join.right));
    let (mut left_exprs, mut right_exprs): (Vec<Expr>, Vec<Expr>) = join.on.into_iter().unzip();
    let (mut of_left, mut of_right, mut plain, mut above) = (vec![], vec![], vec![], vec![]);
    for conjunct in join.filter.into_iter().flat_map(split_conjunction_owned) {
        let spans_both = |call: &Expr| {
            let columns = call.column_refs();
            let within = |names: &HashSet<Column>| columns.iter().all(|own| names.contains(own));
            !within(&left_names) && !within(&right_names)
        };
        let spans = conjunct.exists(|node| Ok(udf_of(node).is_some() && spans_both(node)))?;
        match spans {
            true => above.push(conjunct),
            false => plain.push(conjunct),
        }
    }
    if !above.is_empty() && join.join_type != JoinType::Inner {
        return Err(in_on_clause(join.join_type).into());
    }
    // Calls within the rest, by side.
    for conjunct in &plain {
        conjunct.apply(|node| {
            if udf_of(node).is_none() {
                return Ok(TreeNodeRecursion::Continue);
            }
            let is_left = node.column_refs().iter().all(|own| left_names.contains(own));
            let calls = if is_left { &mut of_left } else { &mut of_right };
            if !calls.contains(node) {
                calls.push(node.clone());
            }
            Ok(TreeNodeRecursion::Jump)
        })?;
    }
    let (left_calls, right_calls) = (of_left.clone(), of_right.clone());
    let left =
        compute(Arc::unwrap_or_clone(join.left), left_exprs.iter_mut().chain(of_left.iter_mut()))?;
    let right = compute(
        Arc::unwrap_or_clone(join.right),
        right_exprs.iter_mut().chain(of_right.iter_mut()),
    )?;
    let stands = |node: &Expr| {
        let left = left_calls.iter().position(|call| call == node).map(|at| of_left[at].clone());
        left.or_else(|| {
            right_calls.iter().position(|call| call == node).map(|at| of_right[at].clone())
        })
    };
    let mut filter = Vec::with_capacity(plain.len());
    for conjunct in plain {
        let replaced = conjunct.transform_down(|node| match stands(&node) {
            Some(column) => Ok(Transformed::new(column, true, TreeNodeRecursion::Jump)),
            None => Ok(Transformed::no(node)),
        })?;
        filter.push(replaced.data);
    }
    let joined = datafusion::logical_expr::Join::try_new(
        Arc::new(left),
        Arc::new(right),
        left_exprs.into_iter().zip(right_exprs).collect(),
        conjunction(filter),
        join.join_type,
        join.join_constraint,
        join.null_equality,
        join.null_aware,
    )?;
    let mut plan = LogicalPlan::Join(joined);
    if let Some(mut predicate) = conjunction(above) {
        plan = compute(plan, std::iter::once(&mut predicate))?;
        plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?);
    }
    cut(plan, &schema)
}

fn in_on_clause(join_type: JoinType) -> SparkError {
    let name = match join_type {
        JoinType::Left => "LEFT OUTER",
        JoinType::Right => "RIGHT OUTER",
        JoinType::Full => "FULL OUTER",
        JoinType::LeftSemi | JoinType::RightSemi => "LEFT SEMI",
        _ => "LEFT ANTI",
    };
    SparkError::analysis(
        "UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE",
        format!(
            "The feature is not supported: Python UDF in the ON clause of a {name} JOIN. In case of an \
             INNER JOIN consider rewriting to a CROSS JOIN with a WHERE clause."
        ),
    )
    .with("joinType", name)
}

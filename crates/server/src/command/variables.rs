//! DECLARE, SET VAR, DROP VARIABLE and EXECUTE IMMEDIATE.

use super::Answer;
use crate::catalog::full_name;
use crate::planning::visible_plan;
use crate::session::{QueryEnvironment, Session, Variable, variable_name};
use datafusion::common::ScalarValue;
use firesteel_common::{Result, SparkError, SparkType, StructType};
use firesteel_plan::resolve::{Environment, resolve_query};
use firesteel_plan::spec::{
    CastMode, Command, ExecuteImmediate, Expr, ExprNode, Name, Plan, Relation, RelationNode,
    SqlText,
};
use firesteel_plan::sql;

/// Rows of values.
type Rows = Vec<Vec<ScalarValue>>;

pub fn declare(
    env: &QueryEnvironment,
    name: &Name,
    replace: bool,
    data_type: Option<SparkType>,
    default: Option<Expr>,
) -> Result<Answer> {
    let session = env.session();
    let own = variable_name(name).ok_or_else(|| unresolved(name))?;
    if !replace && session.variables.read().contains_key(&own) {
        let shown = shown(&own);
        return Err(SparkError::analysis(
            "VARIABLE_ALREADY_EXISTS",
            format!(
                "Cannot create the variable {shown} because it already exists.\nChoose a different \
                 name, or drop or replace the existing variable."
            ),
        )
        .with("variableName", shown));
    }
    let value = default.clone().unwrap_or_else(|| Expr::literal(null()));
    let (data_type, value) = one_value(env, value, data_type)?;
    session.variables.write().insert(own, Variable { data_type, value, default });
    Ok(Answer::none())
}

pub fn drop(session: &Session, name: &Name, if_exists: bool) -> Result<Answer> {
    let own = variable_name(name);
    let dropped = own.as_ref().and_then(|own| session.variables.write().remove(own));
    if dropped.is_some() || if_exists {
        return Ok(Answer::none());
    }
    let shown = own.map_or_else(|| full_name(name), |own| shown(&own));
    Err(SparkError::analysis(
        "VARIABLE_NOT_FOUND",
        format!(
            "The variable {shown} cannot be found. Verify the spelling and correctness of the schema \
             and catalog.\nIf you did not qualify the name with a schema and catalog, verify the \
             current_schema() output, or qualify the name with the correct schema and catalog.\nTo \
             tolerate the error on drop use DROP VARIABLE IF EXISTS."
        ),
    )
    .with("variableName", shown))
}

/// `SET VAR a = expr, b = DEFAULT`: all values are computed before any variable changes.
pub fn set(env: &QueryEnvironment, assignments: Vec<(Name, Option<Expr>)>) -> Result<Answer> {
    let session = env.session();
    let names = targets(session, assignments.iter().map(|(name, _)| name))?;
    let mut values = Vec::with_capacity(names.len());
    for ((_, expr), name) in assignments.into_iter().zip(&names) {
        let (data_type, default) = definition(session, name)?;
        let expr = expr.or(default).unwrap_or_else(|| Expr::literal(null()));
        values.push(one_value(env, expr, Some(data_type))?.1);
    }
    assign(session, names, values);
    Ok(Answer::none())
}

/// `SET VAR (a, b) = (query)`: of a query without rows all values are null.
pub fn set_from(env: &QueryEnvironment, names: &[Name], query: Relation) -> Result<Answer> {
    let names = targets(env.session(), names.iter())?;
    let resolved = resolve_query(env, &query)?;
    let columns = resolved.schema().fields;
    check_arity(names.len(), columns.len())?;
    // Each column as its variable's type.
    let mut types = Vec::with_capacity(names.len());
    for name in &names {
        types.push(definition(env.session(), name)?.0);
    }
    let aliases: Vec<String> = (0..names.len()).map(|position| format!("c{position}")).collect();
    let input = RelationNode::ToDf { input: query, names: aliases.clone() }.into();
    let exprs = aliases.iter().zip(types).map(|(alias, data_type)| {
        let column = Expr::attribute([alias.clone()]);
        cast(column, data_type)
    });
    let project = RelationNode::Project { input, exprs: exprs.collect() }.into();
    let limit = Expr::literal(firesteel_plan::spec::Literal::Integer(2));
    let (_, rows) = rows(env, &RelationNode::Limit { input: project, limit }.into())?;
    let values = match rows.as_slice() {
        [] => {
            let mut nulls = Vec::with_capacity(names.len());
            for name in &names {
                nulls.push(ScalarValue::try_from(&definition(env.session(), name)?.0.to_arrow())?);
            }
            nulls
        }
        [row] => row.clone(),
        _ => {
            return Err(SparkError::runtime(
                "ROW_SUBQUERY_TOO_MANY_ROWS",
                "More than one row returned by a subquery used as a row.",
            ));
        }
    };
    assign(env.session(), names, values);
    Ok(Answer::none())
}

/// What EXECUTE IMMEDIATE came to: an answer, or a command that is still to run.
pub enum Executed {
    Answer(Answer),
    Command(Box<Command>),
}

pub fn execute_immediate(env: &QueryEnvironment, execute: ExecuteImmediate) -> Result<Executed> {
    let query = statement_text(env, execute.statement)?;
    let mut text = SqlText { query, named: Vec::new(), positional: Vec::new() };
    for (value, name) in execute.using {
        match name {
            Some(name) => text.named.push((name, value)),
            None => text.positional.push(value),
        }
    }
    match sql::parse_with_arguments(&text, env.session().conf.read().dialect())? {
        Plan::Query(query) if execute.into.is_empty() => {
            let resolved = resolve_query(env, &query)?;
            let batches = env.collect(visible_plan(&resolved)?)?;
            Answer::of_batches(resolved.schema(), &batches).map(Executed::Answer)
        }
        Plan::Query(query) => set_from(env, &execute.into, query).map(Executed::Answer),
        Plan::Command(_) if !execute.into.is_empty() => Err(SparkError::analysis(
            "INVALID_STATEMENT_FOR_EXECUTE_INTO",
            "The INTO clause of EXECUTE IMMEDIATE is only valid for queries.",
        )
        .with("sqlString", text.query)),
        Plan::Command(Command::ExecuteImmediate(_)) => Err(SparkError::analysis(
            "NESTED_EXECUTE_IMMEDIATE",
            "Nested EXECUTE IMMEDIATE commands are not allowed.",
        )
        .with("sqlString", text.query)),
        Plan::Command(command) => Ok(Executed::Command(Box::new(command))),
    }
}

fn statement_text(env: &QueryEnvironment, statement: Expr) -> Result<String> {
    let (data_type, value) = one_value(env, statement, None)?;
    if !data_type.is_string() {
        return Err(SparkError::analysis(
            "INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE",
            format!("Expression type must be string type but got \"{}\".", data_type.sql()),
        )
        .with("exprType", format!("\"{}\"", data_type.sql())));
    }
    match value {
        ScalarValue::Utf8(Some(text)) => Ok(text),
        _ => Err(SparkError::analysis(
            "NULL_QUERY_STRING_EXECUTE_IMMEDIATE",
            "Execute immediate requires a non-null variable as the query string.",
        )),
    }
}

fn targets<'n>(session: &Session, names: impl Iterator<Item = &'n Name>) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let own = variable_name(name).filter(|own| session.variables.read().contains_key(own));
        let own = own.ok_or_else(|| unresolved(name))?;
        if found.contains(&own) {
            return Err(SparkError::analysis(
                "DUPLICATE_ASSIGNMENTS",
                format!(
                    "The columns or variables `{own}` appear more than once as assignment targets."
                ),
            )
            .with("nameList", format!("`{own}`")));
        }
        found.push(own);
    }
    Ok(found)
}

fn definition(session: &Session, name: &str) -> Result<(SparkType, Option<Expr>)> {
    let variables = session.variables.read();
    let found = variables.get(name).map(|own| (own.data_type.clone(), own.default.clone()));
    found.ok_or_else(|| unresolved(&vec![name.to_owned()]))
}

fn assign(session: &Session, names: Vec<String>, values: Vec<ScalarValue>) {
    let mut variables = session.variables.write();
    for (name, value) in names.into_iter().zip(values) {
        if let Some(variable) = variables.get_mut(&name) {
            variable.value = value;
        }
    }
}

/// The value of an expression without columns, and its type.
fn one_value(
    env: &QueryEnvironment,
    expr: Expr,
    data_type: Option<SparkType>,
) -> Result<(SparkType, ScalarValue)> {
    let expr = match &data_type {
        Some(data_type) => cast(expr, data_type.clone()),
        None => expr,
    };
    let input = RelationNode::OneRow.into();
    let (schema, rows) = rows(env, &RelationNode::Project { input, exprs: vec![expr] }.into())?;
    let found = schema.fields.into_iter().next().map(|field| field.data_type);
    match (found, rows.into_iter().flatten().next()) {
        (Some(found), Some(value)) => Ok((data_type.unwrap_or(found), value)),
        _ => Err(SparkError::internal("an expression without a value")),
    }
}

fn rows(env: &QueryEnvironment, relation: &Relation) -> Result<(StructType, Rows)> {
    let resolved = resolve_query(env, relation)?;
    let mut rows = Vec::new();
    for batch in env.collect(visible_plan(&resolved)?)? {
        for row in 0..batch.num_rows() {
            let columns = batch.columns().iter();
            let values = columns.map(|column| ScalarValue::try_from_array(column, row));
            rows.push(values.collect::<std::result::Result<_, _>>()?);
        }
    }
    Ok((resolved.schema(), rows))
}

/// As INSERT stores values.
fn cast(expr: Expr, to: SparkType) -> Expr {
    ExprNode::Cast { expr: Box::new(expr), to, mode: CastMode::Ansi }.into()
}

fn null() -> firesteel_plan::spec::Literal {
    firesteel_plan::spec::Literal::Null(SparkType::Null)
}

fn check_arity(n_targets: usize, n_values: usize) -> Result<()> {
    if n_targets == n_values {
        return Ok(());
    }
    Err(SparkError::analysis(
        "ASSIGNMENT_ARITY_MISMATCH",
        format!(
            "The number of columns or variables assigned or aliased: {n_targets} does not match the \
             number of source expressions: {n_values}."
        ),
    )
    .with("numTarget", n_targets.to_string())
    .with("numExpr", n_values.to_string()))
}

fn shown(name: &str) -> String {
    format!("`system`.`session`.`{name}`")
}

fn unresolved(name: &Name) -> SparkError {
    let shown = full_name(name);
    SparkError::analysis(
        "UNRESOLVED_VARIABLE",
        format!("Cannot resolve variable {shown} on search path `system`.`session`."),
    )
    .with("variableName", shown)
    .with("searchPath", "`system`.`session`")
}

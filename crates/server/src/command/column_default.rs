//! DEFAULT of columns: checked when it is declared, kept in the column's metadata under Spark's keys, and put in the
//! place of what an INSERT leaves out.
//!
//! `CURRENT_DEFAULT` is what new rows get; `EXISTS_DEFAULT`, a constant, what rows have that were written before there
//! was such a column.

use super::store_assignment::{fitting, loses_nothing};
use crate::catalog::CatalogTable;
use crate::planning::visible_plan;
use crate::session::{QueryEnvironment, Session};
use datafusion::common::ScalarValue;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use firesteel_functions::registry::{self, Builder};
use firesteel_plan::resolve::{Environment, resolve_query};
use firesteel_plan::spec::{CastMode, Expr, ExprNode, Literal, Relation, RelationNode};
use firesteel_plan::sql;

/// Metadata of a column: the text of its DEFAULT.
pub const CURRENT: &str = "CURRENT_DEFAULT";
/// Metadata of a column: the value of rows that have none in their files.
pub const EXISTS: &str = "EXISTS_DEFAULT";

/// The text of a column's DEFAULT.
pub fn text_of(field: &StructField) -> Option<&str> {
    field.metadata.get(CURRENT)?.as_str()
}

/// Gives a new column its DEFAULT. `command` is the statement as messages name it.
///
/// # Errors
/// `INVALID_DEFAULT_VALUE.…`, `DEFAULT_UNSUPPORTED` for a format, or what computing the value raises.
pub(super) fn declare(
    env: &QueryEnvironment,
    field: &mut StructField,
    text: &str,
    format: &str,
    command: &str,
) -> Result<()> {
    let value = checked(env, field, text, format, command)?;
    let constant = constant_text(&value).unwrap_or_else(|| text.to_owned());
    field.metadata.insert(CURRENT.to_owned(), text.into());
    field.metadata.insert(EXISTS.to_owned(), constant.into());
    Ok(())
}

/// Changes the DEFAULT of a column that rows may have: none drops it. What earlier rows read stays.
///
/// # Errors
/// As [`declare`].
pub(super) fn change(
    env: &QueryEnvironment,
    field: &mut StructField,
    text: Option<&str>,
    format: &str,
) -> Result<()> {
    match text {
        Some(text) => {
            checked(env, field, text, format, "ALTER TABLE ALTER COLUMN")?;
            field.metadata.insert(CURRENT.to_owned(), text.into());
        }
        None => {
            field.metadata.remove(CURRENT);
        }
    }
    Ok(())
}

/// The value of a DEFAULT that a column may have.
fn checked(
    env: &QueryEnvironment,
    field: &StructField,
    text: &str,
    format: &str,
    command: &str,
) -> Result<ScalarValue> {
    let enabled = env.session().conf.read().effective("spark.sql.defaultColumn.enabled");
    if enabled.is_some_and(|on| on.eq_ignore_ascii_case("false")) {
        return Err(SparkError::analysis(
            "UNSUPPORTED_DEFAULT_VALUE.WITH_SUGGESTION",
            "DEFAULT column values is not supported. Enable it by setting \"spark.sql.defaultColumn.enabled\" \
             to \"true\".",
        ));
    }
    if !matches!(format, "parquet" | "csv" | "json" | "orc") {
        return Err(SparkError::analysis(
            "DEFAULT_UNSUPPORTED",
            format!(
                "Failed to execute {command} command because DEFAULT values are not supported for target data \
                 source with table provider: \"{format}\"."
            ),
        )
        .with("statementType", command)
        .with("dataSource", format));
    }
    let invalid = |which: &str, why: &str| invalid(which, command, &field.name, text, why);
    let expr = sql::parse_expression(text)?;
    if holds_subquery(&expr) {
        return Err(invalid("SUBQUERY_EXPRESSION", "which contains subquery expressions."));
    }
    let not_constant = || {
        invalid(
            "NOT_CONSTANT",
            "which is not a constant expression whose equivalent value is known at query planning time.",
        )
    };
    let found = match resolve_query(env, &one(expr.clone())) {
        Err(error) if error.condition().starts_with("UNRESOLVED_COLUMN") => {
            return Err(not_constant());
        }
        found => found?.schema(),
    };
    let found = found.fields.into_iter().next().map(|own| own.data_type);
    let found = found.ok_or_else(not_constant)?;
    let to = &field.data_type;
    let plain = to.without_length();
    if found != plain && found != SparkType::Null && !loses_nothing(&found, &plain) {
        // A constant of a wider type may fit.
        let tried = Expr::from(ExprNode::Cast {
            expr: Box::new(expr.clone()),
            to: plain.clone(),
            mode: CastMode::Try,
        });
        let may_fit = is_constant(&expr) && is_simple(&found) && is_simple(&plain);
        let fits = match may_fit.then(|| value_of(env, tried)).transpose() {
            Ok(value) => value.is_some_and(|value| !value.is_null()),
            // There is no such cast.
            Err(error) if error.condition().starts_with("DATATYPE_MISMATCH") => false,
            Err(error) => return Err(error),
        };
        if !fits {
            let (wanted, found) = (plain.sql(), found.sql());
            let why = format!(
                "which requires \"{wanted}\" type, but the statement provided a value of incompatible \
                 \"{found}\" type."
            );
            return Err(invalid("DATA_TYPE", &why)
                .with("expectedType", format!("\"{wanted}\""))
                .with("actualType", format!("\"{found}\"")));
        }
    }
    value_of(env, fitting(expr, to, CastMode::Ansi))
}

/// Whether an expression has one value for all time: no name, and no function that asks the clock or chance.
fn is_constant(expr: &Expr) -> bool {
    const CHANGING: [&str; 14] = [
        "curdate",
        "current_date",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtimestamp",
        "monotonically_increasing_id",
        "now",
        "rand",
        "randn",
        "random",
        "randstr",
        "uniform",
        "uuid",
    ];
    match &expr.node {
        ExprNode::Literal(_) => true,
        ExprNode::Function(call) => {
            let name = call.name.last().map(|name| name.to_lowercase()).unwrap_or_default();
            let is_scalar = registry::lookup(&name)
                .is_some_and(|found| matches!(found.builder, Builder::Scalar(_)));
            is_scalar && !CHANGING.contains(&name.as_str()) && call.args.iter().all(is_constant)
        }
        ExprNode::Cast { expr, .. } => is_constant(expr),
        _ => false,
    }
}

/// Whether constants of a type may become those of a narrower one.
fn is_simple(data_type: &SparkType) -> bool {
    !matches!(
        data_type,
        SparkType::Boolean
            | SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Variant
    )
}

fn one(expr: Expr) -> Relation {
    RelationNode::Project { input: RelationNode::OneRow.into(), exprs: vec![expr] }.into()
}

fn value_of(env: &QueryEnvironment, expr: Expr) -> Result<ScalarValue> {
    let resolved = resolve_query(env, &one(expr))?;
    for batch in env.collect(visible_plan(&resolved)?)? {
        if batch.num_rows() > 0 {
            return Ok(ScalarValue::try_from_array(batch.column(0), 0)?);
        }
    }
    Err(SparkError::internal("a default without a value"))
}

/// What rows have in a column that came after them; none: null.
///
/// # Errors
/// When the constant in the column's metadata has no value, which is not to be.
pub fn value_of_earlier_rows(
    env: &QueryEnvironment,
    field: &StructField,
) -> Result<Option<ScalarValue>> {
    let Some(text) = field.metadata.get(EXISTS).and_then(|text| text.as_str()) else {
        return Ok(None);
    };
    let to = field.data_type.without_length();
    let value = value_of(env, fitting(sql::parse_expression(text)?, &to, CastMode::Ansi))?;
    Ok((!value.is_null()).then_some(value))
}

fn holds_subquery(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Subquery(_) => true,
        ExprNode::Function(call) => call.args.iter().any(holds_subquery),
        ExprNode::Cast { expr, .. } | ExprNode::Alias { expr, .. } => holds_subquery(expr),
        ExprNode::ExtractValue { child, key } => holds_subquery(child) || holds_subquery(key),
        _ => false,
    }
}

fn invalid(which: &str, command: &str, column: &str, text: &str, why: &str) -> SparkError {
    SparkError::analysis(
        format!("INVALID_DEFAULT_VALUE.{which}"),
        format!(
            "Failed to execute {command} command because the destination column or variable `{column}` has a \
             DEFAULT value {text}, {why}"
        ),
    )
    .with("statement", command)
    .with("colName", format!("`{column}`"))
    .with("defaultValue", text)
}

/// A constant as SQL writes it; none for types that the text of the default tells as well.
fn constant_text(value: &ScalarValue) -> Option<String> {
    use ScalarValue::{
        Boolean, Date32, Int8, Int16, Int32, Int64, LargeUtf8, TimestampMicrosecond, Utf8, Utf8View,
    };
    if value.is_null() {
        return Some("NULL".to_owned());
    }
    Some(match value {
        Boolean(Some(flag)) => flag.to_string(),
        Int8(Some(number)) => format!("{number}Y"),
        Int16(Some(number)) => format!("{number}S"),
        Int32(Some(number)) => number.to_string(),
        Int64(Some(number)) => format!("{number}L"),
        Utf8(Some(text)) | LargeUtf8(Some(text)) | Utf8View(Some(text)) => {
            format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
        }
        Date32(Some(_)) => format!("DATE '{value}'"),
        // The time of now, say: the text would give another one later.
        TimestampMicrosecond(Some(micros), Some(_)) => format!("timestamp_micros({micros}L)"),
        _ => return None,
    })
}

/// The value that a column of `table` gets where an INSERT has none.
///
/// # Errors
/// `INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA` where the session wants none invented.
pub(super) fn missing(
    session: &Session,
    table: &CatalogTable,
    field: &StructField,
    to: &SparkType,
) -> Result<Expr> {
    const NULLS: &str = "spark.sql.defaultColumn.useNullsForMissingDefaultValues";
    let nulls = session.conf.read().effective(NULLS);
    if text_of(field).is_none() && nulls.is_some_and(|on| on.eq_ignore_ascii_case("false")) {
        let (table, column) = (table.name.quoted(), format!("`{}`", field.name));
        return Err(SparkError::analysis(
            "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA",
            format!(
                "Cannot write incompatible data for the table {table}: Cannot find data for the output column \
                 {column}."
            ),
        )
        .with("tableName", table)
        .with("colName", column));
    }
    value(field, to)
}

/// A column's DEFAULT as its type; null without one.
fn value(field: &StructField, to: &SparkType) -> Result<Expr> {
    let value = match text_of(field) {
        Some(text) => sql::parse_expression(text)?,
        None => Expr::literal(Literal::Null(to.without_length())),
    };
    Ok(fitting(value, to, CastMode::Ansi))
}

/// `DEFAULT` as a value is a column of that name for the parser.
pub(super) fn is_keyword(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Attribute { name, plan_id: None, .. } => {
            name.len() == 1 && name[0].eq_ignore_ascii_case("default")
        }
        ExprNode::Alias { expr, .. } => is_keyword(expr),
        _ => false,
    }
}

/// The query of an INSERT with the columns' values in the place of `DEFAULT`; `open` are the columns of the table
/// that the query's columns go to.
///
/// # Errors
/// When a default's text does not parse, which is not to be.
pub(super) fn with_values(
    query: Relation,
    schema: &StructType,
    open: &[String],
) -> Result<Relation> {
    let replaced = |position: usize, expr: Expr| {
        let column = open.get(position).and_then(|name| {
            schema.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
        });
        match column {
            Some(field) if is_keyword(&expr) => {
                let own = value(field, &field.data_type.without_length())?;
                Ok(own.alias(format!("col{}", position + 1)))
            }
            _ => Ok(expr),
        }
    };
    let row = |exprs: Vec<Expr>| {
        exprs.into_iter().enumerate().map(|(at, expr)| replaced(at, expr)).collect::<Result<_>>()
    };
    if !names_default(&query) {
        return Ok(query);
    }
    Ok(match *query.node {
        RelationNode::InlineTable { rows } => {
            let unnamed = |expr: Expr| match expr.node {
                ExprNode::Alias { expr, .. } => *expr,
                _ => expr,
            };
            let rows = rows.into_iter().map(|exprs| {
                let exprs: Vec<Expr> = row(exprs)?;
                Ok(exprs.into_iter().map(unnamed).collect())
            });
            RelationNode::InlineTable { rows: rows.collect::<Result<_>>()? }.into()
        }
        RelationNode::Project { input, exprs } => {
            RelationNode::Project { input, exprs: row(exprs)? }.into()
        }
        RelationNode::Alias { input, name, qualifier, columns } => {
            let input = with_values(input, schema, open)?;
            RelationNode::Alias { input, name, qualifier, columns }.into()
        }
        node => Relation { node: Box::new(node), ..query },
    })
}

fn names_default(query: &Relation) -> bool {
    match query.node.as_ref() {
        RelationNode::InlineTable { rows } => rows.iter().flatten().any(is_keyword),
        RelationNode::Project { exprs, .. } => exprs.iter().any(is_keyword),
        RelationNode::Alias { input, .. } => names_default(input),
        _ => false,
    }
}

/// The error of a query that could not be resolved, told as Spark tells a `DEFAULT` within an expression.
pub(super) fn misplaced(error: SparkError) -> SparkError {
    let names_default = error
        .parameters()
        .iter()
        .any(|(key, value)| key == "objectName" && value.eq_ignore_ascii_case("`default`"));
    if !error.condition().starts_with("UNRESOLVED_COLUMN") || !names_default {
        return error;
    }
    SparkError::analysis(
        "DEFAULT_PLACEMENT_INVALID",
        "A DEFAULT keyword in a MERGE, INSERT, UPDATE, or SET VARIABLE command could not be directly assigned to \
         a target column because it was part of an expression.\nFor example: `UPDATE SET c1 = DEFAULT` is \
         allowed, but `UPDATE T SET c1 = DEFAULT + 1` is not allowed.",
    )
}

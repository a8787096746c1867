//! SQL text → `spec`: a hand-written recursive-descent parser with precedence climbing.
//!
//! ```text
//! text ──lexer──▶ tokens ──Parser (one file per topic)──▶ spec::Plan, each expression with its place
//! ```
//!
//! The grammar is Spark 4.2's in its default mode, where nearly every keyword may also be a name.
//! Work is linear in the text: no rule reads a piece twice, and nesting is bounded.

mod alter;
mod alter_table;
mod call;
mod column;
mod create_table;
mod create_view;
mod data_type;
mod datetime_text;
mod ddl;
mod dml;
mod error;
mod expression;
mod function;
mod hints;
mod identifier;
mod interval;
pub(crate) mod keywords;
mod lexer;
mod literal;
mod parser;
mod pipe;
mod pipeline;
mod pivot;
mod primary;
mod property;
mod query;
mod resource;
mod row_format;
mod row_level;
mod script;
mod script_transform;
mod settings;
mod show;
mod split;
mod statement;
mod string;
mod table;
#[cfg(test)]
mod tests;
mod token;
mod variables;
mod window;

pub(crate) use literal::special_time;
pub use split::split_statements;

use crate::spec::{Expr, Plan, Relation, SqlText};
use firesteel_common::{Result, SparkType, SqlDialect, StructType};
use parser::{parse_all, parse_all_with};

/// Parses one statement (a trailing `;` is allowed).
///
/// # Errors
/// `PARSE_SYNTAX_ERROR` and its kin, with line, position and the text marked.
pub fn parse_statement(text: &str) -> Result<Plan> {
    parse_statement_in(text, SqlDialect::default())
}

/// As [`parse_statement`], as a session's settings want it.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_statement_in(text: &str, dialect: SqlDialect) -> Result<Plan> {
    parse_all_with(text, None, dialect, |parser| {
        let plan = parser.statement()?;
        while parser.take(";") {}
        Ok(plan)
    })
}

/// Parses the query of a view once more, so that errors in it name the view and positions in its text.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_view(text: &str, name: &str, dialect: SqlDialect) -> Result<Relation> {
    parse_all_with(text, None, dialect, |parser| {
        parser.view = Some(name.into());
        parser.query()
    })
}

/// Parses one statement whose parameters are replaced by the arguments that came with it: commands
/// have no query around them in which parameters could be resolved.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_with_arguments(text: &SqlText, dialect: SqlDialect) -> Result<Plan> {
    parse_all_with(&text.query, Some(text), dialect, |parser| {
        let plan = parser.statement()?;
        while parser.take(";") {}
        Ok(plan)
    })
}

/// Parses an expression with an optional alias, as `expr("…")` and `selectExpr` take it.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_expression(text: &str) -> Result<Expr> {
    parse_expression_in(text, SqlDialect::default())
}

/// As [`parse_expression`], as a session's settings want it.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_expression_in(text: &str, dialect: SqlDialect) -> Result<Expr> {
    parse_all_with(text, None, dialect, |parser| parser.named_expression())
}

/// Parses a possibly qualified, possibly back-quoted name: `` a.`b c`.d ``.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_name(text: &str) -> Result<Vec<String>> {
    parse_all(text, |parser| parser.multipart_name())
}

/// Parses one data type: `array<int>`, `decimal(10,2)`, `struct<a: int>`.
///
/// # Errors
/// As [`parse_statement`]; `UNSUPPORTED_DATATYPE` for an unknown name.
pub fn parse_type(text: &str) -> Result<SparkType> {
    parse_all(text, |parser| parser.data_type())
}

/// Whether the text of a timestamp literal names a time zone.
pub(crate) fn has_time_zone(text: &str) -> bool {
    datetime_text::timestamp(text).is_some_and(|(_, zone)| !zone.is_empty())
}

/// Parses a table schema: `a INT NOT NULL COMMENT 'x', b STRING`.
///
/// # Errors
/// As [`parse_type`].
pub fn parse_schema(text: &str) -> Result<StructType> {
    parse_all(text, |parser| parser.schema())
}

//! SQL text → `spec`: a hand-written recursive-descent parser with precedence climbing.

use crate::spec::{Expr, Plan};
use firesteel_common::{Result, SparkError, SparkType, StructType};

/// Parses one statement (a trailing `;` is allowed).
///
/// # Errors
/// `PARSE_SYNTAX_ERROR` and its kin, with line, position and the text marked.
pub fn parse_statement(text: &str) -> Result<Plan> {
    Err(SparkError::syntax(text))
}

/// Parses an expression with an optional alias, as `expr("…")` and `selectExpr` take it.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_expression(text: &str) -> Result<Expr> {
    Err(SparkError::syntax(text))
}

/// Parses a possibly qualified, possibly back-quoted name: `` a.`b c`.d ``.
///
/// # Errors
/// As [`parse_statement`].
pub fn parse_name(text: &str) -> Result<Vec<String>> {
    Err(SparkError::syntax(text))
}

/// Parses one data type: `array<int>`, `decimal(10,2)`, `struct<a: int>`.
///
/// # Errors
/// As [`parse_statement`]; `UNSUPPORTED_DATATYPE` for an unknown name.
pub fn parse_type(text: &str) -> Result<SparkType> {
    Err(SparkError::syntax(text))
}

/// Parses a table schema: `a INT NOT NULL COMMENT 'x', b STRING`.
///
/// # Errors
/// As [`parse_type`].
pub fn parse_schema(text: &str) -> Result<StructType> {
    Err(SparkError::syntax(text))
}

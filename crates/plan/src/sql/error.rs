//! Errors of the parser, laid out as Spark prints them.

use firesteel_common::error::Origin;
use firesteel_common::{ErrorKind, QueryContext, SparkError};

/// An error at one position: ` (line 1, pos 7)`, the whole text and a mark under the place.
fn at_position(error: SparkError, text: &str, position: usize) -> SparkError {
    let before = text.get(..position).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
    let mut summary = format!(" (line {}, pos {column})\n\n== SQL ==\n", line + 1);
    for (number, shown) in text.split('\n').enumerate() {
        summary.push_str(shown);
        summary.push('\n');
        if number == line {
            summary.push_str(&"-".repeat(column));
            summary.push_str("^^^\n");
        }
    }
    let index = i32::try_from(before.encode_utf16().count()).unwrap_or(i32::MAX);
    error.at(QueryContext {
        start_index: index,
        stop_index: index,
        fragment: text.to_owned(),
        summary,
        ..QueryContext::default()
    })
}

/// `PARSE_SYNTAX_ERROR` at `position`. `near` is the offending token (none: end of the text).
pub(super) fn syntax(text: &str, position: usize, near: Option<&str>, hint: &str) -> SparkError {
    let near = near.map_or_else(|| "end of input".to_owned(), |token| format!("'{token}'"));
    let hint = if hint.is_empty() { String::new() } else { format!(": {hint}") };
    let error = SparkError::syntax(format!("Syntax error at or near {near}{hint}."))
        .with("error", near)
        .with("hint", hint);
    at_position(error, text, position)
}

pub(super) fn empty_statement(text: &str) -> SparkError {
    let message = "Syntax error, unexpected empty statement.";
    let error = SparkError::new(ErrorKind::Parse, "PARSE_EMPTY_STATEMENT", message);
    at_position(error, text, text.len())
}

pub(super) fn unclosed_comment(text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Parse,
        "UNCLOSED_BRACKETED_COMMENT",
        "Found an unclosed bracketed comment. Please, append */ at the end of the comment.",
    )
    .at(QueryContext {
        fragment: text.to_owned(),
        summary: format!("== SQL ==\n{text}"),
        ..QueryContext::default()
    })
}

/// `INVALID_IDENTIFIER` at `position`: a name with a hyphen or a letter outside ASCII.
pub(super) fn invalid_identifier(text: &str, position: usize, name: &str) -> SparkError {
    let message = format!(
        "The unquoted identifier {name} is invalid and must be back quoted as: `{name}`.\n\
         Unquoted identifiers can only contain ASCII letters ('a' - 'z', 'A' - 'Z'), digits ('0' - '9'), \
         and underbar ('_').\nUnquoted identifiers must also not start with a digit.\n\
         Different data sources and meta stores may impose additional restrictions on valid identifiers."
    );
    let error =
        SparkError::new(ErrorKind::Parse, "INVALID_IDENTIFIER", message).with("ident", name);
    at_position(error, text, position)
}

/// Nesting or length beyond what later stages could walk through.
pub(super) fn too_complex(text: &str) -> SparkError {
    let message = "The statement, including potential SQL functions and referenced views, was too \
                   complex to parse.\nTo mitigate this error divide the statement into multiple, less \
                   complex chunks.";
    SparkError::new(ErrorKind::Parse, "FAILED_TO_PARSE_TOO_COMPLEX", message)
        .at(QueryContext { fragment: text.to_owned(), ..QueryContext::default() })
}

/// An error about the piece of text at `origin`.
pub(super) fn at(origin: &Origin, condition: &str, message: impl Into<String>) -> SparkError {
    SparkError::new(ErrorKind::Parse, condition, message).at(origin.to_query_context())
}

/// What Spark refuses although its grammar allows it: `Operation not allowed: …`.
pub(super) fn not_allowed(origin: &Origin, what: &str) -> SparkError {
    at(origin, "_LEGACY_ERROR_TEMP_0035", format!("Operation not allowed: {what}."))
        .with("message", what)
}

/// A statement or clause of Hive that Spark's grammar knows in order to refuse it.
pub(super) fn invalid_statement(origin: &Origin, operation: &str) -> SparkError {
    let message = format!("The statement or clause: {operation} is not valid.");
    at(origin, "INVALID_STATEMENT_OR_CLAUSE", message).with("operation", operation)
}

/// `INVALID_SQL_SYNTAX` of some kind; `what` says it in a sentence.
pub(super) fn invalid_syntax(origin: &Origin, kind: &str, what: &str) -> SparkError {
    at(origin, &format!("INVALID_SQL_SYNTAX.{kind}"), format!("Invalid SQL syntax: {what}"))
}

/// A clause that a statement may have once and has twice.
pub(super) fn duplicate_clauses(origin: &Origin, clause: &str) -> SparkError {
    let message = format!("Found duplicate clauses: {clause}. Please, remove one of them.");
    at(origin, "DUPLICATE_CLAUSES", message).with("clauseName", clause)
}

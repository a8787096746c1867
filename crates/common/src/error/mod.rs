//! The one error type of the engine.
//!
//! A [`SparkError`] carries what PySpark shows its user: the exception class (through
//! [`ErrorKind`]), Spark's error condition, SQLSTATE, message parameters and, where known, the
//! place in the query. Inside DataFusion's traits it travels as `DataFusionError::External` and is
//! unpacked by `From<DataFusionError>`, from text too if that was made by [`SparkError::to_envelope`];
//! only the server turns it into a gRPC status.

mod condition;
mod convert;
mod envelope;
mod origin;
pub mod place;

pub use condition::sql_state;
pub use origin::Origin;

use serde::{Deserialize, Serialize};
use std::fmt;

/// Result with [`SparkError`].
pub type Result<T, E = SparkError> = std::result::Result<T, E>;

/// Whose fault an error is, by the exception class that PySpark raises for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// The SQL text does not follow the grammar.
    Parse,
    /// The query cannot be planned: names, types, arity.
    Analysis,
    /// A number left its range, or a division by zero, under ANSI mode.
    Arithmetic,
    /// A string is not a number.
    NumberFormat,
    /// A date, timestamp, time zone or interval is malformed or out of range.
    DateTime,
    /// Older versions of Spark would answer otherwise.
    Upgrade,
    /// An array position does not exist.
    ArrayIndexOutOfBounds,
    /// An argument has a value that is never allowed.
    IllegalArgument,
    /// The feature exists in Spark but not here, or not for these types.
    Unsupported,
    /// The user's data made the query fail while running.
    Runtime,
    /// A key or configuration that does not exist.
    NoSuchElement,
    /// Files, sources, workers: the world outside.
    Execution,
    /// A Python worker says that the user's function failed.
    Python,
    /// A user's function returned an object that is no value of Spark.
    Pickle,
    /// The client sent a plan that no Spark client would send.
    InvalidPlan,
    /// The query was cancelled by the user.
    Cancelled,
    /// An exception of GraphFrames, which has classes of its own: the parameter `class` names it.
    GraphFrames,
    /// A session or operation handle that is not, or no longer, valid.
    InvalidHandle,
    /// Memory or another limit was exceeded.
    Resources,
    /// A defect of Firesteel.
    Internal,
}

/// What a place in a query is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ContextKind {
    /// A piece of SQL text.
    #[default]
    Sql,
    /// A line of the user's program that calls the DataFrame API.
    DataFrame,
}

/// Where in the user's query an error arose (Spark's `SQLQueryContext`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QueryContext {
    pub kind: ContextKind,
    /// `VIEW` or empty.
    pub object_type: String,
    /// Name of the view, or empty.
    pub object_name: String,
    /// Zero-based position of the first character of the fragment.
    pub start_index: i32,
    /// Zero-based position of its last character.
    pub stop_index: i32,
    /// The text itself; of the DataFrame API, the method that was called.
    pub fragment: String,
    /// File and line of the call; empty for SQL.
    pub call_site: String,
    /// The place shown as Spark shows it: `== SQL (line 1, position 8) ==` and the marked text.
    pub summary: String,
}

/// An error as PySpark will show it. Cheap to move: one box.
#[derive(Clone)]
pub struct SparkError(Box<Inner>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Inner {
    kind: ErrorKind,
    condition: String,
    message: String,
    parameters: Vec<(String, String)>,
    query_context: Option<QueryContext>,
}

impl SparkError {
    /// An error with condition (`"DIVIDE_BY_ZERO"`, `"UNRESOLVED_COLUMN.WITH_SUGGESTION"`) and a
    /// message without the `[CONDITION]` prefix and the `SQLSTATE` suffix, which are added when shown.
    pub fn new(kind: ErrorKind, condition: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            condition: condition.into(),
            message: message.into(),
            parameters: Vec::new(),
            query_context: None,
        }))
    }

    /// [`ErrorKind::Analysis`].
    pub fn analysis(condition: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Analysis, condition, message)
    }

    /// [`ErrorKind::Runtime`].
    pub fn runtime(condition: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Runtime, condition, message)
    }

    /// [`ErrorKind::Parse`] with the condition `PARSE_SYNTAX_ERROR`.
    pub fn syntax(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Parse, "PARSE_SYNTAX_ERROR", message)
    }

    /// [`ErrorKind::Unsupported`]; `feature` names what is missing: `"CLUSTER BY in CREATE TABLE"`.
    pub fn unsupported(feature: impl Into<String>) -> Self {
        let feature = feature.into();
        Self::new(
            ErrorKind::Unsupported,
            "UNSUPPORTED_FEATURE",
            format!("Firesteel does not support this yet: {feature}."),
        )
        .with("feature", feature)
    }

    /// [`ErrorKind::Internal`]: our defect, never the user's.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "INTERNAL_ERROR", message)
    }

    /// [`ErrorKind::InvalidPlan`].
    pub fn invalid_plan(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidPlan, "CONNECT_INVALID_PLAN", message)
    }

    /// Adds one message parameter, as `getMessageParameters()` returns it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.parameters.push((name.to_owned(), value.into()));
        self
    }

    /// Adds the place in the query unless one is known already (the innermost place wins).
    #[must_use]
    pub fn at(mut self, context: QueryContext) -> Self {
        self.0.query_context.get_or_insert(context);
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Spark's error condition, or the empty string for legacy errors that have none.
    pub fn condition(&self) -> &str {
        &self.0.condition
    }

    /// SQLSTATE of the condition, if the condition is known.
    pub fn sql_state(&self) -> Option<&'static str> {
        sql_state(&self.0.condition)
    }

    /// The message without prefix and suffix.
    pub fn raw_message(&self) -> &str {
        &self.0.message
    }

    pub fn parameters(&self) -> &[(String, String)] {
        &self.0.parameters
    }

    pub fn query_context(&self) -> Option<&QueryContext> {
        self.0.query_context.as_ref()
    }
}

/// The form that Spark prints: `[CONDITION] message SQLSTATE: 42703`, then the query context.
impl fmt::Display for SparkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Like Spark, conditions without a name of their own are not shown.
        let is_legacy = self.0.condition.starts_with("_LEGACY_ERROR_");
        if !self.0.condition.is_empty() && !is_legacy {
            write!(f, "[{}] ", self.0.condition)?;
        }
        f.write_str(&self.0.message)?;
        if let Some(state) = self.sql_state() {
            write!(f, " SQLSTATE: {state}")?;
        }
        match &self.0.query_context {
            // A syntax error's place begins on the same line: ` (line 1, pos 7)`.
            Some(context) if context.summary.starts_with(' ') => f.write_str(&context.summary),
            Some(context) if !context.summary.is_empty() => write!(f, "\n{}", context.summary),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for SparkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for SparkError {}

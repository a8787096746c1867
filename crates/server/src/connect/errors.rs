//! [`SparkError`] as a gRPC status, and the full text that the client fetches afterwards.
//!
//! A status travels in HTTP trailers, of which the client takes 8 KiB: it carries the condition,
//! SQLSTATE and the beginning of the message; the rest is kept in the session's [`ErrorLog`] for
//! FetchErrorDetails.

use crate::session::Session;
use firesteel_common::SparkError;
use firesteel_common::error::{ContextKind, ErrorKind};
use firesteel_proto::google_rpc::ErrorInfo;
use firesteel_proto::spark::connect::fetch_error_details_response as details;
use std::collections::{HashMap, VecDeque};
use tonic::{Code, Status};

/// Bytes of message and of parameters in a status. The message is sent twice, once percent-encoded.
const MESSAGE_BYTES_MAX: usize = 900;
const PARAMETERS_BYTES_MAX: usize = 900;
/// Errors that a session remembers.
const LOG_LENGTH_MAX: usize = 256;

/// The latest errors of a session, by id.
#[derive(Default)]
pub struct ErrorLog {
    errors: HashMap<String, SparkError>,
    order: VecDeque<String>,
}

impl ErrorLog {
    fn add(&mut self, error: SparkError) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        self.errors.insert(id.clone(), error);
        self.order.push_back(id.clone());
        if self.order.len() > LOG_LENGTH_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.errors.remove(&oldest);
        }
        id
    }

    pub fn get(&self, id: &str) -> Option<&SparkError> {
        self.errors.get(id)
    }
}

/// The status of an error; with a session, details can be fetched later.
pub fn status(error: &SparkError, session: Option<&Session>) -> Status {
    let classes = classes(error);
    let mut metadata = HashMap::new();
    metadata.insert("classes".to_owned(), serde_json::json!(classes).to_string());
    if !error.condition().is_empty() {
        metadata.insert("errorClass".to_owned(), error.condition().to_owned());
    }
    if let Some(state) = error.sql_state() {
        metadata.insert("sqlState".to_owned(), state.to_owned());
    }
    let parameters: serde_json::Map<_, _> = error
        .parameters()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let parameters = serde_json::Value::Object(parameters).to_string();
    if parameters.len() <= PARAMETERS_BYTES_MAX {
        metadata.insert("messageParameters".to_owned(), parameters);
    }
    if let Some(session) = session {
        let id = session.errors.lock().add(error.clone());
        metadata.insert("errorId".to_owned(), id);
    }
    let reason = classes.first().copied().unwrap_or_default().to_owned();
    let info = ErrorInfo { reason, domain: "org.apache.spark".to_owned(), metadata };
    info.into_status(Code::Internal, abbreviate(error.to_string()))
}

fn abbreviate(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES_MAX {
        let mut end = MESSAGE_BYTES_MAX;
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        message.push_str("...");
    }
    message
}

/// The class of an exception of GraphFrames; PySpark has none for it and shows its name.
fn graph_frames_class(error: &SparkError) -> &'static [&'static str] {
    let class = error.parameters().iter().find(|(name, _)| name == "class");
    match class.map_or("", |(_, class)| class) {
        "InvalidParseException" => &["org.graphframes.InvalidParseException"],
        "InvalidGraphException" => &["org.graphframes.InvalidGraphException"],
        "NoSuchVertexException" => &["org.graphframes.NoSuchVertexException"],
        "GraphFramesUnsupportedVertexTypeException" => {
            &["org.graphframes.GraphFramesUnsupportedVertexTypeException"]
        }
        "GraphFramesW2VException" => &["org.graphframes.GraphFramesW2VException"],
        _ => &["java.lang.RuntimeException"],
    }
}

/// The JVM classes of the exception that Spark would throw, most derived first. PySpark picks its own
/// class by the first one that it knows.
fn classes(error: &SparkError) -> Vec<&'static str> {
    let own: &[&'static str] = match error.kind() {
        ErrorKind::Parse => &[
            "org.apache.spark.sql.catalyst.parser.ParseException",
            "org.apache.spark.sql.AnalysisException",
        ],
        ErrorKind::Analysis => &["org.apache.spark.sql.AnalysisException"],
        ErrorKind::Arithmetic => {
            &["org.apache.spark.SparkArithmeticException", "java.lang.ArithmeticException"]
        }
        ErrorKind::NumberFormat => &[
            "org.apache.spark.SparkNumberFormatException",
            "java.lang.NumberFormatException",
            "java.lang.IllegalArgumentException",
        ],
        ErrorKind::DateTime => {
            &["org.apache.spark.SparkDateTimeException", "java.time.DateTimeException"]
        }
        ErrorKind::Upgrade => &["org.apache.spark.SparkUpgradeException"],
        ErrorKind::ArrayIndexOutOfBounds => &[
            "org.apache.spark.SparkArrayIndexOutOfBoundsException",
            "java.lang.ArrayIndexOutOfBoundsException",
        ],
        ErrorKind::IllegalArgument => &[
            "org.apache.spark.SparkIllegalArgumentException",
            "java.lang.IllegalArgumentException",
        ],
        ErrorKind::Unsupported => &[
            "org.apache.spark.SparkUnsupportedOperationException",
            "java.lang.UnsupportedOperationException",
        ],
        ErrorKind::Runtime => &["org.apache.spark.SparkRuntimeException"],
        // Scala's own, which the client has no class for.
        ErrorKind::NoSuchElement if error.condition().is_empty() => {
            &["java.util.NoSuchElementException"]
        }
        ErrorKind::NoSuchElement => {
            &["org.apache.spark.SparkNoSuchElementException", "java.util.NoSuchElementException"]
        }
        ErrorKind::Python => &["org.apache.spark.api.python.PythonException"],
        ErrorKind::GraphFrames => graph_frames_class(error),
        // The client looks for Pyrolite's class in the text.
        ErrorKind::Pickle => &["org.apache.spark.SparkException"],
        ErrorKind::InvalidPlan => &["org.apache.spark.sql.connect.common.InvalidPlanInput"],
        ErrorKind::Cancelled | ErrorKind::InvalidHandle => {
            return vec![
                "org.apache.spark.SparkSQLException",
                "java.sql.SQLException",
                "java.lang.Exception",
                "java.lang.Throwable",
                "java.lang.Object",
            ];
        }
        ErrorKind::Execution | ErrorKind::Resources | ErrorKind::Internal => {
            &["org.apache.spark.SparkException"]
        }
    };
    let mut classes = own.to_vec();
    if !matches!(
        error.kind(),
        ErrorKind::Parse
            | ErrorKind::Analysis
            | ErrorKind::Execution
            | ErrorKind::Resources
            | ErrorKind::Internal
    ) {
        classes.push("java.lang.RuntimeException");
    }
    classes.extend(["java.lang.Exception", "java.lang.Throwable", "java.lang.Object"]);
    classes
}

/// The whole error, as FetchErrorDetails tells it.
pub fn full_error(error: &SparkError) -> details::Error {
    // A syntax error's position is part of its message and no context, as in Spark.
    let context = error.query_context().filter(|context| !context.summary.starts_with(' '));
    let context = context.map(|context| details::QueryContext {
        context_type: match context.kind {
            ContextKind::Sql => details::query_context::ContextType::Sql.into(),
            ContextKind::DataFrame => details::query_context::ContextType::Dataframe.into(),
        },
        object_type: context.object_type.clone(),
        object_name: context.object_name.clone(),
        start_index: context.start_index,
        stop_index: context.stop_index,
        fragment: context.fragment.clone(),
        call_site: context.call_site.clone(),
        summary: context.summary.clone(),
    });
    let condition = Some(error.condition()).filter(|condition| !condition.is_empty());
    details::Error {
        error_type_hierarchy: classes(error).into_iter().map(str::to_owned).collect(),
        message: error.to_string(),
        stack_trace: Vec::new(),
        cause_idx: None,
        spark_throwable: Some(details::SparkThrowable {
            error_class: condition.map(str::to_owned),
            message_parameters: error.parameters().iter().cloned().collect(),
            query_contexts: context.into_iter().collect(),
            sql_state: error.sql_state().map(str::to_owned),
            breaking_change_info: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firesteel_proto::google_rpc;
    use prost::Message;

    #[test]
    fn long_errors_fit_into_trailers() {
        let error = SparkError::analysis("UNRESOLVED_COLUMN.WITH_SUGGESTION", "é".repeat(100_000))
            .with("proposal", "x".repeat(100_000));
        let status = status(&error, None);
        assert!(status.details().len() < 4_096);
        let details = google_rpc::Status::decode(status.details()).unwrap();
        let info = ErrorInfo::decode(details.details[0].value.as_slice()).unwrap();
        assert_eq!(info.metadata["errorClass"], "UNRESOLVED_COLUMN.WITH_SUGGESTION");
        assert_eq!(info.metadata["sqlState"], "42703");
        assert!(!info.metadata.contains_key("messageParameters"));
    }
}

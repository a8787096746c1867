//! The slow-query log: queries that took longer than `firesteel.slowQuery.threshold`, with their plan and
//! what its operators measured, as warnings of the target `firesteel::slow_query`.

use crate::command::{ShownNames, measured};
use crate::limits::milliseconds;
use crate::session::Session;
use firesteel_common::SparkError;
use firesteel_engine::execution::Execution;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A time such as `10s`; queries of that length and longer are logged. Off while it is not set.
const THRESHOLD: &str = "firesteel.slowQuery.threshold";

/// Waits for the end of one operation.
pub struct SlowQueryWatch {
    session: Arc<Session>,
    operation: String,
    threshold: Option<Duration>,
    began: Instant,
}

impl SlowQueryWatch {
    pub fn begin(session: &Arc<Session>, operation: &str) -> Self {
        let text = session.conf.read().effective(THRESHOLD);
        let threshold = text.and_then(|text| u64::try_from(milliseconds(&text)?).ok());
        Self {
            session: Arc::clone(session),
            operation: operation.to_owned(),
            threshold: threshold.map(Duration::from_millis),
            began: Instant::now(),
        }
    }

    /// Logs what has ended, as slow if it was.
    pub fn end(self, execution: &Execution, error: Option<&SparkError>) {
        let elapsed = self.began.elapsed();
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let (session, operation) = (self.session.key.id.as_str(), self.operation.as_str());
        let condition = error.map(SparkError::condition);
        tracing::info!(
            target: "firesteel::query",
            session, operation, elapsed_ms, condition,
            "{}", if error.is_some() { "failed" } else { "finished" }
        );
        if self.threshold.is_none_or(|threshold| elapsed < threshold) {
            return;
        }
        let names = ShownNames::from_map(execution.column_names());
        let plans = execution.started();
        let plan: String =
            plans.iter().map(|started| measured(&started.plan, &names).draw()).collect();
        let user = self.session.key.user.as_str();
        tracing::warn!(
            target: "firesteel::slow_query",
            session, user, operation, elapsed_ms, condition,
            // In the message, because fields are shown with their line breaks escaped.
            "slow query\n{plan}"
        );
    }
}

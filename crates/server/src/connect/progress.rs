//! Progress of a query that takes its time: the client's bar moves, its handlers are called.

use super::operation::Operation;
use crate::limits::milliseconds;
use crate::session::Session;
use firesteel_engine::execution::Execution;
use firesteel_engine::progress::stages;
use firesteel_proto::spark::connect as proto;
use proto::execute_plan_response::execution_progress::StageInfo;
use proto::execute_plan_response::{ExecutionProgress, ResponseType};
use std::convert::Infallible;
use std::time::Duration;

/// When the first report comes, and how long lies between two.
const INTERVAL: &str = "spark.connect.progress.reportInterval";

/// How often `session` is told; none for never.
pub fn interval(session: &Session) -> Option<Duration> {
    let text = session.conf.read().effective(INTERVAL)?;
    let interval = u64::try_from(milliseconds(&text)?).ok()?;
    (interval > 0).then(|| Duration::from_millis(interval))
}

/// Reports until it is dropped. No more tasks run at a time than there are `slots`.
pub async fn report(
    operation: &Operation,
    execution: &Execution,
    interval: Option<Duration>,
    slots: usize,
) -> Infallible {
    let Some(interval) = interval else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(interval).await;
        let stages = stages(execution);
        if stages.is_empty() {
            continue;
        }
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        // Tasks under an exchange begin before they have a slot.
        let running = stages.iter().map(|stage| stage.n_running).sum::<usize>().min(slots);
        let stages = stages.iter().enumerate().map(|(id, stage)| StageInfo {
            stage_id: count(id),
            num_tasks: count(stage.n_tasks),
            num_completed_tasks: count(stage.n_done),
            input_bytes_read: count(stage.bytes_read),
            done: stage.n_done == stage.n_tasks,
        });
        let progress =
            ExecutionProgress { stages: stages.collect(), num_inflight_tasks: count(running) };
        operation
            .push(proto::ExecutePlanResponse {
                response_type: Some(ResponseType::ExecutionProgress(progress)),
                ..Default::default()
            })
            .await;
    }
}

//! `df.executionInfo.metrics`: the operators that ran and what they have measured.

use firesteel_engine::execution::Execution;
use firesteel_engine::operator_metrics::operator_metrics;
use firesteel_proto::spark::connect as proto;
use proto::execute_plan_response::Metrics;
use proto::execute_plan_response::metrics::{MetricObject, MetricValue};
use std::collections::HashMap;

/// The operators as one tree, which is what the client takes: the plan that was started last, and
/// under its root what was run for it before. None when nothing has run.
pub fn metrics(execution: &Execution) -> Option<Metrics> {
    let mut started = execution.started();
    started.reverse();
    let mut objects = Vec::new();
    for plan in started {
        let first = objects.len();
        for (position, operator) in operator_metrics(&plan.plan).into_iter().enumerate() {
            let parent = operator.parent.map_or(0, |parent| first + parent);
            let metrics = operator.metrics.into_iter().map(|(key, metric)| {
                let value = MetricValue {
                    name: metric.label,
                    value: i64::try_from(metric.value).unwrap_or(i64::MAX),
                    metric_type: metric.kind.as_str().to_owned(),
                };
                (key, value)
            });
            objects.push(MetricObject {
                name: operator.operator.name().trim_end_matches("Exec").to_owned(),
                plan_id: number(first + position),
                // The root is its own parent, as in Spark.
                parent: number(parent),
                execution_metrics: metrics.collect::<HashMap<_, _>>(),
            });
        }
    }
    (!objects.is_empty()).then_some(Metrics { metrics: objects })
}

fn number(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

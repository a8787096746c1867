//! A plan that has run, with what its operators measured: `EXPLAIN ANALYZE` and the slow-query log.

use super::names::ShownNames;
use super::tree::{Tree, physical_line};
use datafusion::physical_plan::ExecutionPlan;
use firesteel_engine::operator_metrics::{Metric, MetricKind, OperatorMetrics, operator_metrics};
use std::sync::Arc;

/// Shown under other words, or of no use to a reader.
const SHOWN_FIRST: [(&str, &str); 4] =
    [("numOutputRows", "rows"), ("time", "time"), ("spillSize", "spill"), ("peakMemory", "memory")];
/// Parts of an operator's time that are shorter say nothing.
const NANOSECONDS_SHOWN_MIN: usize = 100_000;
const HIDDEN: [&str; 4] = ["numPartitions", "numOutputBatches", "dataSize", "numSpilledRows"];

/// The drawing of `plan` with rows, time, spill and memory after each operator, then what else it
/// measured.
pub fn measured(plan: &Arc<dyn ExecutionPlan>, names: &ShownNames) -> Tree {
    let operators = operator_metrics(plan);
    draw(&operators, 0, names)
}

fn draw(operators: &[OperatorMetrics], position: usize, names: &ShownNames) -> Tree {
    let own = &operators[position];
    let mut shown = Vec::new();
    for (key, word) in SHOWN_FIRST {
        // An operator that counts rows spilled none unless it says so.
        match own.metrics.get(key) {
            Some(metric) => shown.push(format!("{word}={}", text(metric))),
            None if key == "spillSize" && own.metrics.contains_key("numOutputRows") => {
                shown.push("spill=0.0 B".to_owned());
            }
            None => {}
        }
    }
    let others = own.metrics.iter().filter(|(key, metric)| {
        !HIDDEN.contains(&key.as_str())
            && !SHOWN_FIRST.iter().any(|(first, _)| first == key)
            && (metric.kind != MetricKind::Nanoseconds || metric.value >= NANOSECONDS_SHOWN_MIN)
    });
    shown.extend(others.map(|(key, metric)| format!("{key}={}", text(metric))));
    let children = (position + 1..operators.len())
        .filter(|child| operators[*child].parent == Some(position))
        .map(|child| draw(operators, child, names));
    let line = physical_line(&own.operator, names);
    Tree { line: format!("{line}  [{}]", shown.join(", ")), children: children.collect() }
}

fn text(metric: &Metric) -> String {
    match metric.kind {
        MetricKind::Count => metric.value.to_string(),
        MetricKind::Bytes => super::cost::size(metric.value),
        MetricKind::Nanoseconds => format!("{:.2} ms", metric.value as f64 / 1e6),
    }
}

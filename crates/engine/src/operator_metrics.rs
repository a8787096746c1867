//! What the operators of a plan have measured while it ran, under the names that Spark's UI uses.

use datafusion::physical_plan::metrics::{MetricValue, MetricsSet};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One operator of a plan that has run.
#[derive(Debug, Clone)]
pub struct OperatorMetrics {
    pub operator: Arc<dyn ExecutionPlan>,
    /// Position of the parent in the list; none at the root.
    pub parent: Option<usize>,
    /// Sums over all partitions, by Spark's key (`numOutputRows`, `spillSize`, `peakMemory`, …).
    pub metrics: BTreeMap<String, Metric>,
}

/// A number with what Spark's UI calls it and counts it as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub label: String,
    pub value: usize,
    pub kind: MetricKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Count,
    Bytes,
    Nanoseconds,
}

impl MetricKind {
    /// Spark's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Count => "sum",
            MetricKind::Bytes => "size",
            MetricKind::Nanoseconds => "nsTiming",
        }
    }
}

/// The operators of a plan from the root on, each before its children.
pub fn operator_metrics(plan: &Arc<dyn ExecutionPlan>) -> Vec<OperatorMetrics> {
    let mut operators = Vec::new();
    add(plan, None, &mut operators);
    operators
}

fn add(plan: &Arc<dyn ExecutionPlan>, parent: Option<usize>, operators: &mut Vec<OperatorMetrics>) {
    let mut metrics = BTreeMap::new();
    for metric in plan.metrics().iter().flat_map(MetricsSet::iter) {
        let Some((key, label, kind)) = naming(metric.value()) else { continue };
        let value = metric.value().as_usize();
        let sum = metrics.entry(key).or_insert(Metric { label, value: 0, kind });
        sum.value = sum.value.saturating_add(value);
    }
    // What never happened is not worth a line, except that there were no rows.
    metrics.retain(|key, metric| metric.value > 0 || key == "numOutputRows");
    let value = plan.output_partitioning().partition_count();
    let label = "number of partitions".to_owned();
    metrics.insert("numPartitions".to_owned(), Metric { label, value, kind: MetricKind::Count });
    let position = operators.len();
    operators.push(OperatorMetrics { operator: Arc::clone(plan), parent, metrics });
    for child in plan.children() {
        add(child, Some(position), operators);
    }
}

/// Spark's key and label where it measures the same; otherwise DataFusion's name in Spark's spelling.
fn naming(value: &MetricValue) -> Option<(String, String, MetricKind)> {
    use MetricKind::{Bytes, Count, Nanoseconds};
    let known = |key: &str, label: &str, kind| Some((key.to_owned(), label.to_owned(), kind));
    match value {
        MetricValue::OutputRows(_) => known("numOutputRows", "number of output rows", Count),
        MetricValue::ElapsedCompute(_) => known("time", "time in operator", Nanoseconds),
        MetricValue::SpillCount(_) => known("numSpills", "number of spills", Count),
        MetricValue::SpilledBytes(_) => known("spillSize", "spill size", Bytes),
        MetricValue::SpilledRows(_) => known("numSpilledRows", "number of spilled rows", Count),
        MetricValue::OutputBytes(_) => known("dataSize", "data size", Bytes),
        MetricValue::OutputBatches(_) => known("numOutputBatches", "number of batches", Count),
        MetricValue::CurrentMemoryUsage(_) | MetricValue::PeakMemoryUsage { .. } => {
            known("peakMemory", "peak memory", Bytes)
        }
        MetricValue::Count { name, .. } | MetricValue::Gauge { name, .. } => match name.as_ref() {
            "bytes_scanned" => known("filesSize", "size of files read", Bytes),
            "peak_mem_used" | "build_mem_used" => known("peakMemory", "peak memory", Bytes),
            name => {
                let kind = if name.contains("bytes") { Bytes } else { Count };
                Some((camel_case(name), name.replace('_', " "), kind))
            }
        },
        MetricValue::Time { name, .. } => {
            Some((camel_case(name), name.replace('_', " "), Nanoseconds))
        }
        // Points in time, ratios and pruning counts are no sums.
        _ => None,
    }
}

/// `build_time` → `buildTime`.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::physical_plan::metrics::{Count, Time};

    #[test]
    fn keys_are_sparks_where_spark_has_one() {
        let key = |value: &MetricValue| naming(value).map(|(key, _, kind)| (key, kind.as_str()));
        let rows = MetricValue::OutputRows(Count::new());
        assert_eq!(key(&rows), Some(("numOutputRows".to_owned(), "sum")));
        let scanned = MetricValue::Count { name: "bytes_scanned".into(), count: Count::new() };
        assert_eq!(key(&scanned), Some(("filesSize".to_owned(), "size")));
        let build = MetricValue::Time { name: "build_time".into(), time: Time::new() };
        assert_eq!(key(&build), Some(("buildTime".to_owned(), "nsTiming")));
    }
}

//! How far an execution is: its stages and their tasks, as Spark's progress bar shows them.
//!
//! A stage is a piece of a plan between exchanges; its tasks are the partitions of its topmost
//! operator. DataFusion runs all stages of a plan at once, so they are read off the operators: a task
//! is done when the operator has noted its end.

use crate::execution::{Execution, StartedPlan};
use datafusion::physical_plan::metrics::{MetricValue, MetricsSet};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use std::collections::HashSet;
use std::sync::Arc;

/// Progress of a piece of a plan between exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    pub n_tasks: usize,
    pub n_done: usize,
    pub n_running: usize,
    /// Read from files so far.
    pub bytes_read: usize,
}

/// The stages of everything that was started, those that run first in front.
pub fn stages(execution: &Execution) -> Vec<Stage> {
    let mut stages = Vec::new();
    for StartedPlan { plan, tasks } in execution.started() {
        let mut bytes_read = 0;
        below(&plan, &mut stages, &mut bytes_read);
        stages.push(Stage {
            n_tasks: tasks.total(),
            n_done: tasks.done(),
            n_running: tasks.running(),
            bytes_read,
        });
    }
    for passes in execution.passes() {
        let (n_done, n_tasks) = passes.get();
        let n_running = usize::from(n_done < n_tasks);
        stages.push(Stage { n_tasks, n_done, n_running, bytes_read: 0 });
    }
    stages
}

/// Adds the stages under the one in which `plan` stands, and the bytes that its own stage has read.
fn below(plan: &Arc<dyn ExecutionPlan>, stages: &mut Vec<Stage>, bytes_read: &mut usize) {
    *bytes_read += sum(plan.metrics().as_ref(), "bytes_scanned");
    for child in plan.children() {
        let is_exchange = plan.name().contains("RepartitionExec")
            || partitions(child) != partitions(plan) && plan.children().len() == 1;
        if !is_exchange {
            below(child, stages, bytes_read);
            continue;
        }
        let mut own_bytes_read = 0;
        below(child, stages, &mut own_bytes_read);
        let (started, ended) = started_and_ended(child);
        let n_tasks = partitions(child);
        stages.push(Stage {
            n_tasks,
            n_done: ended.min(n_tasks),
            n_running: started.saturating_sub(ended).min(n_tasks),
            bytes_read: own_bytes_read,
        });
    }
}

fn partitions(plan: &Arc<dyn ExecutionPlan>) -> usize {
    plan.output_partitioning().partition_count()
}

/// How many partitions of the stage under `plan` have begun and ended, by the first operator that
/// notes such times.
fn started_and_ended(plan: &Arc<dyn ExecutionPlan>) -> (usize, usize) {
    let mut current = Arc::clone(plan);
    loop {
        let mut started = HashSet::new();
        let mut ended = HashSet::new();
        for metric in current.metrics().iter().flat_map(MetricsSet::iter) {
            match (metric.value(), metric.partition()) {
                (MetricValue::StartTimestamp(time), Some(own)) if time.value().is_some() => {
                    started.insert(own);
                }
                (MetricValue::EndTimestamp(time), Some(own)) if time.value().is_some() => {
                    ended.insert(own);
                }
                _ => {}
            }
        }
        if !started.is_empty() {
            return (started.len(), ended.len());
        }
        let children = current.children();
        let same = children.into_iter().find(|child| partitions(child) == partitions(&current));
        match same.cloned() {
            Some(child) => current = child,
            None => return (0, 0),
        }
    }
}

fn sum(metrics: Option<&MetricsSet>, name: &str) -> usize {
    metrics
        .into_iter()
        .flat_map(MetricsSet::iter)
        .filter(|metric| metric.value().name() == name)
        .map(|metric| metric.value().as_usize())
        .sum()
}

//! A stage's plan for one of its tasks.
//!
//! As Ballista does it: leaves are cut to the task's partitions, except where an operator needs all of
//! its input. What cannot be cut there is refused here, where Ballista would run it whole in every
//! task and so multiply its rows.

use super::stage_input::StageInputExec;
use crate::operators::OrderedCoalesceExec;
use datafusion::common::{Result, internal_err};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::{FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_expr::Distribution;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::placeholder_row::PlaceholderRowExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, replace_children_if_necessary,
};
use firesteel_common::operator::Unary;
use std::any::Any;
use std::sync::Arc;

/// The plan whose only partition is partition `partition` of `plan`.
pub(super) fn restrict(
    plan: Arc<dyn ExecutionPlan>,
    partition: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    if plan.children().is_empty() {
        return leaf(&plan, &[partition]);
    }
    if plan.as_ref().is::<UnionExec>() {
        return union(plan, partition);
    }
    let whole = needs_whole_inputs(&plan);
    let mut children = Vec::new();
    for (child, whole) in plan.children().into_iter().zip(whole) {
        children.push(match whole {
            true => Arc::clone(child),
            false => restrict(Arc::clone(child), partition)?,
        });
    }
    replace_children_if_necessary(plan, children)
}

/// For each input, whether a task reads all of it.
fn needs_whole_inputs(plan: &Arc<dyn ExecutionPlan>) -> Vec<bool> {
    let any = plan.as_ref() as &dyn Any;
    let collects = any.is::<CoalescePartitionsExec>()
        || any.is::<SortPreservingMergeExec>()
        || any.is::<Unary<OrderedCoalesceExec>>();
    let required = plan.input_distribution_requirements();
    required
        .into_per_child()
        .into_iter()
        .map(|required| collects || matches!(required, Distribution::SinglePartition))
        .collect()
}

/// A partition of a union is one of one of its inputs; the others get no partition.
fn union(plan: Arc<dyn ExecutionPlan>, partition: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let mut left = Some(partition);
    let mut children = Vec::new();
    for child in plan.children() {
        let n_partitions = child.output_partitioning().partition_count();
        children.push(match left {
            Some(own) if own < n_partitions => {
                left = None;
                restrict(Arc::clone(child), own)?
            }
            Some(later) => {
                left = Some(later - n_partitions);
                nothing(child)?
            }
            None => nothing(child)?,
        });
    }
    replace_children_if_necessary(plan, children)
}

/// A leaf without partitions.
fn nothing(like: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(MemorySourceConfig::try_new_exec(&[], like.schema(), None)?)
}

fn leaf(plan: &Arc<dyn ExecutionPlan>, positions: &[usize]) -> Result<Arc<dyn ExecutionPlan>> {
    let any = plan.as_ref() as &dyn Any;
    if let Some(input) = any.downcast_ref::<StageInputExec>() {
        return Ok(Arc::new(input.restricted(positions)?));
    }
    if let Some(exec) = any.downcast_ref::<DataSourceExec>() {
        let source = exec.data_source().as_ref() as &dyn Any;
        if let Some(scan) = source.downcast_ref::<FileScanConfig>() {
            let groups = picked(&scan.file_groups, positions)?;
            let scan = FileScanConfigBuilder::from(scan.clone()).with_file_groups(groups);
            return Ok(DataSourceExec::from_data_source(scan.build()));
        }
        if let Some(memory) = source.downcast_ref::<MemorySourceConfig>() {
            let partitions = picked(memory.partitions(), positions)?;
            let projection = memory.projection().clone();
            let orders = memory.sort_information().to_vec();
            let memory =
                MemorySourceConfig::try_new(&partitions, memory.original_schema(), projection)?
                    .with_limit(exec.fetch())
                    .try_with_sort_information(orders)?;
            return Ok(DataSourceExec::from_data_source(memory));
        }
    }
    let same_everywhere = any.is::<EmptyExec>() || any.is::<PlaceholderRowExec>();
    if same_everywhere && positions == [0] && plan.output_partitioning().partition_count() == 1 {
        return Ok(Arc::clone(plan));
    }
    internal_err!("the leaf {} cannot be cut to partitions {positions:?}", plan.name())
}

fn picked<T: Clone>(all: &[T], positions: &[usize]) -> Result<Vec<T>> {
    let pick = |position: &usize| match all.get(*position) {
        Some(one) => Ok(one.clone()),
        None => internal_err!("a leaf of {} partitions has no partition {position}", all.len()),
    };
    positions.iter().map(pick).collect()
}

//! A plan in stages, cut where rows change partitions.

use super::codec::PlanCodec;
use super::stage_input::StageInputExec;
use crate::operators::OrderedCoalesceExec;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{Result, internal_err};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::recursive_query::RecursiveQueryExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, Partitioning, replace_children_if_necessary,
};
use firesteel_common::operator::Unary;
use std::any::Any;
use std::sync::Arc;

/// One stage: as many tasks as it has partitions.
#[derive(Debug)]
pub(super) struct Stage {
    /// The plan of all its tasks.
    pub bytes: Vec<u8>,
    pub n_tasks: usize,
    pub schema: SchemaRef,
    /// Stages whose output it reads.
    pub inputs: Vec<usize>,
    pub output: Output,
}

/// Where the rows of a task go.
#[derive(Debug, Clone)]
pub(super) enum Output {
    /// To the partition with the task's number.
    SamePartition,
    /// By hash, into so many partitions.
    Hash(Vec<Arc<dyn PhysicalExpr>>, usize),
}

/// Every stage after those that it reads. The last is the query's.
pub(super) fn cut(plan: Arc<dyn ExecutionPlan>, codec: &PlanCodec) -> Result<Vec<Stage>> {
    let mut cutter = Cutter { codec, stages: Vec::new() };
    let (plan, inputs) = cutter.cut(plan)?;
    cutter.finish(&plan, inputs, Output::SamePartition)?;
    Ok(cutter.stages)
}

struct Cutter<'a> {
    codec: &'a PlanCodec,
    stages: Vec<Stage>,
}

impl Cutter<'_> {
    /// The part of `plan` that belongs to the stage of whoever asks, and the stages that it reads.
    fn cut(
        &mut self,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<(Arc<dyn ExecutionPlan>, Vec<usize>)> {
        let any = plan.as_ref() as &dyn Any;
        let mut inputs = Vec::new();
        let mut children = Vec::new();
        for (position, child) in plan.children().into_iter().enumerate() {
            // The step of a recursive query runs again and again within one task.
            if position > 0 && any.is::<RecursiveQueryExec>() {
                children.push(Arc::clone(child));
                continue;
            }
            let (child, read) = self.cut(Arc::clone(child))?;
            children.push(child);
            inputs.extend(read);
        }
        if let Some(exchange) = any.downcast_ref::<RepartitionExec>() {
            let Some(child) = children.pop() else {
                return internal_err!("an exchange without input");
            };
            return match exchange.partitioning() {
                Partitioning::Hash(columns, n) if !exchange.preserve_order() => {
                    let output = Output::Hash(columns.clone(), *n);
                    let stage = self.finish(&child, inputs, output)?;
                    let partitions = (0..*n).collect();
                    let hash = Some(columns.clone());
                    let known = plan.equivalence_properties().clone();
                    let reader = StageInputExec::new(stage, partitions, known, hash);
                    Ok((Arc::new(reader), vec![stage]))
                }
                other => internal_err!("an exchange {other} does not travel"),
            };
        }
        let collects = any.is::<CoalescePartitionsExec>()
            || any.is::<SortPreservingMergeExec>()
            || any.is::<Unary<OrderedCoalesceExec>>();
        if collects {
            let Some(child) = children.pop() else {
                return internal_err!("{} without input", plan.name());
            };
            let partitions = (0..child.output_partitioning().partition_count()).collect();
            let known = child.equivalence_properties().clone();
            let stage = self.finish(&child, inputs, Output::SamePartition)?;
            let reader = StageInputExec::new(stage, partitions, known, None);
            return Ok((replace_children_if_necessary(plan, vec![Arc::new(reader)])?, vec![stage]));
        }
        Ok((replace_children_if_necessary(plan, children)?, inputs))
    }

    fn finish(
        &mut self,
        plan: &Arc<dyn ExecutionPlan>,
        inputs: Vec<usize>,
        output: Output,
    ) -> Result<usize> {
        self.stages.push(Stage {
            bytes: self.codec.encode(plan)?,
            n_tasks: plan.output_partitioning().partition_count(),
            schema: plan.schema(),
            inputs,
            output,
        });
        Ok(self.stages.len() - 1)
    }
}

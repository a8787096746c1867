//! Joins that the user's hints decide (`df.hint("broadcast")`).
//!
//! DataFusion's rules choose sides and modes by what they estimate. A join with a hint is therefore planned as it is
//! wanted and hidden from them in [`HintedJoinExec`], until the rule that chooses joins is done.

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, Result, Statistics};
use datafusion::config::ConfigOptions;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::joins::{
    HashJoinExec, HashJoinExecBuilder, PartitionMode, SortMergeJoinExec,
};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, replace_children_if_necessary,
};
use firesteel_common::nodes::{JoinHint, JoinStrategy};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// `input` with the join at its top as the hints want it; as it is where they cannot be followed.
///
/// # Errors
/// When DataFusion cannot build the join.
pub(crate) fn planned(
    hint: &JoinHint,
    input: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if hint.right_columns.is_empty() {
        return Ok(input);
    }
    if let Some(join) = (input.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>() {
        return Ok(chosen(hint, join)?.unwrap_or(input));
    }
    // What stands between a join and the node above it: the projection that drops its keys.
    if (input.as_ref() as &dyn Any).is::<ProjectionExec>()
        && let Some(child) = only_child(&input)
    {
        let child = planned(hint, child)?;
        return replace_children_if_necessary(input, vec![child]);
    }
    Ok(input)
}

fn chosen(hint: &JoinHint, join: &HashJoinExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    // Which of the join's sides is the user's right one.
    let is_right = |plan: &Arc<dyn ExecutionPlan>| {
        let schema = plan.schema();
        schema.fields().iter().any(|field| hint.right_columns.contains(field.name()))
    };
    let (on_left, on_right) = match is_right(join.left()) {
        true => (hint.right, hint.left),
        false => (hint.left, hint.right),
    };
    let wants = |strategy| (on_left == Some(strategy), on_right == Some(strategy));
    // In Spark's order: of two hints the first of these wins.
    let (left, right) = wants(JoinStrategy::Broadcast);
    if let Some(built) = built_side(left, right, join, may_broadcast) {
        return hashed(join, built, PartitionMode::CollectLeft).map(Some);
    }
    let (left, right) = wants(JoinStrategy::Merge);
    if (left || right)
        && let Some(merge) = merged(join)?
    {
        return Ok(Some(merge));
    }
    let (left, right) = wants(JoinStrategy::ShuffleHash);
    match built_side(left, right, join, |_, _| true) {
        Some(built) => hashed(join, built, PartitionMode::Partitioned).map(Some),
        None => Ok(None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The hinted side that may be built; the right one of two, as in Spark where sizes say nothing.
fn built_side(
    left: bool,
    right: bool,
    join: &HashJoinExec,
    may: impl Fn(JoinType, Side) -> bool,
) -> Option<Side> {
    let sides = [(right, Side::Right), (left, Side::Left)];
    let mut sides = sides.into_iter().filter(|(is_hinted, _)| *is_hinted);
    sides.find(|(_, side)| may(*join.join_type(), *side)).map(|(_, side)| side)
}

/// Every row of the other side must be in one task only.
fn may_broadcast(join_type: JoinType, side: Side) -> bool {
    match side {
        Side::Left => matches!(
            join_type,
            JoinType::Inner | JoinType::Right | JoinType::RightSemi | JoinType::RightAnti
        ),
        Side::Right => matches!(
            join_type,
            JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti
        ),
    }
}

/// DataFusion builds the left side.
fn hashed(join: &HashJoinExec, built: Side, mode: PartitionMode) -> Result<Arc<dyn ExecutionPlan>> {
    let plan: Arc<dyn ExecutionPlan> = match built {
        Side::Left => HashJoinExecBuilder::from(join).with_partition_mode(mode).build_exec()?,
        Side::Right => join.swap_inputs(mode)?,
    };
    hidden(plan)
}

/// `plan`, a join or a projection of one, with the join hidden.
fn hidden(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    if (plan.as_ref() as &dyn Any).is::<HashJoinExec>() {
        return Ok(Arc::new(HintedJoinExec { join: plan }));
    }
    match only_child(&plan) {
        Some(child) => replace_children_if_necessary(plan, vec![hidden(child)?]),
        None => Ok(plan),
    }
}

fn only_child(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    match plan.children()[..] {
        [child] => Some(Arc::clone(child)),
        _ => None,
    }
}

/// None: keys of types that are not compared alike by sorting and by hashing.
fn merged(join: &HashJoinExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let schema = join.left().schema();
    let is_plain = |key: &Arc<dyn PhysicalExpr>| {
        key.data_type(&schema).is_ok_and(|data_type| {
            data_type.is_integer()
                || data_type.is_temporal()
                || matches!(
                    data_type,
                    DataType::Utf8
                        | DataType::Boolean
                        | DataType::Decimal128(..)
                        | DataType::Binary
                )
        })
    };
    if join.on().is_empty() || join.null_aware || !join.on().iter().all(|(key, _)| is_plain(key)) {
        return Ok(None);
    }
    let merge = SortMergeJoinExec::try_new(
        Arc::clone(join.left()),
        Arc::clone(join.right()),
        join.on().to_vec(),
        join.filter().cloned(),
        *join.join_type(),
        vec![SortOptions::default(); join.on().len()],
        join.null_equality(),
    )?;
    let merge: Arc<dyn ExecutionPlan> = Arc::new(merge);
    let Some(kept) = &join.projection else { return Ok(Some(merge)) };
    let schema = merge.schema();
    let columns = kept.iter().map(|position| {
        let name = schema.field(*position).name();
        let column = datafusion::physical_expr::expressions::Column::new(name, *position);
        (Arc::new(column) as Arc<dyn PhysicalExpr>, name.clone())
    });
    Ok(Some(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), merge)?)))
}

/// A join that no rule turns around. Gone before the plan is finished.
#[derive(Debug)]
struct HintedJoinExec {
    join: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for HintedJoinExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HintedJoinExec")
    }
}

impl ExecutionPlan for HintedJoinExec {
    fn name(&self) -> &str {
        "HintedJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.join.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.join.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let join = replace_children_if_necessary(Arc::clone(&self.join), children)?;
        Ok(Arc::new(Self { join }))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.join.execute(partition, context)
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        self.join.statistics_from_inputs(inputs, args)
    }
}

/// Shows the hidden joins again. Costs every query one look at each node.
#[derive(Debug)]
pub(crate) struct ShowHintedJoins;

impl PhysicalOptimizerRule for ShowHintedJoins {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(hinted) = (node.as_ref() as &dyn Any).downcast_ref::<HintedJoinExec>() else {
                return Ok(Transformed::no(node));
            };
            let join = Arc::clone(&hinted.join);
            let children = node.children().into_iter().map(Arc::clone).collect();
            Ok(Transformed::yes(replace_children_if_necessary(join, children)?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "show_hinted_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

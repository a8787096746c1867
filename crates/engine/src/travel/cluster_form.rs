//! What a plan needs before it can be cut into tasks.

use crate::memory::SpillingHashJoinExec;
use crate::operators::{CoalesceExec, OrderedCoalesceExec, RepartitionExec, RepartitionKeyExec};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{JoinType, Result};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use firesteel_common::operator::{OperatorCodec, Unary, UnaryExec, with_partition_ids};
use std::any::Any;
use std::sync::Arc;

pub(super) fn cluster_form(
    plan: Arc<dyn ExecutionPlan>,
    operators: &[OperatorCodec],
) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan
        .transform_up(|node| {
            if let Some(whole) = with_whole_probe_side(&node)? {
                return Ok(Transformed::yes(whole));
            }
            match (node.as_ref() as &dyn Any).downcast_ref::<Unary<CoalesceExec>>() {
                Some(coalesce) => Ok(Transformed::yes(exchange(coalesce)?)),
                None => Ok(Transformed::no(node)),
            }
        })
        .data()?;
    with_partition_ids(plan, operators)
}

/// A join that keeps rows of its collected side has to know of every match before it gives the rest:
/// tasks that each see one partition of the other side cannot.
fn with_whole_probe_side(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let any = node.as_ref() as &dyn Any;
    let hash = any
        .downcast_ref::<HashJoinExec>()
        .or_else(|| any.downcast_ref::<SpillingHashJoinExec>().map(SpillingHashJoinExec::join));
    let (join_type, right, null_aware) = match (hash, any.downcast_ref::<NestedLoopJoinExec>()) {
        (Some(join), _) if *join.partition_mode() == PartitionMode::CollectLeft => {
            (join.join_type(), join.right(), join.null_aware)
        }
        (None, Some(join)) => (join.join_type(), join.right(), false),
        _ => return Ok(None),
    };
    if !(null_aware || keeps_left_rows(*join_type))
        || right.output_partitioning().partition_count() == 1
    {
        return Ok(None);
    }
    let whole = OrderedCoalesceExec::new(None).over(Arc::clone(right))?;
    let mut children: Vec<_> = node.children().into_iter().cloned().collect();
    children[1] = whole;
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    Arc::clone(node).replace_children(children, options).map(Some)
}

fn keeps_left_rows(join_type: JoinType) -> bool {
    match join_type {
        JoinType::Inner
        | JoinType::Right
        | JoinType::RightSemi
        | JoinType::RightAnti
        | JoinType::RightMark => false,
        JoinType::Left
        | JoinType::Full
        | JoinType::LeftSemi
        | JoinType::LeftAnti
        | JoinType::LeftMark => true,
    }
}

/// The same rows in the same partitions as `coalesce` gives, by an exchange.
fn exchange(coalesce: &Unary<CoalesceExec>) -> Result<Arc<dyn ExecutionPlan>> {
    let input = Arc::clone(coalesce.input());
    let n_input = input.output_partitioning().partition_count();
    let n_output = coalesce.operator().n_output(n_input);
    if n_output == n_input {
        return Ok(input);
    }
    let schema = input.schema();
    let targets = (0..n_output)
        .flat_map(|target| coalesce.operator().inputs(target, n_input).map(move |_| target))
        .collect();
    let keyed = RepartitionKeyExec::by_partition(targets, n_output)?.over(input)?;
    let exchange = RepartitionExec { partitions: n_output }.exchange(&keyed)?;
    let columns = schema.fields().iter().enumerate().map(|(position, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), position));
        (column, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), exchange)?))
}

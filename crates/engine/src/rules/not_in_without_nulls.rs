//! `NOT IN` over columns that have no nulls is a plain anti join.

use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{JoinType, Result};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use std::any::Any;
use std::sync::Arc;

/// One null in the subquery of a `NOT IN` makes every row unknown, so the join that knows about nulls collects its
/// larger side in one task. Spark's columns are nullable whatever the file says; but where the footers of all files
/// count no null in either column, no row can be unknown, and the join may choose its sides and run in parallel
/// (TPC-H query 16). Costs a walk over plans that have a `NOT IN`, one look at each node otherwise.
#[derive(Debug)]
pub(crate) struct NotInWithoutNulls;

impl PhysicalOptimizerRule for NotInWithoutNulls {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let join = (node.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>();
            let Some(join) = join.filter(|join| join.null_aware) else {
                return Ok(Transformed::no(node));
            };
            for (left, right) in join.on() {
                if !never_null(join.left(), left)? || !never_null(join.right(), right)? {
                    return Ok(Transformed::no(node));
                }
            }
            let plain = HashJoinExecBuilder::from(join)
                .with_null_aware(false)
                .with_partition_mode(PartitionMode::Auto);
            Ok(Transformed::yes(plain.build_exec()?))
        })
        .data()
    }

    fn name(&self) -> &str {
        "not_in_without_nulls"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether `expr` over the rows of `plan` is a column of files without nulls, read through operators that add none.
fn never_null(plan: &Arc<dyn ExecutionPlan>, expr: &Arc<dyn PhysicalExpr>) -> Result<bool> {
    let Some(column) = expr.downcast_ref::<Column>() else { return Ok(false) };
    let index = column.index();
    let node = plan.as_ref() as &dyn Any;
    let below = |input: &Arc<dyn ExecutionPlan>, index: usize| {
        let field = input.schema();
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.field(index).name(), index));
        never_null(input, &column)
    };
    if node.is::<DataSourceExec>() {
        let statistics = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new())?;
        let nulls = statistics.column_statistics.get(index).map(|column| &column.null_count);
        Ok(nulls == Some(&Precision::Exact(0)))
    } else if let Some(filter) = node.downcast_ref::<FilterExec>() {
        let index = filter.projection().as_ref().map_or(index, |columns| columns[index]);
        below(filter.input(), index)
    } else if let Some(projection) = node.downcast_ref::<ProjectionExec>() {
        never_null(projection.input(), &projection.expr()[index].expr)
    } else if let Some(coalesce) = node.downcast_ref::<CoalescePartitionsExec>() {
        below(coalesce.input(), index)
    } else if let Some(join) = node.downcast_ref::<HashJoinExec>() {
        if join.contains_projection() {
            return Ok(false);
        }
        let from_left = join.left().schema().fields().len();
        match join.join_type() {
            JoinType::Inner if index >= from_left => below(join.right(), index - from_left),
            JoinType::Inner | JoinType::LeftSemi | JoinType::LeftAnti => below(join.left(), index),
            _ => Ok(false),
        }
    } else {
        Ok(false)
    }
}

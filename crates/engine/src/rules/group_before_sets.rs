//! ROLLUP and CUBE group by all keys first.

use crate::operators::GroupingSetsExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use firesteel_common::operator::UnaryExec;
use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

/// DataFusion looks each row up once per grouping set. With a set that has all keys, as ROLLUP and CUBE have, the
/// first step groups by them once, and the sets are of those groups:
///
/// ```text
///   Partial (sets)        PartialReduce keys, number of the set
///     rows           ⟶      GroupingSetsExec
///                             Partial keys
///                               rows
/// ```
///
/// TPC-DS query 22 at scale factor 1 (11.7 Mi rows, 18,000 groups, five sets) takes a third of the time. Where there
/// are nearly as many groups as rows it costs one lookup more for each row. Not for distinct aggregates, whose states are sets.
/// Costs other queries one walk over the plan.
#[derive(Debug)]
pub(crate) struct GroupBeforeSets;

impl PhysicalOptimizerRule for GroupBeforeSets {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let any = node.as_ref() as &dyn Any;
            match any.downcast_ref::<AggregateExec>() {
                Some(sets) if gains(sets) => Ok(Transformed::yes(in_two_steps(sets)?)),
                _ => Ok(Transformed::no(node)),
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "group_before_sets"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn gains(aggregate: &AggregateExec) -> bool {
    let sets = aggregate.group_expr().groups();
    let is_plain = |set: &Vec<bool>| set.iter().all(|is_missing| !is_missing);
    aggregate.mode() == &AggregateMode::Partial
        && !aggregate.group_expr().is_single()
        && sets.len() > 1
        && sets.iter().any(is_plain)
        // The number of a set that stands twice is another one.
        && sets.iter().collect::<HashSet<_>>().len() == sets.len()
        && aggregate.limit_options().is_none()
        && aggregate.aggr_expr().iter().all(|own| !own.is_distinct() && own.order_bys().is_empty())
}

fn in_two_steps(aggregate: &AggregateExec) -> Result<Arc<dyn ExecutionPlan>> {
    let (keys, calls) = (aggregate.group_expr(), aggregate.aggr_expr());
    let schema = aggregate.schema();
    let grouped = AggregateExec::try_new(
        AggregateMode::Partial,
        PhysicalGroupBy::new_single(keys.expr().to_vec()),
        calls.to_vec(),
        aggregate.filter_expr().to_vec(),
        Arc::clone(aggregate.input()),
        aggregate.input_schema(),
    )?;
    let sets = GroupingSetsExec { sets: keys.groups().to_vec() };
    let sets = sets.over(Arc::new(grouped))?;
    // The number of the set is a key as well.
    let columns =
        schema.fields().iter().take(keys.expr().len() + 1).enumerate().map(|(i, field)| {
            let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), i));
            (column, field.name().clone())
        });
    let reduced = AggregateExec::try_new(
        AggregateMode::PartialReduce,
        PhysicalGroupBy::new_single(columns.collect()),
        calls.to_vec(),
        vec![None; calls.len()],
        sets,
        aggregate.input_schema(),
    )?;
    Ok(Arc::new(reduced))
}

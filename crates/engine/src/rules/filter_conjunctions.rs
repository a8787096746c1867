//! The ANDs of filters are computed bit by bit.

use super::cheap_conjuncts_first::cost;
use super::short_circuit::cannot_fail;
use crate::expressions::FilterConjunction;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::split_conjunction;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use std::any::Any;
use std::sync::Arc;

/// Cost up to which a part is computed for all rows of a batch: numbers and dates, decimals included.
const CHEAP_COST_MAX: u32 = 4;

/// Filters of several parts that cannot fail get a [`FilterConjunction`]: TPC-H queries 6 and 12 at scale factor 1 took
/// 0.7 to 0.8 of the CPU. Costs one walk over the plan.
#[derive(Debug)]
pub(crate) struct FilterConjunctions;

impl PhysicalOptimizerRule for FilterConjunctions {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(filter) = (node.as_ref() as &dyn Any).downcast_ref::<FilterExec>() else {
                return Ok(Transformed::no(node));
            };
            let parts = split_conjunction(filter.predicate());
            if parts.len() < 2 || !parts.iter().all(|part| cannot_fail(part)) {
                return Ok(Transformed::no(node));
            }
            let schema = filter.input().schema();
            let n_cheap =
                parts.iter().take_while(|part| cost(part, &schema) <= CHEAP_COST_MAX).count();
            let parts = parts.into_iter().map(Arc::clone).collect();
            let predicate = Arc::new(FilterConjunction::try_new(parts, n_cheap)?);
            let builder = FilterExecBuilder::from(filter).with_predicate(predicate);
            Ok(Transformed::yes(Arc::new(builder.build()?)))
        })
        .data()
    }

    fn name(&self) -> &str {
        "filter_conjunctions"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

//! The filters whose parts may be computed in any order, and for rows that others have decided.

use super::short_circuit::cannot_fail;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use std::any::Any;
use std::sync::Arc;

/// Gives each filter of two or more parts that cannot fail the predicate that `rewrite` makes of them, if it makes
/// one. `rewrite` sees the schema that the parts refer to.
pub(super) fn rewrite_infallible_filters(
    plan: Arc<dyn ExecutionPlan>,
    rewrite: impl Fn(&[&Arc<dyn PhysicalExpr>], &Schema) -> Result<Option<Arc<dyn PhysicalExpr>>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        let Some(filter) = (node.as_ref() as &dyn Any).downcast_ref::<FilterExec>() else {
            return Ok(Transformed::no(node));
        };
        let parts = split_conjunction(filter.predicate());
        if parts.len() < 2 || !parts.iter().all(|part| cannot_fail(part)) {
            return Ok(Transformed::no(node));
        }
        let Some(predicate) = rewrite(&parts, &filter.input().schema())? else {
            return Ok(Transformed::no(node));
        };
        let builder = FilterExecBuilder::from(filter).with_predicate(predicate);
        Ok(Transformed::yes(Arc::new(builder.build()?)))
    })
    .data()
}

//! Turns the markers of exact repartitioning into exchanges.

use crate::operators::RepartitionExec;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::operator::Unary;
use std::any::Any;
use std::sync::Arc;

/// See [`RepartitionExec`]. Costs one walk over the plan.
#[derive(Debug)]
pub(crate) struct PlaceRepartitions;

impl PhysicalOptimizerRule for PlaceRepartitions {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let marker = (node.as_ref() as &dyn Any).downcast_ref::<Unary<RepartitionExec>>();
            match marker {
                Some(marker) => Ok(Transformed::yes(marker.operator().exchange(marker.input())?)),
                None => Ok(Transformed::no(node)),
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "place_repartitions"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

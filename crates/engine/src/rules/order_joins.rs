//! Inner joins in the order that is estimated to be the cheapest.

use crate::join_order::order_joins;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use std::sync::Arc;

/// See [`crate::join_order`]. Costs queries without three inner joins in a row one walk over the plan.
#[derive(Debug)]
pub(crate) struct OrderJoins;

impl PhysicalOptimizerRule for OrderJoins {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        order_joins(&plan)
    }

    fn name(&self) -> &str {
        "order_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

//! `sortWithinPartitions`: each partition sorted by itself.

use datafusion::arrow::datatypes::Schema;
use datafusion::common::{Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{
    SortDirections, Task, UnaryExec, same_partition_count, streaming,
};
use std::sync::Arc;

/// A sort that the optimizer must not take away.
///
/// DataFusion drops a `SortExec` whose order no parent asks for; here the order is the purpose. The
/// work is `SortExec`'s, spilling included.
#[derive(Debug, Clone)]
pub struct SortWithinPartitionsExec {
    pub order: LexOrdering,
}

impl UnaryExec for SortWithinPartitionsExec {
    const NAME: &'static str = "SortWithinPartitionsExec";
    type Parameters = SortDirections;

    fn details(&self) -> String {
        format!("[{}]", self.order)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences =
            EquivalenceProperties::new_with_orderings(input.schema(), [self.order.clone()]);
        Ok(streaming(equivalences, same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.order.iter().map(|key| &key.expr).collect()
    }

    fn statistics(&self, input: &Statistics, _: &Schema) -> Statistics {
        input.clone()
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let sort = SortExec::new(self.order.clone(), task.input).with_preserve_partitioning(true);
        sort.execute(task.index, task.context)
    }

    fn encode(&self) -> Result<SortDirections> {
        Ok(SortDirections::of(&self.order))
    }

    fn decode(directions: SortDirections, keys: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self { order: directions.order(keys)? })
    }
}

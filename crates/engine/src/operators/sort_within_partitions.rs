//! `sortWithinPartitions`: each partition sorted by itself.

use super::{only_child, same_partition_count, streaming};
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use std::fmt;
use std::sync::Arc;

/// A sort that the optimizer must not take away.
///
/// DataFusion drops a `SortExec` whose order no parent asks for; here the order is the purpose. The
/// work is `SortExec`'s, spilling included.
#[derive(Debug)]
pub struct SortWithinPartitionsExec {
    input: Arc<dyn ExecutionPlan>,
    order: LexOrdering,
    sort: SortExec,
    properties: Arc<PlanProperties>,
}

impl SortWithinPartitionsExec {
    pub fn new(input: Arc<dyn ExecutionPlan>, order: LexOrdering) -> Self {
        let sort =
            SortExec::new(order.clone(), Arc::clone(&input)).with_preserve_partitioning(true);
        let equivalences =
            EquivalenceProperties::new_with_orderings(input.schema(), [order.clone()]);
        let properties = streaming(equivalences, same_partition_count(&input));
        Self { input, order, sort, properties }
    }
}

impl DisplayAs for SortWithinPartitionsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "SortWithinPartitionsExec: [{}]", self.order)
    }
}

impl ExecutionPlan for SortWithinPartitionsExec {
    fn name(&self) -> &str {
        "SortWithinPartitionsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for key in self.order.iter() {
            if f(&key.expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(only_child(children)?, self.order.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        self.sort.execute(partition, context)
    }
}

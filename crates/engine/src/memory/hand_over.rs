//! A plan node whose partitions are streams that somebody else has begun, or will begin.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use firesteel_common::operator::streaming;
use futures::{TryStreamExt, stream};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;

/// Begins one partition when it is first polled.
pub(crate) type Source = Box<dyn FnOnce() -> Result<SendableRecordBatchStream> + Send>;

/// Takes the place of a join's input: shows its properties, and what can be found below it, to the join.
pub(crate) struct HandOverExec {
    properties: Arc<PlanProperties>,
    input: Option<Arc<dyn ExecutionPlan>>,
    sources: Vec<Mutex<Option<Source>>>,
}

impl HandOverExec {
    /// In the place of `input`, with as many partitions.
    pub fn in_place_of(input: &Arc<dyn ExecutionPlan>) -> Arc<Self> {
        let properties = Arc::clone(input.properties());
        let n = properties.partitioning.partition_count();
        let sources = (0..n).map(|_| Mutex::default()).collect();
        Arc::new(Self { properties, input: Some(Arc::clone(input)), sources })
    }

    /// One partition in no known order.
    pub fn of_stream(rows: SendableRecordBatchStream) -> Arc<Self> {
        Self::of_source(rows.schema(), Box::new(|| Ok(rows)))
    }

    fn of_source(schema: SchemaRef, source: Source) -> Arc<Self> {
        let equivalences = EquivalenceProperties::new(schema);
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(1));
        let sources = vec![Mutex::new(Some(source))];
        Arc::new(Self { properties: Arc::new(properties), input: None, sources })
    }

    /// What `partition` gives; must come before the partition is polled.
    pub fn put(&self, partition: usize, source: Source) {
        *self.sources[partition].lock() = Some(source);
    }
}

impl fmt::Debug for HandOverExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandOverExec")
    }
}

impl DisplayAs for HandOverExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "HandOverExec")
    }
}

impl ExecutionPlan for HandOverExec {
    fn name(&self) -> &str {
        "HandOverExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        // A join looks below its probe side for whoever uses its dynamic filter.
        self.input.iter().collect()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        internal_err!("HandOverExec exists only while a plan runs")
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let source = self.sources[partition].lock().take();
        let rows = async move {
            match source {
                Some(source) => source(),
                None => Err(DataFusionError::Internal("a partition was begun twice".into())),
            }
        };
        let rows = stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}

//! The operator: a mark while plans are optimized, then one that computes the rows and others that read them.

use super::rows::SharedRows;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;
use std::fmt;
use std::sync::Arc;
use std::task::Poll;

/// Rows that several places of one plan have in common. To DataFusion's rules a node about which they know
/// nothing: no filter of one consumer, no limit and no wanted order gets below it.
#[derive(Debug)]
pub(crate) struct SharedRowsExec {
    id: usize,
    role: Role,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

/// What one of the nodes with an id does.
#[derive(Debug, Clone)]
pub(crate) enum Role {
    /// Nothing yet: a copy of what is to be shared.
    Mark(Arc<dyn ExecutionPlan>),
    /// Shows the plan of the rows as its child.
    First(Arc<SharedRows>),
    /// A leaf. Spark's `ReusedExchange`.
    Again(Arc<SharedRows>),
}

impl SharedRowsExec {
    pub fn mark(id: usize, input: Arc<dyn ExecutionPlan>) -> Self {
        let properties = Arc::clone(input.properties());
        Self { id, role: Role::Mark(input), properties, metrics: ExecutionPlanMetricsSet::new() }
    }

    /// The node over `input` that `n_readers` nodes share, itself among them.
    pub fn first(id: usize, input: Arc<dyn ExecutionPlan>, n_readers: usize) -> Self {
        let metrics = ExecutionPlanMetricsSet::new();
        let properties = Arc::clone(input.properties());
        let rows = SharedRows::new(input, n_readers, metrics.clone());
        Self { id, role: Role::First(rows), properties, metrics }
    }

    /// One more reader of the rows of `first`; none if that has no rows yet.
    pub fn again(first: &Self) -> Option<Self> {
        let rows = match &first.role {
            Role::First(rows) | Role::Again(rows) => Arc::clone(rows),
            Role::Mark(_) => return None,
        };
        let properties = Arc::clone(&first.properties);
        let metrics = ExecutionPlanMetricsSet::new();
        Some(Self { id: first.id, role: Role::Again(rows), properties, metrics })
    }

    pub fn id(&self) -> usize {
        self.id
    }

    pub fn role(&self) -> &Role {
        &self.role
    }

    fn input(&self) -> &Arc<dyn ExecutionPlan> {
        match &self.role {
            Role::Mark(input) => input,
            Role::First(rows) | Role::Again(rows) => rows.input(),
        }
    }
}

impl DisplayAs for SharedRowsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.role {
            Role::Mark(_) => write!(f, "SharedRowsExec: id={}", self.id),
            Role::First(rows) => {
                write!(f, "SharedRowsExec: id={}, readers={}", self.id, rows.n_readers())
            }
            Role::Again(_) => write!(f, "ReusedRowsExec: id={}", self.id),
        }
    }
}

impl ExecutionPlan for SharedRowsExec {
    fn name(&self) -> &str {
        match &self.role {
            Role::Mark(_) | Role::First(_) => "SharedRowsExec",
            Role::Again(_) => "ReusedRowsExec",
        }
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.children().len()]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        match &self.role {
            Role::Mark(_) | Role::First(_) => vec![self.input()],
            Role::Again(_) => Vec::new(),
        }
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match (&self.role, children.pop()) {
            (Role::Mark(_), Some(input)) => Arc::new(Self::mark(self.id, input)),
            // The others go on reading what was shared.
            (Role::First(_), Some(input)) => Arc::new(Self::first(self.id, input, 1)),
            _ => self,
        })
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = reset_plan_states(Arc::clone(self.input()))?;
        Ok(match &self.role {
            Role::Mark(_) => Arc::new(Self::mark(self.id, input)),
            Role::First(_) | Role::Again(_) => Arc::new(Self::first(self.id, input, 1)),
        })
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let mut rows = match &self.role {
            Role::Mark(input) => return input.execute(partition, context),
            Role::First(rows) | Role::Again(rows) => rows.read(partition, &context)?,
        };
        let measured = BaselineMetrics::new(&self.metrics, partition);
        let schema = rows.schema();
        let rows = futures::stream::poll_fn(move |cx| -> Poll<Option<_>> {
            measured.record_poll(rows.poll_next_unpin(cx))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(match inputs.first() {
            Some(input) => Arc::clone(input),
            None => Arc::new(Statistics::new_unknown(&self.schema())),
        })
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

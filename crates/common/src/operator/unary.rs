//! The trait of an operator, and the plan node around it.

use super::measured::Measured;
use super::partition_ids;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion_common::tree_node::TreeNodeRecursion;
use datafusion_common::{DataFusionError, Result, Statistics, internal_err};
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::{Distribution, LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion_physical_plan::execution_plan::apply_expression_roots;
use datafusion_physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion_physical_plan::statistics::StatisticsArgs;
use datafusion_physical_plan::stream::RecordBatchStreamAdapter;
use datafusion_physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::{TryStreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;

/// An operator with one input: its parameters and expressions. Its file has its wire form too.
pub trait UnaryExec: fmt::Debug + Clone + Send + Sync + 'static {
    /// Name in plans, and id on the wire; never given to another operator.
    const NAME: &'static str;
    /// Whether all input must come in one partition. A cluster then runs it as one task.
    const NEEDS_ALL_INPUT: bool = false;
    /// Whether rows leave in the order in which they came.
    const KEEPS_ORDER: bool = false;
    /// Whether the columns are other ones than the input's. DataFusion takes those of an operator that keeps the
    /// order for the input's, by place, and would sort the input by them: such an operator requires the input's own
    /// order instead, so that sorts below stay, and sorts above stay above.
    const HIDES_INPUT_COLUMNS: bool = false;
    /// Whether values depend on the number of the partition ([`Task::partition`]).
    const NEEDS_PARTITION_ID: bool = false;

    /// Everything but the expressions, as it crosses a wire.
    type Parameters: Serialize + DeserializeOwned;

    /// What `explain` shows after the name; empty: nothing.
    fn details(&self) -> String {
        String::new()
    }

    /// Schema, partitions and order of the output.
    ///
    /// # Errors
    /// When the input does not have the columns that the operator needs.
    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties>;

    /// All expressions, over the input's schema.
    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        Vec::new()
    }

    /// How rows must be spread over the partitions.
    fn distribution(&self) -> Distribution {
        match Self::NEEDS_ALL_INPUT {
            true => Distribution::SinglePartition,
            false => Distribution::UnspecifiedDistribution,
        }
    }

    /// In which order rows must come within a partition; none: in any.
    fn required_order(&self) -> Option<LexOrdering> {
        None
    }

    /// What is known of all output rows beforehand, from the same of the input. Nothing by default.
    fn statistics(&self, _input: &Statistics, schema: &Schema) -> Statistics {
        Statistics::new_unknown(schema)
    }

    /// Starts one partition.
    ///
    /// # Errors
    /// When the input cannot be started; errors of rows come with the stream.
    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream>;

    /// The counterpart of [`UnaryExec::decode`].
    ///
    /// # Errors
    /// When a parameter has no form outside of this process.
    fn encode(&self) -> Result<Self::Parameters>;

    /// The operator again from its parameters and what [`UnaryExec::exprs`] gave. Both may come from
    /// anywhere.
    ///
    /// # Errors
    /// When they do not fit.
    fn decode(parameters: Self::Parameters, exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self>;

    /// The plan node of this operator.
    ///
    /// # Errors
    /// As [`UnaryExec::properties`].
    fn over(self, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Unary::try_new(self, input)?))
    }
}

/// One partition of an operator's work.
pub struct Task {
    pub input: Arc<dyn ExecutionPlan>,
    /// Which partition of `input` to execute. In a cluster's task this is its place in the task, not
    /// the number that users see.
    pub index: usize,
    /// Number of the partition as users see it. Right only if the operator says
    /// [`UnaryExec::NEEDS_PARTITION_ID`].
    pub partition: usize,
    /// Schema of the output.
    pub schema: SchemaRef,
    pub context: Arc<TaskContext>,
    /// For metrics beyond the number of rows, which are counted already.
    pub metrics: ExecutionPlanMetricsSet,
}

impl Task {
    /// Starts the input's partition.
    ///
    /// # Errors
    /// Whatever it fails with.
    pub fn input(&self) -> Result<SendableRecordBatchStream> {
        self.input.execute(self.index, Arc::clone(&self.context))
    }
}

/// The plan node of an operator.
#[derive(Debug)]
pub struct Unary<O> {
    operator: O,
    input: Arc<dyn ExecutionPlan>,
    /// Numbers of the partitions, in a plan that is cut into tasks.
    partition_ids: Option<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl<O: UnaryExec> Unary<O> {
    /// # Errors
    /// As [`UnaryExec::properties`].
    pub fn try_new(operator: O, input: Arc<dyn ExecutionPlan>) -> Result<Self> {
        let properties = Arc::new(operator.properties(&input)?);
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(Self { operator, input, partition_ids: None, properties, metrics })
    }

    pub fn operator(&self) -> &O {
        &self.operator
    }

    pub fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }

    /// The node over these children: the input and, if it has them, the numbers of the partitions.
    pub(super) fn over_all(operator: O, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let n_children = children.len();
        let mut children = children.into_iter();
        let (Some(input), partition_ids, None) =
            (children.next(), children.next(), children.next())
        else {
            return internal_err!("{} got {n_children} children", O::NAME);
        };
        let mut node = Self::try_new(operator, input)?;
        node.partition_ids = partition_ids;
        Ok(node)
    }

    /// Whether the numbers of partitions still have to be written into the plan.
    pub(super) fn lacks_partition_ids(&self) -> bool {
        O::NEEDS_PARTITION_ID && self.partition_ids.is_none()
    }
}

impl<O: UnaryExec> DisplayAs for Unary<O> {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let details = self.operator.details();
        match details.is_empty() {
            true => f.write_str(O::NAME),
            false => write!(f, "{}: {details}", O::NAME),
        }
    }
}

impl<O: UnaryExec> ExecutionPlan for Unary<O> {
    fn name(&self) -> &str {
        O::NAME
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        let ids = self.partition_ids.iter().map(|_| Distribution::UnspecifiedDistribution);
        std::iter::once(self.operator.distribution()).chain(ids).collect()
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let order = match O::HIDES_INPUT_COLUMNS {
            // What it has: nobody else sees that the sort below is wanted.
            true => self.input.output_ordering().cloned(),
            false => self.operator.required_order(),
        };
        let order = order.map(OrderingRequirements::from);
        std::iter::once(order).chain(self.partition_ids.iter().map(|_| None)).collect()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        let ids = self.partition_ids.iter().map(|_| false);
        std::iter::once(O::KEEPS_ORDER && !O::HIDES_INPUT_COLUMNS).chain(ids).collect()
    }

    /// An exchange below would change the partitions that users count.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.children().len()]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        std::iter::once(&self.input).chain(&self.partition_ids).collect()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.operator.exprs(), f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::over_all(self.operator.clone(), children)?))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let task = Task {
            input: Arc::clone(&self.input),
            index: partition,
            partition,
            schema: self.schema(),
            context: Arc::clone(&context),
            metrics: self.metrics.clone(),
        };
        let rows = match &self.partition_ids {
            None => self.operator.execute(task)?,
            Some(ids) => {
                let (ids, operator) = (ids.execute(partition, context)?, self.operator.clone());
                let rows = async move {
                    let partition = partition_ids::read(ids).await?;
                    operator.execute(Task { partition, ..task })
                };
                let rows = stream::once(rows).try_flatten();
                Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))
            }
        };
        Ok(Box::pin(Measured::new(rows, &self.metrics, partition)))
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        asked: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        let schema = self.schema();
        Ok(Arc::new(match inputs.first() {
            Some(input) if asked.partition().is_none() => self.operator.statistics(input, &schema),
            _ => Statistics::new_unknown(&schema),
        }))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn check_invariants(
        &self,
        _: datafusion_physical_plan::execution_plan::InvariantLevel,
    ) -> Result<()> {
        match &self.partition_ids {
            Some(ids)
                if ids.output_partitioning().partition_count()
                    != self.input.output_partitioning().partition_count() =>
            {
                Err(DataFusionError::Internal(format!(
                    "{} has other partition numbers than partitions",
                    O::NAME
                )))
            }
            _ => Ok(()),
        }
    }
}

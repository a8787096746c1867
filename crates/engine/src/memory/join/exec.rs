//! The plan node.

use super::collect::{Collected, collect};
use super::grant::Grant;
use super::merge::{LeftRows, SortedRows, can_merge, merge};
use super::not_in::{Sides, without_nulls};
use crate::memory::hand_over::HandOverExec;
use crate::memory::pool::JOIN_BUILD;
use crate::operators::OrderedCoalesceExec;
use crate::slots::run_partitions;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, JoinType, Result, internal_err};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use firesteel_common::operator::{Encoded, OperatorCodec, Unary};
use futures::future::{BoxFuture, Shared};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Batches that a partition of a shared build side may be ahead of whoever collects it.
const BATCHES_AHEAD: usize = 4;

/// See the module's head. Shows itself as the hash join that it holds.
pub(crate) struct SpillingHashJoinExec {
    join: HashJoinExec,
    run: OnceLock<Result<Arc<Run>, Arc<DataFusionError>>>,
    metrics: ExecutionPlanMetricsSet,
}

impl SpillingHashJoinExec {
    /// None for joins that a sort-merge join cannot replace.
    pub fn over(join: &HashJoinExec) -> Result<Option<Self>> {
        if !can_merge(join) {
            return Ok(None);
        }
        Self::new(join.builder(), ExecutionPlanMetricsSet::new()).map(Some)
    }

    fn new(join: HashJoinExecBuilder, metrics: ExecutionPlanMetricsSet) -> Result<Self> {
        Ok(Self { join: join.build()?, run: OnceLock::new(), metrics })
    }

    /// The hash join that it holds.
    pub fn join(&self) -> &HashJoinExec {
        &self.join
    }

    /// How it crosses a wire: as the hash join that it holds.
    pub fn codec() -> OperatorCodec {
        OperatorCodec::new(
            "SpillingHashJoinExec",
            |plan| {
                let Some(node) = (plan as &dyn Any).downcast_ref::<Self>() else {
                    return Ok(None);
                };
                let inputs = vec![node.join.builder().build_exec()?];
                Ok(Some(Encoded { parameters: Vec::new(), exprs: Vec::new(), inputs }))
            },
            |encoded| {
                let [join] = encoded.inputs.as_slice() else {
                    return internal_err!("SpillingHashJoinExec holds one join");
                };
                match (join.as_ref() as &dyn Any).downcast_ref::<HashJoinExec>() {
                    Some(join) => {
                        Ok(Arc::new(Self::new(join.builder(), ExecutionPlanMetricsSet::new())?))
                    }
                    None => internal_err!("SpillingHashJoinExec got {}", join.name()),
                }
            },
        )
    }

    fn run(&self) -> Result<Arc<Run>> {
        let run = self.run.get_or_init(|| Run::new(&self.join, &self.metrics).map_err(Arc::new));
        run.clone().map_err(DataFusionError::Shared)
    }
}

impl fmt::Debug for SpillingHashJoinExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpillingHashJoinExec({:?})", self.join)
    }
}

impl DisplayAs for SpillingHashJoinExec {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        self.join.fmt_as(t, f)
    }
}

impl ExecutionPlan for SpillingHashJoinExec {
    fn name(&self) -> &str {
        "HashJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.join.properties()
    }

    fn input_distribution_requirements(
        &self,
    ) -> datafusion::physical_plan::InputDistributionRequirements {
        self.join.input_distribution_requirements()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.join.maintains_input_order()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.join.left, &self.join.right]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(f)
    }

    fn dynamic_expressions_produced(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        self.join.dynamic_expressions_produced()
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let join = self.join.builder().recompute_properties().with_new_children(children)?;
        // As a hash join, it shares what it measures with what it was made from.
        Ok(Arc::new(Self::new(join, self.metrics.clone())?))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let join = self.join.builder().reset_state();
        Ok(Arc::new(Self::new(join, ExecutionPlanMetricsSet::new())?))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let run = self.run()?;
        let schema = self.schema();
        let cancel =
            CancelReport { run: Arc::clone(&run), partition, context: Some(Arc::clone(&context)) };
        let rows = async move {
            match run.parts.join.mode {
                PartitionMode::CollectLeft => {
                    run.with_shared_build(partition, context, cancel).await
                }
                _ => run.with_own_build(partition, context, cancel).await,
            }
        };
        let rows = stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        let mut metrics = self.join.metrics()?;
        for own in self.metrics.clone_inner().iter() {
            metrics.push(Arc::clone(own));
        }
        Some(metrics)
    }

    fn fetch(&self) -> Option<usize> {
        self.join.fetch()
    }
}

/// One run of the plan.
struct Run {
    parts: Arc<Parts>,
    shared_build: Mutex<Option<SharedBuild>>,
}

/// Apart from [`Run`], because the future of the shared build side holds them.
struct Parts {
    /// The join over what is handed over to it.
    join: Arc<HashJoinExec>,
    build: Arc<HandOverExec>,
    probe: Arc<HandOverExec>,
    left: Arc<dyn ExecutionPlan>,
    right: Arc<dyn ExecutionPlan>,
    metrics: ExecutionPlanMetricsSet,
}

type SharedBuild = Shared<BoxFuture<'static, Result<Arc<Build>, Arc<DataFusionError>>>>;

/// A build side that all probe partitions share.
enum Build {
    Fits(Arc<Grant>),
    /// Does not fit, and each task joins all of it with its part of the probe side.
    Sorted(SortedRows),
    /// Does not fit, and the join shows unmatched rows of it: one task does everything.
    Rows(Mutex<Option<SendableRecordBatchStream>>),
}

impl Run {
    fn new(join: &HashJoinExec, metrics: &ExecutionPlanMetricsSet) -> Result<Arc<Self>> {
        let (left, right) = (Arc::clone(&join.left), Arc::clone(&join.right));
        let build = HandOverExec::in_place_of(&left);
        let probe = HandOverExec::in_place_of(&right);
        let inputs: Vec<Arc<dyn ExecutionPlan>> =
            vec![Arc::clone(&build) as _, Arc::clone(&probe) as _];
        let join = Arc::new(join.builder().with_new_children(inputs)?.build()?);
        let parts = Parts { join, build, probe, left, right, metrics: metrics.clone() };
        Ok(Arc::new(Self { parts: Arc::new(parts), shared_build: Mutex::default() }))
    }

    async fn with_own_build(
        self: Arc<Self>,
        partition: usize,
        context: Arc<TaskContext>,
        mut cancel: CancelReport,
    ) -> Result<SendableRecordBatchStream> {
        let parts = &self.parts;
        let reservation = MemoryConsumer::new(format!("{JOIN_BUILD}[{partition}]"))
            .with_can_spill(true)
            .register(context.memory_pool());
        let left = parts.left.execute(partition, Arc::clone(&context))?;
        match collect(left.schema(), vec![left], reservation).await? {
            Collected::All { rows, reservation } => {
                let grant = Grant::new(reservation);
                parts.put_build(partition, rows);
                cancel.context = None;
                parts.hash(partition, &grant, &context)
            }
            Collected::TooMany(rows) => {
                drop(cancel);
                let right = parts.right.execute(partition, Arc::clone(&context))?;
                let left = LeftRows::Unsorted(rows);
                merge(&parts.join, partition, left, right, context, &parts.metrics)
            }
        }
    }

    async fn with_shared_build(
        self: Arc<Self>,
        partition: usize,
        context: Arc<TaskContext>,
        mut cancel: CancelReport,
    ) -> Result<SendableRecordBatchStream> {
        // Reports of a shared build side are not counted by partition.
        cancel.context = None;
        let build = self
            .shared_build
            .lock()
            .get_or_insert_with(|| {
                let parts = Arc::clone(&self.parts);
                let context = Arc::clone(&context);
                async move { parts.collect_shared(&context).await.map(Arc::new).map_err(Arc::new) }
                    .boxed()
                    .shared()
            })
            .clone();
        let parts = &self.parts;
        let build = build.await.map_err(DataFusionError::Shared)?;
        match build.as_ref() {
            Build::Fits(grant) => parts.hash(partition, grant, &context),
            Build::Sorted(left) => {
                let right = parts.right.execute(partition, Arc::clone(&context))?;
                let left = LeftRows::Sorted(left.read()?);
                merge(&parts.join, partition, left, right, context, &parts.metrics)
            }
            Build::Rows(rows) => {
                let Some(rows) = rows.lock().take() else {
                    let none = stream::empty();
                    return Ok(Box::pin(RecordBatchStreamAdapter::new(parts.join.schema(), none)));
                };
                let mut sides = Sides { left: rows, right: all_partitions(&parts.right, &context) };
                if parts.join.null_aware {
                    sides = without_nulls(&parts.join, sides, &context, &parts.metrics).await?;
                }
                let left = LeftRows::Unsorted(sides.left);
                merge(&parts.join, partition, left, sides.right, context, &parts.metrics)
            }
        }
    }
}

impl Parts {
    async fn collect_shared(&self, context: &Arc<TaskContext>) -> Result<Build> {
        let reservation =
            MemoryConsumer::new(JOIN_BUILD).with_can_spill(true).register(context.memory_pool());
        // The partitions below are read side by side, but kept in order.
        let coalesce =
            (self.left.as_ref() as &dyn Any).downcast_ref::<Unary<OrderedCoalesceExec>>();
        let inputs = match coalesce {
            Some(coalesce) if coalesce.operator().fetch().is_none() => {
                partitions(coalesce.input(), context)
            }
            _ => vec![self.left.execute(0, Arc::clone(context))?],
        };
        match collect(self.left.schema(), inputs, reservation).await? {
            Collected::All { rows, reservation } => {
                self.put_build(0, rows);
                Ok(Build::Fits(Grant::new(reservation)))
            }
            Collected::TooMany(rows) => match self.join.join_type {
                // Each task gives only what its part of the probe side matches.
                JoinType::Inner
                | JoinType::Right
                | JoinType::RightSemi
                | JoinType::RightAnti
                | JoinType::RightMark => {
                    let sorted =
                        SortedRows::write(&self.join, rows, context, &self.metrics).await?;
                    Ok(Build::Sorted(sorted))
                }
                _ => Ok(Build::Rows(Mutex::new(Some(rows)))),
            },
        }
    }

    fn put_build(&self, partition: usize, rows: Vec<RecordBatch>) {
        let schema = self.left.schema();
        self.build.put(
            partition,
            Box::new(move || {
                let rows = stream::iter(rows.into_iter().map(Ok));
                Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
            }),
        );
    }

    /// The hash join of one partition, with the memory of `grant`.
    fn hash(
        &self,
        partition: usize,
        grant: &Arc<Grant>,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (right, probe_context) = (Arc::clone(&self.right), Arc::clone(context));
        self.probe.put(partition, Box::new(move || right.execute(partition, probe_context)));
        let rows = self.join.execute(partition, grant.context(context))?;
        let grant = Arc::clone(grant);
        // With its first batch the join shows that its table is made.
        let rows = rows.inspect(move |_| grant.settle());
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.join.schema(), rows)))
    }
}

fn partitions(
    input: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> Vec<SendableRecordBatchStream> {
    // Slots are for whole tasks; this is a part of one.
    let slots = Arc::new(Semaphore::new(input.output_partitioning().partition_count().max(1)));
    run_partitions(input, context, &slots, BATCHES_AHEAD)
}

fn all_partitions(
    input: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> SendableRecordBatchStream {
    let all = stream::iter(partitions(input, context)).flatten();
    Box::pin(RecordBatchStreamAdapter::new(input.schema(), all))
}

/// The partitions of a hash join wait until each of them has reported what its build side holds, for the
/// filter that they push down. One that ends without a hash join must report too: a stream of the hash join
/// does so when it is dropped.
struct CancelReport {
    run: Arc<Run>,
    partition: usize,
    context: Option<Arc<TaskContext>>,
}

impl Drop for CancelReport {
    fn drop(&mut self) {
        if let Some(context) = self.context.take()
            && self.run.parts.join.mode == PartitionMode::Partitioned
        {
            drop(self.run.parts.join.execute(self.partition, context));
        }
    }
}

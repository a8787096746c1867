//! The sort-merge join that takes the place of a hash join.

use super::row_key::RowKey;
use crate::memory::hand_over::HandOverExec;
use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, JoinType, Result};
use datafusion::execution::{SendableRecordBatchStream, SpillFile, TaskContext};
use datafusion::physical_expr::{LexOrdering, PhysicalExprRef, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, JoinOn, SortMergeJoinExec};
use datafusion::physical_plan::limit::LimitStream;
use datafusion::physical_plan::metrics::{
    BaselineMetrics, ExecutionPlanMetricsSet, MetricBuilder, MetricValue, MetricsSet, SpillMetrics,
};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::spill::SpillManager;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;
use std::sync::Arc;

/// Whether a sort-merge join gives the same rows: if all keys have an order.
pub(super) fn can_merge(join: &HashJoinExec) -> bool {
    join.on.iter().all(|(left, right)| {
        match (left.data_type(&join.left.schema()), right.data_type(&join.right.schema())) {
            (Ok(left_type), Ok(right_type)) => {
                compares(&left_type, join.join_type)
                    || RowKey::supports(&left_type) && left_type.equals_datatype(&right_type)
            }
            _ => false,
        }
    })
}

/// Whether DataFusion's sort-merge join compares such keys. Semi and anti joins know a shorter list of types,
/// and floats without an order for NaN.
fn compares(key: &DataType, join_type: JoinType) -> bool {
    match join_type {
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => !key.is_nested(),
        _ => {
            key.is_integer()
                || matches!(
                    key,
                    DataType::Boolean
                        | DataType::Binary
                        | DataType::Utf8
                        | DataType::Decimal128(..)
                        | DataType::Timestamp(_, None)
                        | DataType::Date32
                )
        }
    }
}

/// The keys of `join` in types that its sort-merge join compares.
fn merge_keys(join: &HashJoinExec) -> Result<JoinOn> {
    let keys = join.on.iter().map(|(left, right)| {
        Ok(if compares(&left.data_type(&join.left.schema())?, join.join_type) {
            (Arc::clone(left), Arc::clone(right))
        } else {
            (RowKey::over(left), RowKey::over(right))
        })
    });
    keys.collect()
}

/// Rows sorted by the join's left keys, on disk, to be read by several tasks.
pub(super) struct SortedRows {
    files: SpillManager,
    file: Option<Arc<dyn SpillFile>>,
}

impl SortedRows {
    pub async fn write(
        join: &HashJoinExec,
        rows: SendableRecordBatchStream,
        context: &Arc<TaskContext>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Self> {
        let files =
            SpillManager::new(context.runtime_env(), SpillMetrics::new(metrics, 0), rows.schema())
                .with_compression_type(context.session_config().spill_compression());
        let keys = merge_keys(join)?;
        let mut sorted = sort(HandOverExec::of_stream(rows), keys.iter().map(|(left, _)| left))?
            .execute(0, Arc::clone(context))?;
        let mut file = files.create_in_progress_file("sorting the build side of a join")?;
        while let Some(batch) = sorted.next().await.transpose()? {
            file.append_batch(&batch)?;
        }
        let file = file.finish()?;
        Ok(Self { files, file })
    }

    pub fn read(&self) -> Result<SendableRecordBatchStream> {
        match &self.file {
            Some(file) => self.files.read_spill_as_stream(Arc::clone(file), None),
            None => {
                let none = futures::stream::empty();
                Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(self.files.schema()), none)))
            }
        }
    }
}

pub(super) enum LeftRows {
    Unsorted(SendableRecordBatchStream),
    Sorted(SendableRecordBatchStream),
}

/// One partition of what `join` would give, from sorting both sides.
pub(super) fn merge(
    join: &HashJoinExec,
    partition: usize,
    left: LeftRows,
    right: SendableRecordBatchStream,
    context: Arc<TaskContext>,
    metrics: &ExecutionPlanMetricsSet,
) -> Result<SendableRecordBatchStream> {
    MetricBuilder::new(metrics).counter("sort_merge_fallbacks", partition).add(1);
    let keys = merge_keys(join)?;
    let left: Arc<dyn ExecutionPlan> = match left {
        LeftRows::Sorted(rows) => HandOverExec::of_stream(rows),
        LeftRows::Unsorted(rows) => {
            sort(HandOverExec::of_stream(rows), keys.iter().map(|(left, _)| left))?
        }
    };
    let right = sort(HandOverExec::of_stream(right), keys.iter().map(|(_, right)| right))?;
    let orders = vec![ORDER; keys.len()];
    let merge = SortMergeJoinExec::try_new(
        Arc::clone(&left),
        Arc::clone(&right),
        keys,
        join.filter.clone(),
        join.join_type,
        orders,
        join.null_equality,
    )?;
    let mut rows = merge.execute(0, Arc::clone(&context))?;
    for part in [&left, &right, &(Arc::new(merge) as Arc<dyn ExecutionPlan>)] {
        show_metrics(part.as_ref(), metrics);
    }
    if let Some(columns) = join.projection.clone() {
        let projected = rows.map(move |batch| Ok(batch?.project(&columns)?));
        rows = Box::pin(RecordBatchStreamAdapter::new(join.schema(), projected));
    } else {
        // The two joins may differ in the metadata of their schemas.
        let schema = join.schema();
        let same = Arc::clone(&schema);
        let rows_of_join = rows.map(move |batch| Ok(batch?.with_schema(Arc::clone(&same))?));
        rows = Box::pin(RecordBatchStreamAdapter::new(schema, rows_of_join));
    }
    // Operators above may rely on the order of the probe side, which a hash join keeps. The orders all
    // hold at once, so that one after another they are one.
    let orders = join.properties().equivalence_properties().oeq_class().iter();
    if let Some(order) = LexOrdering::new(orders.flat_map(|order| order.iter().cloned())) {
        rows = SortExec::new(order, HandOverExec::of_stream(rows)).execute(0, context)?;
    }
    Ok(match join.fetch() {
        None => rows,
        Some(_) => {
            let baseline = BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), partition);
            Box::pin(LimitStream::new(rows, 0, join.fetch(), baseline))
        }
    })
}

/// What the parts spill, and the rows that the join gives, count for the join that users see.
fn show_metrics(part: &dyn ExecutionPlan, metrics: &ExecutionPlanMetricsSet) {
    let is_join = part.name() == "SortMergeJoinExec";
    for metric in part.metrics().iter().flat_map(MetricsSet::iter) {
        let shown = match metric.value() {
            MetricValue::OutputRows(_) => is_join,
            MetricValue::SpillCount(_)
            | MetricValue::SpilledBytes(_)
            | MetricValue::SpilledRows(_) => true,
            _ => false,
        };
        if shown {
            metrics.register(Arc::clone(metric));
        }
    }
}

const ORDER: SortOptions = SortOptions { descending: false, nulls_first: true };

fn sort<'a>(
    rows: Arc<HandOverExec>,
    keys: impl Iterator<Item = &'a PhysicalExprRef>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let keys = keys.map(|key| PhysicalSortExpr::new(Arc::clone(key), ORDER));
    let order = LexOrdering::new(keys)
        .ok_or_else(|| DataFusionError::Internal("a hash join without keys".into()))?;
    Ok(Arc::new(SortExec::new(order, rows)))
}

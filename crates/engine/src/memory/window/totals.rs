//! Aggregates of all rows of a group: the rows go to disk while they are aggregated, and come back with the
//! totals.

use super::groups::GroupKeys;
use crate::memory::BufferedRows;
use datafusion::arrow::compute::partition;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::row::OwnedRow;
use datafusion::common::{DataFusionError, Result, ScalarValue, internal_err};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Accumulator;
use datafusion::physical_expr::window::{PlainAggregateWindowExpr, WindowExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::windows::WindowAggExec;
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Whether the value is one for all rows of a group.
pub(super) fn is_total(expr: &Arc<dyn WindowExpr>) -> bool {
    let frame = expr.get_window_frame();
    expr.as_any().is::<PlainAggregateWindowExpr>()
        && frame.start_bound.is_unbounded()
        && frame.end_bound.is_unbounded()
}

pub(super) fn with_totals(
    window: &Arc<WindowAggExec>,
    partition: usize,
    rows: SendableRecordBatchStream,
    context: &Arc<TaskContext>,
    metrics: &ExecutionPlanMetricsSet,
) -> Result<SendableRecordBatchStream> {
    let groups = OneByOne { rows, keys: GroupKeys::of(window)?, key: None, next: None };
    let groups = Arc::new(Mutex::new(groups));
    let (window, context, metrics) = (Arc::clone(window), Arc::clone(context), metrics.clone());
    let schema = window.schema();
    let all = stream::try_unfold((), move |()| {
        let (groups, window) = (Arc::clone(&groups), Arc::clone(&window));
        let (context, metrics) = (Arc::clone(&context), metrics.clone());
        async move {
            if !groups.lock().await.begin().await? {
                return Ok::<_, DataFusionError>(None);
            }
            let reservation = MemoryConsumer::new(format!("WindowAggExec[{partition}]"))
                .register(context.memory_pool());
            let mut totals = Totals::new(&window, reservation)?;
            let rows = group(groups, window.input().schema());
            let rows = BufferedRows::collect(
                rows,
                "WindowAggExec",
                partition,
                &context,
                &metrics,
                |rows| totals.add(rows),
            );
            let rows = rows.await?.read()?;
            let (values, schema) = (totals.values()?, window.schema());
            Ok(Some((rows.map(move |batch| append(&batch?, &values, &schema)), ())))
        }
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, all.try_flatten())))
}

fn append(batch: &RecordBatch, values: &[ScalarValue], schema: &SchemaRef) -> Result<RecordBatch> {
    let n_rows = batch.num_rows();
    let mut columns = batch.columns().to_vec();
    for value in values {
        columns.push(value.to_array_of_size(n_rows)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

/// The aggregates of one group.
struct Totals {
    aggregates: Vec<(Arc<dyn WindowExpr>, Box<dyn Accumulator>)>,
    reservation: MemoryReservation,
}

impl Totals {
    fn new(window: &WindowAggExec, reservation: MemoryReservation) -> Result<Self> {
        let aggregates = window.window_expr().iter().map(|expr| {
            match expr.as_any().downcast_ref::<PlainAggregateWindowExpr>() {
                Some(aggregate) => {
                    Ok((Arc::clone(expr), aggregate.get_aggregate_expr().create_accumulator()?))
                }
                None => internal_err!("{} is no aggregate", expr.name()),
            }
        });
        Ok(Self { aggregates: aggregates.collect::<Result<_>>()?, reservation })
    }

    fn add(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut n_bytes = 0;
        for (expr, accumulator) in &mut self.aggregates {
            accumulator.update_batch(&expr.evaluate_args(rows)?)?;
            n_bytes += accumulator.size();
        }
        self.reservation.try_resize(n_bytes)
    }

    fn values(self) -> Result<Vec<ScalarValue>> {
        self.aggregates.into_iter().map(|(_, mut accumulator)| accumulator.evaluate()).collect()
    }
}

/// Sorted rows, of which one group is read at a time.
struct OneByOne {
    rows: SendableRecordBatchStream,
    keys: GroupKeys,
    /// Of the group that is read.
    key: Option<OwnedRow>,
    next: Option<RecordBatch>,
}

impl OneByOne {
    /// Begins the next group, if there is one.
    async fn begin(&mut self) -> Result<bool> {
        self.key = None;
        match self.batch().await? {
            Some(batch) => {
                let keys = self.keys.evaluate(&batch)?;
                if !self.keys.is_empty() {
                    self.key = Some(self.keys.row(&keys, 0)?);
                }
                self.next = Some(batch);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// More rows of the group.
    async fn rows(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.batch().await? else {
            return Ok(None);
        };
        let Some(key) = &self.key else {
            return Ok(Some(batch));
        };
        let keys = self.keys.evaluate(&batch)?;
        if self.keys.row(&keys, 0)? != *key {
            self.next = Some(batch);
            return Ok(None);
        }
        let end = partition(&keys)?.ranges().first().map_or(batch.num_rows(), |range| range.end);
        if end < batch.num_rows() {
            self.next = Some(batch.slice(end, batch.num_rows() - end));
        }
        Ok(Some(batch.slice(0, end)))
    }

    async fn batch(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(batch) = self.next.take() {
            return Ok(Some(batch));
        }
        while let Some(batch) = self.rows.next().await.transpose()? {
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

fn group(groups: Arc<Mutex<OneByOne>>, schema: SchemaRef) -> SendableRecordBatchStream {
    let rows = stream::try_unfold(groups, |groups| async move {
        let rows = groups.lock().await.rows().await?;
        Ok::<_, DataFusionError>(rows.map(|rows| (rows, groups)))
    });
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}

//! `NOT IN` larger than memory: an anti join in which null means unknown.
//!
//! ```text
//!   right side ─┬─ has a null key ──▶ nothing
//!               ├─ is empty ────────▶ all of the left side
//!               └─ otherwise ───────▶ left rows whose key is not null ──▶ sort-merge anti join
//! ```

use crate::memory::BufferedRows;
use datafusion::arrow::array::Array;
use datafusion::arrow::compute::{filter_record_batch, is_not_null};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{Result, internal_datafusion_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExprRef;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::future::ready;
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The rows of both sides.
pub(super) struct Sides {
    pub left: SendableRecordBatchStream,
    pub right: SendableRecordBatchStream,
}

/// Reads all of the right side, keeping it, and takes from the left what null decides: an anti join of the rest gives
/// the rows.
pub(super) async fn without_nulls(
    join: &HashJoinExec,
    Sides { left, right }: Sides,
    context: &TaskContext,
    metrics: &ExecutionPlanMetricsSet,
) -> Result<Sides> {
    let [(left_key, right_key)] = join.on.as_slice() else {
        return Err(internal_datafusion_err!("NOT IN compares one key"));
    };
    let (has_null, mut has_rows) = (Arc::new(AtomicBool::new(false)), false);
    // One null is enough to know.
    let until = Arc::clone(&has_null);
    let schema = right.schema();
    let right = right.take_while(move |_| ready(!until.load(Ordering::Relaxed)));
    let right = Box::pin(RecordBatchStreamAdapter::new(schema, right));
    let right = BufferedRows::collect(right, "HashJoinExec", 0, context, metrics, |batch| {
        has_rows |= batch.num_rows() > 0;
        if nulls(right_key, batch)? > 0 {
            has_null.store(true, Ordering::Relaxed);
        }
        Ok(())
    });
    let right = right.await?.read()?;
    if has_null.load(Ordering::Relaxed) {
        let none = RecordBatchStreamAdapter::new(left.schema(), stream::empty());
        return Ok(Sides { left: Box::pin(none), right });
    }
    if !has_rows {
        return Ok(Sides { left, right });
    }
    let (schema, key) = (left.schema(), Arc::clone(left_key));
    let left = left.and_then(move |batch| ready(with_key(&key, &batch)));
    Ok(Sides { left: Box::pin(RecordBatchStreamAdapter::new(schema, left)), right })
}

fn nulls(key: &PhysicalExprRef, batch: &RecordBatch) -> Result<usize> {
    let keys = key.evaluate(batch)?.into_array(batch.num_rows())?;
    Ok(keys.logical_null_count())
}

/// Rows of `batch` whose key is not null.
fn with_key(key: &PhysicalExprRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let keys = key.evaluate(batch)?.into_array(batch.num_rows())?;
    if keys.logical_null_count() == 0 {
        return Ok(batch.clone());
    }
    Ok(filter_record_batch(batch, &is_not_null(&keys)?)?)
}

//! Collecting a build side as far as memory allows.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::utils::memory::{RecordBatchMemoryCounter, estimate_memory_size};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::future::try_join_all;
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes per row of a hash table while rows still come: the most that [`estimate_memory_size`] gives for a
/// large table is 39, and the chain of equal keys takes 4.
const TABLE_BYTES_PER_ROW: usize = 32;
/// Fixed parts of a table.
const TABLE_BYTES: usize = 1 << 16;

pub(super) enum Collected {
    /// All rows, and the memory for them, for a table over them and for one more copy, which the join
    /// makes when it puts them into one batch.
    All { rows: Vec<RecordBatch>, reservation: MemoryReservation },
    /// All rows too, first those that were collected: there are too many.
    TooMany(SendableRecordBatchStream),
}

/// Reads all of `inputs`, at the same time, until memory ends. The rows keep the order of the inputs.
pub(super) async fn collect(
    schema: SchemaRef,
    inputs: Vec<SendableRecordBatchStream>,
    reservation: MemoryReservation,
) -> Result<Collected> {
    let reservation = Arc::new(reservation);
    let full = AtomicBool::new(false);
    let parts = inputs.into_iter().map(|input| Part::default().fill(input, &reservation, &full));
    let parts = try_join_all(parts).await?;
    let n_rows: usize = parts.iter().map(|part| part.n_rows).sum();
    let n_bytes: usize = parts.iter().map(|part| part.counter.memory_usage()).sum();
    let table =
        estimate_memory_size::<(u32, u64)>(n_rows, TABLE_BYTES)?.max(TABLE_BYTES_PER_ROW * n_rows);
    let needed = 2 * n_bytes + table + 8 * n_rows;
    let fits = !full.into_inner() && reservation.try_resize(needed.max(reservation.size())).is_ok();
    if fits {
        let rows =
            parts.into_iter().flat_map(|part| part.batches).map(|(batch, _)| batch).collect();
        let reservation = Arc::into_inner(reservation).ok_or_else(|| {
            DataFusionError::Internal("a collected part outlived its join".into())
        })?;
        return Ok(Collected::All { rows, reservation });
    }
    // Each batch gives its memory back when it leaves.
    let parts = parts.into_iter().map(move |part| {
        let reservation = Arc::clone(&reservation);
        let collected = stream::iter(part.batches).map(move |(batch, n_bytes)| {
            reservation.shrink(n_bytes.min(reservation.size()));
            Ok(batch)
        });
        collected.chain(stream::iter(part.rest).flatten())
    });
    let rows = stream::iter(parts).flatten();
    Ok(Collected::TooMany(Box::pin(RecordBatchStreamAdapter::new(schema, rows))))
}

/// What was read of one input.
#[derive(Default)]
struct Part {
    /// With what each has reserved.
    batches: Vec<(RecordBatch, usize)>,
    rest: Option<SendableRecordBatchStream>,
    n_rows: usize,
    counter: RecordBatchMemoryCounter,
}

impl Part {
    async fn fill(
        mut self,
        mut input: SendableRecordBatchStream,
        reservation: &MemoryReservation,
        full: &AtomicBool,
    ) -> Result<Self> {
        while !full.load(Ordering::Relaxed) {
            let Some(batch) = input.next().await.transpose()? else {
                return Ok(self);
            };
            let n_bytes =
                2 * self.counter.count_batch(&batch) + TABLE_BYTES_PER_ROW * batch.num_rows();
            self.n_rows += batch.num_rows();
            if reservation.try_grow(n_bytes).is_ok() {
                self.batches.push((batch, n_bytes));
            } else {
                full.store(true, Ordering::Relaxed);
                self.batches.push((batch, 0));
            }
        }
        self.rest = Some(input);
        Ok(self)
    }
}

//! What a task is given: batches as bytes.

use super::columns::pieces;
use super::ipc::Encoder;
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::compute::BatchCoalescer;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use firesteel_common::python::PythonSettings;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};

/// The coalescer reserves room for a whole batch, whatever the limit.
const ROWS_MAX: usize = 1 << 20;

/// Bytes of a batch whose rows are so long that none would ever be full: chunks of an RDD's items. A task has several
/// batches in memory, on either side of their encoding.
const LONG_ROW_BYTES: usize = 16 * 1024;
const LONG_ROWS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// `spark.sql.execution.arrow.maxBytesPerBatch`, in bytes.
const BYTES_MAX: &str = "spark.sql.execution.arrow.maxBytesPerBatch";

/// How large a batch for a worker may become.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// 0: as they come.
    pub rows: usize,
    /// Reached, no row is added any more.
    pub bytes: usize,
}

impl Limits {
    /// As configured.
    pub fn of(settings: &PythonSettings) -> Self {
        let bytes = settings.conf.iter().find(|(key, _)| key == BYTES_MAX);
        let bytes = bytes.and_then(|(_, value)| value.parse().ok());
        Self { rows: settings.records_max, bytes: bytes.unwrap_or(usize::MAX) }
    }

    /// Bytes of a batch of rows of that many bytes.
    fn bytes_for(self, row_bytes: usize) -> usize {
        if row_bytes < LONG_ROW_BYTES { self.bytes } else { self.bytes.min(LONG_ROWS_BYTES_MAX) }
    }
}

/// Collects rows until a batch is full.
struct Filling {
    batches: BatchCoalescer,
    /// Of the batch that is not full yet; about, as rows of one batch count as equally long.
    n_bytes: usize,
}

impl Filling {
    fn push(&mut self, batch: RecordBatch, limits: Limits) -> Result<(), ArrowError> {
        let n_rows = batch.num_rows();
        let sizes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size());
        let row_bytes = (sizes.sum::<Result<usize, _>>()? / n_rows.max(1)).max(1);
        let bytes_max = limits.bytes_for(row_bytes);
        let mut start = 0;
        while start < n_rows {
            let room = bytes_max.saturating_sub(self.n_bytes).div_ceil(row_bytes);
            let n = room.clamp(1, n_rows - start);
            self.batches.push_batch(batch.slice(start, n))?;
            self.n_bytes = match self.batches.get_buffered_rows() {
                0 => 0,
                buffered => (self.n_bytes + n * row_bytes).min(buffered * row_bytes),
            };
            if self.n_bytes >= bytes_max {
                self.finish()?;
            }
            start += n;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ArrowError> {
        self.n_bytes = 0;
        self.batches.finish_buffered_batch()
    }
}

/// `input` as one Arrow stream of `schema`: batches as full as `limits` allow, as `convert` makes them, but for the
/// last. Functions see these batches, and Spark fills them too.
///
/// # Errors
/// When the schema has no form in the stream.
pub fn arrow_stream(
    input: SendableRecordBatchStream,
    schema: &Schema,
    limits: Limits,
    mut convert: impl FnMut(RecordBatch) -> Result<RecordBatch> + Send + 'static,
) -> Result<BoxStream<'static, Result<Vec<u8>>>> {
    let mut encoder = Encoder::new(schema)?;
    let first = encoder.take();
    let mut filling: Option<Filling> = None;
    let mut encode = move |batch: Option<RecordBatch>| -> Result<Vec<u8>> {
        let is_end = batch.is_none();
        match batch {
            // Rows without columns need no copy.
            Some(batch) if limits.rows == 0 || batch.num_columns() == 0 => {
                for piece in pieces(batch, limits.rows) {
                    encoder.write(&convert(piece)?)?;
                }
            }
            Some(batch) => {
                let filling = filling.get_or_insert_with(|| Filling {
                    batches: BatchCoalescer::new(batch.schema(), limits.rows.min(ROWS_MAX)),
                    n_bytes: 0,
                });
                filling.push(batch, limits)?;
            }
            None => filling.as_mut().map_or(Ok(()), Filling::finish)?,
        }
        while let Some(batch) =
            filling.as_mut().and_then(|filling| filling.batches.next_completed_batch())
        {
            encoder.write(&convert(batch)?)?;
        }
        if is_end {
            encoder.finish()?;
        }
        Ok(encoder.take())
    };
    let batches = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0)).map_ok(Some);
    let batches = batches.chain(stream::once(async { Ok(None) }));
    let chunks = batches.map(move |batch| encode(batch?));
    Ok(stream::once(async move { Ok(first) }).chain(chunks).boxed())
}

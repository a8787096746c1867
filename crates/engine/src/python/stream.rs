//! What a task is given: batches as bytes.

use super::columns::pieces;
use super::ipc::Encoder;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::BatchCoalescer;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};

/// The coalescer reserves room for a whole batch, whatever the limit.
const ROWS_MAX: usize = 1 << 20;

/// `input` as one Arrow stream of `schema`: batches of `rows_max` rows, as `convert` makes them, but for the
/// last; as they come if `rows_max` is 0. Functions see these batches, and Spark fills them too.
///
/// # Errors
/// When the schema has no form in the stream.
pub fn arrow_stream(
    input: SendableRecordBatchStream,
    schema: &Schema,
    rows_max: usize,
    mut convert: impl FnMut(RecordBatch) -> Result<RecordBatch> + Send + 'static,
) -> Result<BoxStream<'static, Result<Vec<u8>>>> {
    let mut encoder = Encoder::new(schema)?;
    let first = encoder.take();
    let mut full: Option<BatchCoalescer> = None;
    let mut encode = move |batch: Option<RecordBatch>| -> Result<Vec<u8>> {
        let is_end = batch.is_none();
        match batch {
            // Rows without columns need no copy.
            Some(batch) if rows_max == 0 || batch.num_columns() == 0 => {
                for piece in pieces(batch, rows_max) {
                    encoder.write(&convert(piece)?)?;
                }
            }
            Some(batch) => {
                let full = full.get_or_insert_with(|| {
                    BatchCoalescer::new(batch.schema(), rows_max.min(ROWS_MAX))
                });
                full.push_batch(batch)?;
            }
            None => full.as_mut().map_or(Ok(()), BatchCoalescer::finish_buffered_batch)?,
        }
        while let Some(batch) = full.as_mut().and_then(BatchCoalescer::next_completed_batch) {
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

//! Batches to frames, and frames to batches.

use super::values::columns;
use super::write::RowWriter;
use crate::python::columns::batch;
use crate::python::message::{Message, special};
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// Rows in a frame, as Spark sends them.
const FRAME_ROWS_MAX: usize = 100;

/// Rows of results from which a batch is handed on.
const BATCH_ROWS_MIN: usize = 4096;

/// `input` as frames of what `convert` makes of each batch: its arguments.
pub fn pickle_stream(
    input: SendableRecordBatchStream,
    writer: RowWriter,
    mut convert: impl FnMut(RecordBatch) -> Result<Vec<ArrayRef>> + Send + 'static,
) -> BoxStream<'static, Result<Vec<u8>>> {
    let mut frames = move |batch: RecordBatch| -> Result<Vec<u8>> {
        let n_rows = batch.num_rows();
        let columns = writer.prepared(&convert(batch)?)?;
        let mut message = Message::default();
        for start in (0..n_rows).step_by(FRAME_ROWS_MAX) {
            let end = n_rows.min(start + FRAME_ROWS_MAX);
            message.blob(writer.frame(&columns, start..end));
        }
        Ok(message.into_bytes())
    };
    let batches = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0));
    let end = special::END_OF_DATA.to_be_bytes().to_vec();
    let chunks = batches.map(move |batch| frames(batch?));
    chunks.chain(stream::once(async { Ok(end) })).boxed()
}

/// Gathers the many small frames of results.
pub struct Results {
    schema: SchemaRef,
    parts: Vec<RecordBatch>,
    n_rows: usize,
}

impl Results {
    /// `schema`: the results' own.
    pub fn new(schema: Schema) -> Self {
        Self { schema: Arc::new(schema), parts: Vec::new(), n_rows: 0 }
    }

    /// Adds a frame; gives a batch when there is enough.
    ///
    /// # Errors
    /// When the frame cannot be read, or a value does not fit its type.
    pub fn add(&mut self, frame: &[u8]) -> Result<Option<RecordBatch>> {
        let (columns, n_rows) = columns(frame, self.schema.fields())?;
        self.parts.push(batch(&self.schema, columns, n_rows)?);
        self.n_rows += n_rows;
        if self.n_rows < BATCH_ROWS_MIN {
            return Ok(None);
        }
        self.rest()
    }

    /// What has not been given yet.
    ///
    /// # Errors
    /// When columns grow too long.
    pub fn rest(&mut self) -> Result<Option<RecordBatch>> {
        let parts = std::mem::take(&mut self.parts);
        self.n_rows = 0;
        if parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(concat_batches(&self.schema, &parts)?))
    }
}

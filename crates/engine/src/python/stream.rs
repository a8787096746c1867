//! The streams around a task: batches to bytes, and a task as a stream of answers.

use super::columns::pieces;
use super::gate::Gate;
use super::ipc::Encoder;
use super::run::{Answer, Job, Session};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::Result;
use datafusion::execution::SendableRecordBatchStream;
use futures::stream::{BoxStream, try_unfold};
use futures::{StreamExt, TryStreamExt, stream};
use std::sync::Arc;

/// `input` as one Arrow stream of `schema`: each batch, in pieces of at most `rows_max` rows, as `convert`
/// makes it. Batches without rows are left out.
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
    let mut encode = move |batch: Option<RecordBatch>| -> Result<Vec<u8>> {
        match batch {
            Some(batch) => {
                for piece in pieces(batch, rows_max) {
                    encoder.write(&convert(piece)?)?;
                }
            }
            None => encoder.finish()?,
        }
        Ok(encoder.take())
    };
    let batches = input.try_filter(|batch| std::future::ready(batch.num_rows() > 0)).map_ok(Some);
    let batches = batches.chain(stream::once(async { Ok(None) }));
    let chunks = batches.map(move |batch| encode(batch?));
    Ok(stream::once(async move { Ok(first) }).chain(chunks).boxed())
}

/// What the worker of `job` answers, once there is a place at the gate. Dropping the stream kills the worker.
pub fn answers(job: Job, gate: Arc<Gate>) -> BoxStream<'static, Result<Answer>> {
    enum State {
        New(Box<Job>, Arc<Gate>),
        Running(Box<Session>),
        Done,
    }
    let next = |state| async move {
        let mut session = match state {
            State::New(mut job, gate) => {
                job.permit = Some(gate.enter().await);
                Box::new(Session::begin(*job).await?)
            }
            State::Running(session) => session,
            State::Done => return Ok(None),
        };
        let answer = session.next().await?;
        let state = match answer {
            Answer::End(_) => State::Done,
            _ => State::Running(session),
        };
        Ok(Some((answer, state)))
    };
    try_unfold(State::New(Box::new(job), gate), next).boxed()
}

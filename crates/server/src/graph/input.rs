//! A graph read into memory: the vertices' and edges' relations run, task by task, and become numbers.

use arrow::array::{ArrayRef, RecordBatch};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::{Result, SparkError};
use firesteel_engine::LocalRunner;
use firesteel_graph::algorithm::{Input, Reads};
use firesteel_graph::csr::{EdgePiece, VertexIds, VertexReader};
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use std::sync::Arc;

use crate::planning::{blocking, panicked};

/// Plans of exactly the columns that an algorithm reads: `id` and perhaps one more; `src`, `dst` and perhaps a weight.
#[derive(Debug, Clone)]
pub struct Relations {
    pub vertices: LogicalPlan,
    pub edges: LogicalPlan,
    /// Lists of ids.
    pub walks: Option<LogicalPlan>,
}

/// Bytes of an edge: its ends, and as much again for adjacency.
const EDGE_BYTES: usize = 16;

/// Reads a graph; `memory` grows by what it takes.
///
/// # Errors
/// What the relations fail with; `IllegalArgumentException` for null ids; the pool's error where there is no room.
pub async fn read(
    relations: &Relations,
    reads: &Reads,
    runner: &Arc<LocalRunner>,
    memory: &Arc<MemoryReservation>,
) -> Result<Input> {
    let kept = Arc::clone(memory);
    let vertices = each_batch(&relations.vertices, runner, move |batch| {
        // The rows, and their ids once more.
        kept.try_grow(2 * batch.get_array_memory_size())?;
        Ok(batch.clone())
    })
    .await?;
    let n_threads = runner.slots();
    let id_type = relations.vertices.schema().field(0).data_type().clone();
    let has_column = reads.vertex_column.is_some();
    let (ids, vertex_ids, vertex_column) = blocking(move || {
        let mut reader = VertexReader::new(&id_type)?;
        let (mut vertex_ids, mut columns) = (Vec::new(), Vec::new());
        for batch in vertices {
            reader.push(batch.column(0))?;
            vertex_ids.push(Arc::clone(batch.column(0)));
            if has_column {
                columns.push(Arc::clone(batch.column(1)));
            }
        }
        Ok((reader.finish(n_threads)?, vertex_ids, columns))
    })
    .await?;
    let n_known = ids.len();

    let walks = match &relations.walks {
        Some(walks) => each_batch(walks, runner, |batch| Ok(Arc::clone(batch.column(0)))).await?,
        None => Vec::new(),
    };
    let ids = Arc::new(ids);
    let known = Arc::clone(&ids);
    let has_weight = reads.weight.is_some();
    let kept = Arc::clone(memory);
    let mut pieces = each_batch(&relations.edges, runner, move |batch| {
        kept.try_grow(EDGE_BYTES * batch.num_rows())?;
        let weight = has_weight.then(|| batch.column(2));
        known.edges(batch.column(0), batch.column(1), weight)
    })
    .await?;
    let ids = Arc::into_inner(ids).ok_or_else(|| SparkError::internal("ids are still read"))?;
    let strays = reads.strays;
    blocking(move || {
        let weights =
            pieces.iter_mut().map(|piece: &mut EdgePiece| std::mem::take(&mut piece.weights));
        let weights = if has_weight { weights.collect() } else { Vec::new() };
        let (graph, ids): (_, VertexIds) = ids.graph(pieces, strays, n_threads)?;
        Ok(Input { graph, ids, weights, vertex_ids, vertex_column, walks, n_known })
    })
    .await
}

/// What `take` makes of the batches of a plan, in their order; tasks run side by side.
async fn each_batch<T: Send + 'static>(
    plan: &LogicalPlan,
    runner: &Arc<LocalRunner>,
    take: impl Fn(&RecordBatch) -> Result<T> + Send + Sync + 'static,
) -> Result<Vec<T>> {
    let plan = runner.physical_plan(plan).await?;
    let take = Arc::new(take);
    let mut tasks: FuturesOrdered<_> = runner
        .run_partitions(&plan)
        .into_iter()
        .map(|mut batches| {
            let take = Arc::clone(&take);
            let work = async move {
                let mut taken = Vec::new();
                while let Some(batch) = batches.next().await {
                    let batch = batch.map_err(SparkError::from)?;
                    if batch.num_rows() > 0 {
                        taken.push(take(&batch)?);
                    }
                }
                Ok::<_, SparkError>(taken)
            };
            // Ends with the query: dropping the handle aborts the task.
            Aborting(tokio::spawn(work))
        })
        .collect();
    let mut all = Vec::new();
    while let Some(taken) = tasks.next().await {
        all.extend(taken?);
    }
    Ok(all)
}

/// A task that stops when nobody waits for it any more.
struct Aborting<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Aborting<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T> Future for Aborting<Result<T>> {
    type Output = Result<T>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|joined| match joined {
            Ok(result) => result,
            Err(error) => Err(match error.try_into_panic() {
                Ok(panic) => panicked(panic.as_ref()),
                Err(error) => SparkError::internal(error.to_string()),
            }),
        })
    }
}

/// The columns of an answer as batches of the declared types, dealt out to tasks.
///
/// # Errors
/// An internal error: the columns are not the declared ones.
pub fn as_partitions(
    schema: &arrow::datatypes::SchemaRef,
    columns: &[ArrayRef],
    n_slots: usize,
) -> Result<Vec<Vec<RecordBatch>>> {
    const ROWS: usize = 8192;
    let columns = columns.iter().zip(schema.fields()).map(|(column, field)| {
        match column.data_type() == field.data_type() {
            true => Ok(Arc::clone(column)),
            false => Ok(arrow::compute::cast(column, field.data_type())?),
        }
    });
    let batch = RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_>>()?)?;
    let n_rows = batch.num_rows();
    let per_slot = n_rows.div_ceil(n_slots.max(1)).max(1).next_multiple_of(ROWS);
    let starts = (0..n_rows.max(1)).step_by(per_slot);
    Ok(starts
        .map(|start| {
            let end = (start + per_slot).min(n_rows);
            let rows = (start..end).step_by(ROWS);
            rows.map(|row| batch.slice(row, ROWS.min(end - row))).collect()
        })
        .collect())
}

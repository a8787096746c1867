//! Rows that an operator needs twice: in memory while there is room, then on disk.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, SpillFile, TaskContext};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SpillMetrics};
use datafusion::physical_plan::spill::SpillManager;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, stream};
use std::sync::Arc;

/// All rows of a stream, in their order.
pub(crate) enum BufferedRows {
    Memory { schema: SchemaRef, batches: Vec<RecordBatch>, reservation: MemoryReservation },
    Disk { files: SpillManager, file: Option<Arc<dyn SpillFile>> },
}

impl BufferedRows {
    /// Reads all of `rows` and shows each batch to `look`. `operator` is the name under which errors and
    /// metrics count the memory; `partition` is the one whose metrics say what was spilled.
    ///
    /// # Errors
    /// Whatever `rows` and `look` fail with; a full disk.
    pub async fn collect(
        mut rows: SendableRecordBatchStream,
        operator: &str,
        partition: usize,
        context: &TaskContext,
        metrics: &ExecutionPlanMetricsSet,
        mut look: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<Self> {
        let schema = rows.schema();
        let reservation =
            MemoryConsumer::new(operator).with_can_spill(true).register(context.memory_pool());
        let spilled = SpillMetrics::new(metrics, partition);
        let files = SpillManager::new(context.runtime_env(), spilled, Arc::clone(&schema))
            .with_compression_type(context.session_config().spill_compression());
        let mut counter = RecordBatchMemoryCounter::new();
        let (mut batches, mut file) = (Vec::new(), None);
        while let Some(batch) = rows.next().await.transpose()? {
            look(&batch)?;
            if file.is_none() {
                if reservation.try_grow(counter.count_batch(&batch)).is_ok() {
                    batches.push(batch);
                    continue;
                }
                let mut new = files.create_in_progress_file(operator)?;
                for batch in batches.drain(..) {
                    new.append_batch(&batch)?;
                }
                reservation.free();
                file = Some(new);
            }
            if let Some(file) = &mut file {
                file.append_batch(&batch)?;
            }
        }
        Ok(match file {
            Some(mut file) => Self::Disk { file: file.finish()?, files },
            None => Self::Memory { schema, batches, reservation },
        })
    }

    /// The rows, once; memory is given back at the end.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn read(self) -> Result<SendableRecordBatchStream> {
        Ok(match self {
            Self::Disk { files, file: Some(file) } => files.read_spill_as_stream(file, None)?,
            Self::Disk { files, file: None } => {
                Box::pin(RecordBatchStreamAdapter::new(Arc::clone(files.schema()), stream::empty()))
            }
            Self::Memory { schema, batches, reservation } => {
                let rows = stream::iter(batches).map(move |batch| {
                    let _held = &reservation;
                    Ok(batch)
                });
                Box::pin(RecordBatchStreamAdapter::new(schema, rows))
            }
        })
    }
}

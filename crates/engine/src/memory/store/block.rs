//! One partition that is kept.

use super::{Blocks, StoragePlaces};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::execution::{SendableRecordBatchStream, SpillFile};
use datafusion::physical_plan::spill::SpillManager;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::stream;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// See the module's head. Gives its memory and its file back when it is dropped or forgotten.
pub(crate) struct Block {
    schema: SchemaRef,
    places: StoragePlaces,
    n_rows: usize,
    state: Mutex<State>,
    last_read: AtomicU64,
    blocks: Arc<Blocks>,
}

pub(super) enum State {
    Memory {
        batches: Vec<RecordBatch>,
        n_bytes: usize,
    },
    /// No file: no rows.
    Disk {
        file: Option<Arc<dyn SpillFile>>,
    },
    Forgotten,
}

impl Block {
    pub(super) fn new(
        schema: SchemaRef,
        places: StoragePlaces,
        n_rows: usize,
        state: State,
        blocks: Arc<Blocks>,
    ) -> Self {
        let last_read = AtomicU64::new(blocks.tick());
        Self { schema, places, n_rows, state: Mutex::new(state), last_read, blocks }
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub fn is_forgotten(&self) -> bool {
        matches!(*self.state.lock(), State::Forgotten)
    }

    /// Its rows if they are in memory.
    pub fn in_memory(&self) -> Option<Vec<RecordBatch>> {
        self.touch();
        match &*self.state.lock() {
            State::Memory { batches, .. } => Some(batches.clone()),
            _ => None,
        }
    }

    /// Its rows from wherever they are; none if it was forgotten.
    pub fn read(&self) -> Result<Option<SendableRecordBatchStream>> {
        self.touch();
        let schema = Arc::clone(&self.schema);
        Ok(match &*self.state.lock() {
            State::Forgotten => None,
            State::Disk { file: Some(file) } => {
                Some(self.files().read_spill_as_stream(Arc::clone(file), None)?)
            }
            State::Disk { file: None } => {
                Some(Box::pin(RecordBatchStreamAdapter::new(schema, stream::empty())))
            }
            State::Memory { batches, .. } => {
                let rows = stream::iter(batches.clone().into_iter().map(Ok));
                Some(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
            }
        })
    }

    /// Bytes in memory and on disk.
    pub fn sizes(&self) -> (usize, u64) {
        match &*self.state.lock() {
            State::Memory { n_bytes, .. } => (*n_bytes, 0),
            State::Disk { file } => (0, file.as_ref().and_then(|file| file.size()).unwrap_or(0)),
            State::Forgotten => (0, 0),
        }
    }

    pub(super) fn last_read(&self) -> u64 {
        self.last_read.load(Ordering::Relaxed)
    }

    /// Leaves memory, for the disk if it may; the bytes that became free.
    ///
    /// # Errors
    /// When the disk is full; the block stays where it is.
    pub(super) fn leave_memory(&self) -> Result<usize> {
        let mut state = self.state.lock();
        let State::Memory { batches, n_bytes } = &*state else {
            return Ok(0);
        };
        let n_bytes = *n_bytes;
        let next = match self.places.disk {
            true => {
                let file =
                    self.files().spill_record_batch_and_finish(batches, "storing a cache")?;
                State::Disk { file }
            }
            false => State::Forgotten,
        };
        *state = next;
        self.blocks.give_back(n_bytes);
        Ok(n_bytes)
    }

    /// Frees everything now, whoever still holds the block.
    pub fn forget(&self) {
        let before = std::mem::replace(&mut *self.state.lock(), State::Forgotten);
        if let State::Memory { n_bytes, .. } = before {
            self.blocks.give_back(n_bytes);
        }
    }

    fn files(&self) -> SpillManager {
        self.blocks.files(&self.schema)
    }

    fn touch(&self) {
        self.last_read.store(self.blocks.tick(), Ordering::Relaxed);
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.forget();
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({:?}, {:?})", self.places, self.sizes())
    }
}

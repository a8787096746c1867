//! All kept partitions of the server.

use super::StoragePlaces;
use super::block::{Block, State};
use crate::memory::pool::{CACHE, FairPool, MakeRoom};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;
use datafusion::common::config::SpillCompression;
use datafusion::common::utils::memory::RecordBatchMemoryCounter;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, SpillMetrics};
use datafusion::physical_plan::spill::SpillManager;
use futures::StreamExt;
use parking_lot::Mutex;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// Fills blocks, and lets the one that was not read for longest leave memory.
pub(crate) struct Blocks {
    runtime: Arc<RuntimeEnv>,
    compression: SpillCompression,
    reservation: MemoryReservation,
    all: Mutex<Vec<Weak<Block>>>,
    clock: AtomicU64,
}

impl Blocks {
    pub fn new(runtime: Arc<RuntimeEnv>, compression: SpillCompression) -> Arc<Self> {
        let reservation = MemoryConsumer::new(CACHE).register(&runtime.memory_pool);
        let blocks = Arc::new(Self {
            runtime,
            compression,
            reservation,
            all: Mutex::default(),
            clock: AtomicU64::new(0),
        });
        if let Some(pool) = blocks.runtime.memory_pool.downcast_ref::<FairPool>() {
            let weak: Weak<Blocks> = Arc::downgrade(&blocks);
            pool.set_make_room(weak);
        }
        blocks
    }

    /// Keeps `rows` in the places that are allowed. A block that may not be on disk and does not fit into
    /// memory is forgotten at once, the rest of its rows unread. Blocks of the same table, `siblings`, stay
    /// where they are unless they can go to disk.
    ///
    /// # Errors
    /// Whatever `rows` fail with; a full disk.
    pub async fn fill(
        self: &Arc<Self>,
        mut rows: SendableRecordBatchStream,
        places: StoragePlaces,
        siblings: &[Arc<Block>],
    ) -> Result<Arc<Block>> {
        let schema = rows.schema();
        let mut held = Held { blocks: self, batches: Vec::new(), n_bytes: 0 };
        let mut counter = RecordBatchMemoryCounter::new();
        let (mut n_rows, mut file) = (0, None);
        while let Some(batch) = rows.next().await.transpose()? {
            n_rows += batch.num_rows();
            if file.is_none() {
                let n_bytes = counter.count_batch(&batch);
                if places.memory && self.reserve(n_bytes, siblings) {
                    held.n_bytes += n_bytes;
                    held.batches.push(batch);
                    continue;
                }
                if !places.disk {
                    return Ok(self.add(schema, places, 0, State::Forgotten));
                }
                let mut new = self.files(&schema).create_in_progress_file("storing a cache")?;
                for batch in held.take().0 {
                    new.append_batch(&batch)?;
                }
                file = Some(new);
            }
            if let Some(file) = &mut file {
                file.append_batch(&batch)?;
            }
        }
        let state = match file {
            Some(mut file) => State::Disk { file: file.finish()? },
            None if !places.memory => State::Disk { file: None },
            None => {
                let (batches, n_bytes) = held.keep();
                State::Memory { batches, n_bytes }
            }
        };
        Ok(self.add(schema, places, n_rows, state))
    }

    fn add(
        self: &Arc<Self>,
        schema: SchemaRef,
        places: StoragePlaces,
        n_rows: usize,
        state: State,
    ) -> Arc<Block> {
        let block = Arc::new(Block::new(schema, places, n_rows, state, Arc::clone(self)));
        let mut all = self.all.lock();
        all.retain(|other| other.strong_count() > 0);
        all.push(Arc::downgrade(&block));
        block
    }

    /// Whether there is memory for `n_bytes` more, if need be that of blocks that nobody read for long.
    fn reserve(&self, n_bytes: usize, siblings: &[Arc<Block>]) -> bool {
        if self.reservation.try_grow(n_bytes).is_ok() {
            return true;
        }
        self.make_room_from(n_bytes, |block| {
            !siblings.iter().any(|sibling| std::ptr::eq(Arc::as_ptr(sibling), block))
        }) > 0
            && self.reservation.try_grow(n_bytes).is_ok()
    }

    fn make_room_from(&self, n_bytes: usize, may_leave: impl Fn(&Block) -> bool) -> usize {
        let mut blocks: Vec<_> = self.all.lock().iter().filter_map(Weak::upgrade).collect();
        blocks.retain(|block| block.sizes().0 > 0 && may_leave(block));
        blocks.sort_by_key(|block| block.last_read());
        let mut n_free = 0;
        for block in blocks {
            if n_free >= n_bytes {
                break;
            }
            match block.leave_memory() {
                Ok(n_bytes) => n_free += n_bytes,
                Err(error) => tracing::warn!("a cached partition cannot go to disk: {error}"),
            }
        }
        n_free
    }

    pub(super) fn give_back(&self, n_bytes: usize) {
        self.reservation.shrink(n_bytes.min(self.reservation.size()));
    }

    pub(super) fn files(&self, schema: &SchemaRef) -> SpillManager {
        let metrics = SpillMetrics::new(&ExecutionPlanMetricsSet::new(), 0);
        SpillManager::new(Arc::clone(&self.runtime), metrics, Arc::clone(schema))
            .with_compression_type(self.compression)
    }

    pub(super) fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }
}

impl MakeRoom for Blocks {
    fn make_room(&self, n_bytes: usize) -> usize {
        self.make_room_from(n_bytes, |_| true)
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blocks({} bytes)", self.reservation.size())
    }
}

/// Rows of a block that is being filled; gives their memory back if it never is.
struct Held<'a> {
    blocks: &'a Blocks,
    batches: Vec<RecordBatch>,
    n_bytes: usize,
}

impl Held<'_> {
    /// The rows; their memory is no longer counted.
    fn take(&mut self) -> (Vec<RecordBatch>, usize) {
        let n_bytes = std::mem::take(&mut self.n_bytes);
        self.blocks.give_back(n_bytes);
        (std::mem::take(&mut self.batches), n_bytes)
    }

    /// The rows and the bytes that stay counted for them.
    fn keep(mut self) -> (Vec<RecordBatch>, usize) {
        (std::mem::take(&mut self.batches), std::mem::take(&mut self.n_bytes))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.take();
    }
}

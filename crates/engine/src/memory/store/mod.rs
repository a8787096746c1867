//! Rows that are kept between queries: caches and checkpoints.
//!
//! ```text
//!   CachedTable ── one Block per partition ──▶ memory (counted as "cache" in the pool)
//!                                        └───▶ Arrow IPC file, compressed
//!   Blocks        all blocks of the server; the one that was not read for longest leaves memory first
//! ```
//!
//! Blocks take half of the pool at most, and leave it when an operator that cannot spill needs the room.
//! A block whose level allows disk moves there; any other is forgotten, and whoever scans the table computes
//! it again.

mod block;
mod blocks;
mod recompute;
mod rows;

pub(crate) use block::Block;
pub(crate) use blocks::Blocks;
pub(crate) use recompute::RecomputeExec;
pub use rows::StoredRowsExec;

/// Where kept rows may be: what of Spark's storage levels makes a difference here. Serialized or not,
/// off-heap or not, memory holds Arrow batches; there is one replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoragePlaces {
    pub memory: bool,
    pub disk: bool,
}

impl StoragePlaces {
    /// What `cache()` and checkpoints use.
    pub const MEMORY_AND_DISK: Self = Self { memory: true, disk: true };
}

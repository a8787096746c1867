//! Memory that is counted and limited, and what goes to disk when it runs out.
//!
//! - [`FairPool`]: the one account of the server; operators reserve before they keep rows.
//! - `window`: window functions over one run of groups at a time.
//! - `row_buffer`: rows that an operator reads twice.
//! - `store`: caches and checkpoints.
//! - `join`: hash joins that become sort-merge joins.
//!
//! Sorts, aggregates, exchanges and merges of DataFusion spill by themselves when the pool denies them.

mod hand_over;
mod join;
mod pool;
mod row_buffer;
mod runtime;
mod store;
mod window;

pub(crate) use join::SpillingHashJoinExec;
pub use pool::FairPool;
pub(crate) use row_buffer::BufferedRows;
pub(crate) use runtime::{configure, runtime};
pub(crate) use store::{Block, Blocks, RecomputeExec};
pub use store::{StoragePlaces, StoredRowsExec};
pub(crate) use window::GroupedWindowExec;

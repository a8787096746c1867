//! Memory that is counted and limited, and what goes to disk when it runs out.
//!
//! - [`FairPool`]: the one account of the server; operators reserve before they keep rows.
//! - `window`: window functions over one run of groups at a time.
//! - `join`: hash joins that become sort-merge joins.
//!
//! Sorts, aggregates, exchanges and merges of DataFusion spill by themselves when the pool denies them.

mod hand_over;
mod join;
mod pool;
mod runtime;
mod window;

pub(crate) use join::SpillingHashJoinExec;
pub use pool::FairPool;
pub(crate) use runtime::{configure, runtime};
pub(crate) use window::GroupedWindowExec;

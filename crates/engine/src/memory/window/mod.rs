//! Window functions over whole groups, one run of groups at a time.
//!
//! DataFusion's `WindowAggExec` puts all rows of its input into one batch before it computes anything, and
//! does not count them. Its input is sorted by the `PARTITION BY` columns, so this operator cuts it between
//! groups and gives it to DataFusion's in pieces of about one batch. What is held, and counted, is the
//! largest group.
//!
//! ```text
//!   group that does not fit ─┬─ all functions run from row to row ──▶ BoundedWindowAggExec
//!                            ├─ all are aggregates of all its rows ─▶ rows to disk, then rows and totals
//!                            └─ otherwise ──────────────────────────▶ UNABLE_TO_ACQUIRE_MEMORY
//! ```

mod exec;
mod groups;
mod large_group;
mod totals;

pub(crate) use exec::GroupedWindowExec;

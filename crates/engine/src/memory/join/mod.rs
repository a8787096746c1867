//! A hash join that becomes a sort-merge join when its build side does not fit.
//!
//! ```text
//!   build side ──collect──▶ fits?  ── yes ──▶ HashJoinExec over what was collected
//!                                  ── no ───▶ sort (spilling) ─┐
//!   probe side ────────────────────────────▶ sort (spilling) ─┴▶ SortMergeJoinExec
//! ```
//!
//! DataFusion's hash join fails when the pool denies its build side. Here the build side is collected
//! first, against the pool, one partition at a time (or once for all, where all probe partitions share it),
//! and only a build side that fits with its hash table is handed to the hash join. Spark decides so when it
//! plans; here the statistics may be wrong without harm.
//!
//! Keys that a sort-merge join does not compare are compared as bytes (`row_key`); what null means to `NOT IN`
//! is settled before its join is merged (`not_in`).
//!
//! Cross joins stay as they are: they need all of one side in memory and fail with
//! `UNABLE_TO_ACQUIRE_MEMORY` when it does not fit. Joins by comparison alone (`NestedLoopJoinExec`) read
//! their sides in pieces by themselves.

mod collect;
mod exec;
mod grant;
mod merge;
mod not_in;
mod row_key;

pub(crate) use exec::SpillingHashJoinExec;

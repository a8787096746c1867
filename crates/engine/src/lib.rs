//! Physical operators and rules of ours, and the local runner.
//!
//! ```text
//! LogicalPlan ──SessionState (DataFusion's rules, planner::NodePlanner)──▶ ExecutionPlan
//!             ──rules::PlaceRepartitions (last)──▶ LocalRunner: task slots ──▶ batches
//! ```
//!
//! Invariants: nothing here knows `spec`, SQL or protobuf. Operators are unary and keep the
//! partition count unless exchanging rows is their purpose; an operator that needs all input says
//! so with `Distribution::SinglePartition`.

mod cached_table;
pub mod execution;
pub mod expressions;
mod join_hints;
mod join_order;
mod leaf;
pub mod memory;
pub mod operator_metrics;
pub mod operators;
mod planner;
pub mod progress;
pub mod python;
mod rules;
mod runner;
mod session;
mod sharing;
mod slots;
pub mod travel;

pub use cached_table::CachedTable;
pub use runner::{EngineConfig, LocalRunner};

//! Composition root: sessions, Spark Connect handlers, commands and catalog answers over the engine.
//!
//! ```text
//! gRPC ──connect──▶ spec ──plan──▶ LogicalPlan ──engine──▶ batches ──connect──▶ gRPC
//!           │                ▲
//!           ├─▶ command      │ Environment
//!           └─▶ session ─────┘
//! ```
//!
//! Invariant: only `connect` knows protobuf.

pub mod canonical;
pub mod catalog;
pub mod command;
pub mod connect;
pub mod embedded;
pub mod engine;
pub mod graph;
pub mod limits;
pub mod listen;
pub mod log;
mod memory_limit;
pub mod ml;
pub mod planning;
mod reclaim;
pub mod session;
mod slow_query;
pub mod standalone;
mod temp_dir;
mod tombstones;
mod wire;
mod work;

pub use engine::Runtimes;

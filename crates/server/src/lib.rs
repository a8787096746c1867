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

pub mod catalog;
pub mod command;
pub mod connect;
pub mod embedded;
pub mod engine;
pub mod listen;
pub mod planning;
pub mod session;
pub mod standalone;

pub use engine::Runtimes;

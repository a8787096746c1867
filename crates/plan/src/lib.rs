//! From what the user wrote to a DataFusion `LogicalPlan` with Spark's semantics.
//!
//! ```text
//! DataFrame protobuf ──server/connect/convert──┐
//!                                              ├─▶ spec ──resolve──▶ Resolved { LogicalPlan, Scope }
//! SQL text ──sql (lexer, parser)───────────────┘
//! ```
//!
//! Invariant: nothing here knows protobuf, files or how a plan is run. Tables, views and sources
//! are reached through [`resolve::Environment`].

pub mod graph;
pub mod resolve;
pub mod spec;
pub mod sql;

//! GraphFrames' place in a session: results that are kept, methods that take rounds, tables that kernels fill.
//!
//! Knows neither protobuf (that is `connect/convert/relation/graph`) nor any algorithm (those are in `crates/graph`,
//! the relational ones in `plan/graph`).

mod cache;
mod input;
mod kernel;
mod rounds;
mod vectors;
mod word2vec;

pub use cache::GraphCache;
pub use kernel::kernel_table;
pub use rounds::rounds_table;
pub use vectors::{dense_vectors, rank_vectors};
pub use word2vec::word2vec;

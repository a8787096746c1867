//! Graphs as compressed sparse rows.
//!
//! ```text
//! id columns ── VertexReader ──▶ VertexIds                    (ids ↔ numbers 0..n in ascending order of ids)
//! src, dst   ── VertexIds::edges ──▶ EdgePiece per batch      (on any thread; the batch can be dropped)
//!               VertexIds::graph ──▶ Graph                    (8 bytes an edge)
//!               Graph::adjacency(Out | In | Both)             (4, 4, 8 bytes an edge; made when asked)
//! ```
//!
//! Because numbers ascend with ids, the smallest number is the smallest id: kernels never see ids.

mod adjacency;
mod graph;
mod long_ids;
mod read;
mod text_ids;

pub use adjacency::{Adjacency, Direction};
pub use graph::Graph;
pub use long_ids::LongIds;
pub use read::{EdgePiece, Strays, VertexIds, VertexReader};
pub use text_ids::TextIds;

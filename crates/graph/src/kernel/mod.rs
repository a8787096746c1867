//! Algorithms over [`csr`](crate::csr), one file each. Plain functions: no server, no plans, no ids.
//!
//! Vertices are numbers `0..n` that ascend with their ids, so that "the smallest number" is "the smallest id". Every
//! kernel takes a [`Watch`], by which it is interrupted and reports. Where a vertex may have no answer it is [`NONE`].
//!
//! | kernel | answers per vertex |
//! |---|---|
//! | [`connected_components`] | the smallest vertex of its component |
//! | [`degrees`], [`out_degrees`] | its edge ends |
//! | [`k_core`] | its core number |
//! | [`label_propagation`] | its label |
//! | [`levels`] | edges from the nearest source |
//! | [`page_rank`], [`page_rank_until`], [`parallel_personalized_page_rank`] | its rank |
//! | [`shortest_paths`] | edges to each landmark |
//! | [`strongly_connected_components`] | the smallest vertex of its component |
//! | [`triangle_count`] | triangles through it |

mod connected_components;
mod degrees;
mod k_core;
mod label_propagation;
mod page_rank;
#[cfg(test)]
mod random_edges;
mod search;
mod strongly_connected;
mod triangle_count;
mod watch;

pub use connected_components::connected_components;
pub use degrees::{degrees, out_degrees};
pub use k_core::k_core;
pub use label_propagation::label_propagation;
pub use page_rank::{page_rank, page_rank_until, parallel_personalized_page_rank};
pub use search::{levels, shortest_paths};
pub use strongly_connected::strongly_connected_components;
pub use triangle_count::triangle_count;
pub use watch::{Unwatched, Watch};

/// No vertex, no label, no distance.
pub const NONE: u32 = u32::MAX;

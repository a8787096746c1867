//! Algorithms over [`csr`](crate::csr), one file each. Plain functions: no server, no plans, no ids.
//!
//! Vertices are numbers `0..n` that ascend with their ids, so that "the smallest number" is "the smallest id". Every
//! kernel takes a [`Watch`], by which it is interrupted and reports. Where a vertex may have no answer it is [`NONE`].
//!
//! | kernel | answers per vertex |
//! |---|---|
//! | [`connected_components`], [`connected_components_in_rounds`] | the smallest vertex of its component |
//! | [`cycles`] | (cycles) |
//! | [`degrees`], [`out_degrees`] | its edge ends |
//! | [`hash2vec`], [`with_neighbor_means`] | a vector of what stands around it in walks |
//! | [`k_core`] | its core number |
//! | [`label_propagation`], [`neighborhood_label_propagation`] | its label |
//! | [`levels`] | edges from the nearest source |
//! | [`maximal_independent_set`] | whether it belongs |
//! | [`page_rank`], [`page_rank_until`], [`parallel_personalized_page_rank`] | its rank |
//! | [`random_walks`] | (walks from it) |
//! | [`shortest_paths`] | edges to each landmark |
//! | [`strongly_connected_components`] | the smallest vertex of its component |
//! | [`svd_plus_plus`] | factors and biases |
//! | [`triangle_count`] | triangles through it |

mod connected_components;
mod cycles;
mod degrees;
mod hash2vec;
mod independent_set;
mod k_core;
mod label_propagation;
mod mix;
mod neighborhood_labels;
mod page_rank;
#[cfg(test)]
mod random_edges;
mod random_walks;
mod search;
mod strongly_connected;
mod svd_plus_plus;
mod triangle_count;
mod watch;

pub use connected_components::{connected_components, connected_components_in_rounds};
pub use cycles::cycles;
pub use degrees::{degrees, out_degrees};
pub use hash2vec::{Hash2VecParams, HashedWord, hash2vec, with_neighbor_means};
pub use independent_set::maximal_independent_set;
pub use k_core::k_core;
pub use label_propagation::label_propagation;
pub use neighborhood_labels::{NeighborhoodVotes, neighborhood_label_propagation};
pub use page_rank::{page_rank, page_rank_until, parallel_personalized_page_rank};
pub use random_walks::{RandomWalkParams, Walks, random_walks};
pub use search::{levels, shortest_paths};
pub use strongly_connected::strongly_connected_components;
pub use svd_plus_plus::{SvdPlusPlus, SvdPlusPlusParams, svd_plus_plus};
pub use triangle_count::triangle_count;
pub use watch::{Unwatched, Watch};

/// No vertex, no label, no distance.
pub const NONE: u32 = u32::MAX;

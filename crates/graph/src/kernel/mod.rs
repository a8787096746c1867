//! Algorithms over [`csr`](crate::csr), one file each. Plain functions: no server, no plans, no ids.
//!
//! Vertices are numbers `0..n` that ascend with their ids, so that "the smallest number" is "the smallest id". Every
//! kernel takes a [`Watch`], by which it is interrupted and reports.
//!
//! | kernel | answers per vertex |
//! |---|---|
//! | [`connected_components`] | the smallest vertex of its component |
//! | [`page_rank`], [`page_rank_until`], [`parallel_personalized_page_rank`] | its rank |

mod connected_components;
mod page_rank;
mod watch;

pub use connected_components::connected_components;
pub use page_rank::{page_rank, page_rank_until, parallel_personalized_page_rank};
pub use watch::{Unwatched, Watch};

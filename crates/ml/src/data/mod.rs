//! Data as algorithms see it: a [`Dataset`] is a relation with a [`Job`](crate::Job) that can read it; [`Instances`]
//! are its rows in memory, as [`Block`]s of features, labels and weights, which a few threads walk through.
//!
//! ```text
//! Dataset ── instances(columns) ──▶ Instances = [Block, Block, …] ── aggregate(zero, seq, comb) ──▶ A
//! ```

mod aggregate;
mod block;
mod check;
mod dataset;
mod instances;

pub use aggregate::{Aggregate, for_each_mut};
pub use block::{Block, BlockBuilder, Features, RowView};
pub(crate) use check::check_weight;
pub use check::{LabelKind, check_labels, n_classes};
pub(crate) use dataset::doubles;
pub use dataset::{DataSource, Dataset};
pub(crate) use instances::vectors;
pub use instances::{InstanceColumns, Instances};

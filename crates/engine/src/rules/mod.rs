//! Physical optimizer rules of ours, in the order in which they run after DataFusion's.
//!
//! 1. [`PlaceRepartitions`]: after DataFusion's, because any of them may move or strip an exchange.
//! 2. [`KeepPartitionOrder`]: last, because rules before it look for `CoalescePartitionsExec` by type.

mod keep_partition_order;
mod place_repartitions;

pub(crate) use keep_partition_order::KeepPartitionOrder;
pub(crate) use place_repartitions::PlaceRepartitions;

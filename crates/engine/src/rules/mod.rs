//! Physical optimizer rules of ours, in the order in which they run after DataFusion's.
//!
//! 1. [`PlaceRepartitions`]: after DataFusion's, because any of them may move or strip an exchange.
//! 2. [`ShortCircuit`]: after the rules that look for conjunctions.
//! 3. [`KeepPartitionOrder`]: last, because rules before it look for `CoalescePartitionsExec` by type.
//! 4. [`LimitMemory`]: after every rule that looks for `HashJoinExec` or `WindowAggExec` by type.

mod keep_partition_order;
mod limit_memory;
mod place_repartitions;
mod short_circuit;

pub(crate) use keep_partition_order::KeepPartitionOrder;
pub(crate) use limit_memory::LimitMemory;
pub(crate) use place_repartitions::PlaceRepartitions;
pub(crate) use short_circuit::ShortCircuit;

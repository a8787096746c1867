//! Physical optimizer rules of ours, in the order in which they run after DataFusion's.
//!
//! 1. [`PlaceRepartitions`]: last, because every other rule may move or strip an exchange.

mod place_repartitions;

pub(crate) use place_repartitions::PlaceRepartitions;

//! Physical expressions of ours, one per file, each with its form on the wire.

mod conjunction;
mod lazy_logical;
mod selective;

pub(crate) use conjunction::FilterConjunction;
pub(crate) use lazy_logical::LazyLogical;
pub(crate) use selective::Selective;

use firesteel_common::operator::ExprCodec;

/// Every expression of this crate that travels. `Selective` does not: dynamic filters belong to one process.
pub fn expressions() -> Vec<ExprCodec> {
    vec![conjunction::CODEC, lazy_logical::CODEC]
}

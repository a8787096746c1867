//! Physical expressions of ours, one per file, each with its form on the wire.

mod lazy_logical;

pub(crate) use lazy_logical::LazyLogical;

use firesteel_common::operator::ExprCodec;

/// Every expression of this crate.
pub fn expressions() -> Vec<ExprCodec> {
    vec![lazy_logical::CODEC]
}

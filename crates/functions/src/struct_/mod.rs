//! Structs: making them, reading and changing their fields.

mod construct;

pub(crate) use construct::row;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![
        FunctionDef { name: "struct", builder: Builder::Scalar(construct::make_struct) },
        FunctionDef { name: "named_struct", builder: Builder::Scalar(construct::named_struct) },
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&construct::NAMED_STRUCT]
}

//! Conversion functions: a type's name used as a function.

use crate::registry::FunctionDef;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![]
}

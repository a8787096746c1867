//! CSV functions.

use crate::registry::FunctionDef;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![]
}

//! Conditional functions: `if`, `coalesce`, `nullif`, …

use crate::registry::FunctionDef;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![]
}

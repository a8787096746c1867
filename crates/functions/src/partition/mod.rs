//! Functions whose value depends on the partition or position of a row.

use crate::registry::FunctionDef;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![]
}

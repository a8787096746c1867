//! The rows of a column that are not null.

use arrow::array::{Array, ArrowPrimitiveType, PrimitiveArray};

/// Calls `put` with the group and value of each row that is not null.
pub(super) fn each_valid<T: ArrowPrimitiveType>(
    column: &PrimitiveArray<T>,
    groups: &[usize],
    mut put: impl FnMut(usize, T::Native),
) {
    match column.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => {
            for (group, value) in groups.iter().zip(column.values()) {
                put(*group, *value);
            }
        }
        Some(nulls) => {
            for row in nulls.valid_indices() {
                put(groups[row], column.values()[row]);
            }
        }
    }
}

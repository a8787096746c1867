//! The rows of a column that are not null.

use arrow::array::{Array, ArrowPrimitiveType, PrimitiveArray};

/// Calls `put` with the group and value of each row that is not null.
pub(super) fn each_valid<T: ArrowPrimitiveType>(
    column: &PrimitiveArray<T>,
    groups: &[usize],
    mut put: impl FnMut(usize, T::Native),
) {
    let (kept_values, kept_groups): (Vec<_>, Vec<_>);
    let (values, groups) = match column.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => (column.values().as_ref(), groups),
        Some(nulls) => {
            let kept = nulls.valid_indices().map(|row| (column.values()[row], groups[row]));
            (kept_values, kept_groups) = kept.unzip();
            (kept_values.as_slice(), kept_groups.as_slice())
        }
    };
    // One loop for both: `put` is inlined where it is called from one place only.
    for (group, value) in groups.iter().zip(values) {
        put(*group, *value);
    }
}

//! Kernels that make one vector of another, over whole columns: form and nulls stay.

use crate::linalg::{VectorColumn, VectorColumnBuilder, VectorView};
use arrow::array::ArrayRef;
use firesteel_common::{Result, SparkError};

/// The argument at `position`.
///
/// # Errors
/// An internal error: there is none.
pub(super) fn arg(args: &[ArrayRef], position: usize) -> Result<&ArrayRef> {
    args.get(position).ok_or_else(|| SparkError::internal("a feature function lacks an argument"))
}

/// The vector of a row that is learned from.
///
/// # Errors
/// It is null. Spark fails there with an error of Scala's.
pub(super) fn required<'a>(vectors: &VectorColumn<'a>, row: usize) -> Result<VectorView<'a>> {
    vectors.get(row).ok_or_else(|| crate::error::raised("Vectors MUST NOT be Null"))
}

/// One vector per row; null stays null.
///
/// # Errors
/// What `each` fails with.
pub(super) fn map(
    column: &ArrayRef,
    mut each: impl FnMut(VectorView<'_>, &mut VectorColumnBuilder) -> Result<()>,
) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(column)?;
    let mut out = VectorColumnBuilder::with_capacity(vectors.len(), 0);
    for row in 0..vectors.len() {
        match vectors.get(row) {
            Some(vector) => each(vector, &mut out)?,
            None => out.push_null(),
        }
    }
    out.finish()
}

/// Maps stored entries, position and value, in place; entries that are not stored stay zero.
///
/// # Errors
/// As [`map`].
pub(super) fn map_stored(
    column: &ArrayRef,
    mut each: impl FnMut(VectorView<'_>) -> Result<()>,
    value: impl Fn(usize, f64) -> f64,
) -> Result<ArrayRef> {
    let mut scratch = Vec::new();
    map(column, |vector, out| {
        each(vector)?;
        match vector {
            VectorView::Dense(values) => out.push_dense_with(|to| {
                to.extend(values.iter().enumerate().map(|(at, own)| value(at, *own)));
            }),
            VectorView::Sparse { size, indices, values } => {
                scratch.clear();
                scratch
                    .extend(indices.iter().zip(values).map(|(at, own)| value(*at as usize, *own)));
                out.push_sparse(size, indices, &scratch);
            }
        }
        Ok(())
    })
}

//! MLlib's vectors for algorithms of graphs, which do not know them.

use arrow::array::ArrayRef;
use firesteel_common::Result;
use firesteel_ml::linalg::VectorColumnBuilder;

/// A sparse vector per row: the entries at the same place of all `columns`, of `n_rows` each.
///
/// # Errors
/// An internal error: a vector does not fit its column.
pub fn rank_vectors(columns: &[Vec<f64>], n_rows: usize) -> Result<ArrayRef> {
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, 0);
    for row in 0..n_rows {
        let (mut indices, mut values) = (Vec::new(), Vec::new());
        for (index, column) in (0..).zip(columns) {
            if column[row] != 0.0 {
                indices.push(index);
                values.push(column[row]);
            }
        }
        builder.push_sparse(columns.len(), &indices, &values);
    }
    builder.finish()
}

/// A dense vector per row.
///
/// # Errors
/// More values than a column can have.
pub fn dense_vectors(rows: &[Vec<f64>]) -> Result<ArrayRef> {
    let n_values = rows.iter().map(Vec::len).sum();
    let mut builder = VectorColumnBuilder::with_capacity(rows.len(), n_values);
    rows.iter().for_each(|row| builder.push_dense(row));
    builder.finish()
}

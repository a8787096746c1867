//! `Correlation.corr`: Pearson's and Spearman's, of every pair of entries.

use super::rows;
use crate::error;
use crate::linalg::{Matrix, kernels, matrix_type};
use crate::model::TableArgument;
use crate::value::Value;
use arrow::array::RecordBatch;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Frame, Result, SparkError, StructField, StructType, TableHost};
use std::sync::Arc;

/// `correlation(dataset, column, method)`.
pub(crate) fn correlation(args: Vec<TableArgument>, host: &mut dyn TableHost) -> Result<Frame> {
    let mut args = args.into_iter();
    let (Some(frame), Some(column), Some(method)) = (args.next(), args.next(), args.next()) else {
        return Err(SparkError::invalid_plan(
            "A correlation needs a dataset, a column and a method.",
        ));
    };
    let (Value::String(column), Value::String(method)) = (column.value()?, method.value()?) else {
        return Err(SparkError::invalid_plan("A column and a method were expected."));
    };
    let frame = frame.frame()?;
    let ranked = match method.as_str() {
        "pearson" => false,
        "spearman" => true,
        _ => {
            return Err(error::illegal(
                "Unrecognized method name. Supported correlations: pearson, spearman",
            ));
        }
    };
    if !frame.has(&column) {
        let columns = frame.columns.iter().map(|column| &*column.field.name);
        return Err(error::unresolved_column(&column, columns));
    }
    let (mut values, n) = rows::vectors(&frame, &column, host)?;
    if values.len() <= n {
        return Err(error::requirement(
            "RowMatrix.computeCovariance called on matrix with only 1 rows.  Cannot compute the covariance of a \
             RowMatrix with <= 1 row.",
        ));
    }
    if ranked {
        for at in 0..n {
            rank(&mut values, n, at);
        }
    }
    let matrix = Matrix::dense(n, n, pearson(values, n));
    let field = StructField::new(format!("{method}({column})"), matrix_type(), false);
    let schema = StructType::new(vec![field]);
    let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), vec![matrix.column()?])?;
    host.rows(schema, &[batch])
}

/// Puts ranks in the place of the entries at `at` of all rows; equal ones share the mean of theirs.
fn rank(values: &mut [f64], n: usize, at: usize) {
    let column: Vec<f64> = values.iter().skip(at).step_by(n).copied().collect();
    for (row, rank) in ranks(&column).into_iter().enumerate() {
        values[row * n + at] = rank;
    }
}

fn ranks(column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|a, b| column[*a].total_cmp(&column[*b]));
    let mut ranks = vec![0.0; column.len()];
    let mut from = 0;
    while from < order.len() {
        let equal =
            order[from..].iter().take_while(|own| column[**own] == column[order[from]]).count();
        // Not a number equals nothing, not even itself.
        let equal = equal.max(1);
        let mean = from as f64 + (equal as f64 - 1.0) / 2.0;
        order[from..from + equal].iter().for_each(|own| ranks[*own] = mean);
        from += equal;
    }
    ranks
}

/// The matrix of correlations; NaN where an entry is constant.
fn pearson(mut values: Vec<f64>, n: usize) -> Vec<f64> {
    let n_rows = values.len() / n.max(1);
    let mut mean = vec![0.0; n];
    values
        .chunks_exact(n.max(1))
        .for_each(|row| kernels::axpy(1.0 / n_rows as f64, row, &mut mean));
    values.chunks_exact_mut(n.max(1)).for_each(|row| kernels::axpy(-1.0, &mean, row));
    let mut sums = vec![0.0; n * n];
    kernels::syrk_rows(&values, None, n, &mut sums);
    kernels::mirror_upper(&mut sums, n);
    let deviation: Vec<f64> = (0..n).map(|i| sums[i * n + i].sqrt()).collect();
    for i in 0..n {
        for j in 0..n {
            let product = deviation[i] * deviation[j];
            sums[i * n + j] = match () {
                () if i == j => 1.0,
                () if product == 0.0 => f64::NAN,
                () => sums[i * n + j] / product,
            };
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
    }
}

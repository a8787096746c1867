//! Columns of a frame in memory, for tests that need all rows.

use crate::columns;
use crate::data::doubles;
use crate::error;
use crate::linalg::VectorColumn;
use datafusion_expr::LogicalPlanBuilder;
use firesteel_common::{Frame, Result, SparkError, TableHost};

/// Vectors row by row and their width.
///
/// # Errors
/// Spark's: no such column, no vectors, no rows.
pub(super) fn vectors(
    frame: &Frame,
    name: &str,
    host: &mut dyn TableHost,
) -> Result<(Vec<f64>, usize)> {
    let (values, width, _) = with_label(frame, name, None, host)?;
    Ok((values, width))
}

/// Vectors row by row, their width, and the label of each row if one is asked for.
///
/// # Errors
/// As [`vectors`].
pub(super) fn with_label(
    frame: &Frame,
    name: &str,
    label: Option<&str>,
    host: &mut dyn TableHost,
) -> Result<(Vec<f64>, usize, Vec<f64>)> {
    let mut exprs = vec![columns::vector(frame, name)?.alias("c0")];
    if let Some(label) = label {
        exprs.push(columns::double(frame, label)?.alias("c1"));
    }
    let plan = LogicalPlanBuilder::from(frame.plan.clone()).project(exprs)?.build()?;
    let (mut values, mut width, mut labels) = (Vec::new(), None, Vec::new());
    let batches = host.collect(plan)?;
    let n_rows: usize = batches.iter().map(arrow::array::RecordBatch::num_rows).sum();
    for batch in batches {
        let column = VectorColumn::new(batch.column(0))?;
        for row in 0..batch.num_rows() {
            let vector =
                column.get(row).ok_or_else(|| error::raised("Vectors MUST NOT be Null"))?;
            let size = *width.get_or_insert(vector.size());
            if vector.size() != size {
                return Err(error::requirement(format!(
                    "Dimensions mismatch when adding new sample. Expecting {size} but got {}.",
                    vector.size()
                )));
            }
            if values.is_empty() {
                // A vector that grows would for a while be there twice.
                values.reserve_exact(n_rows * size);
            }
            let from = values.len();
            values.resize(from + size, 0.0);
            vector.copy_to(&mut values[from..]);
        }
        if label.is_some() {
            for label in doubles(batch.column(1))?.iter() {
                labels.push(label.ok_or_else(|| error::raised("Labels MUST NOT be Null or NaN"))?);
            }
        }
    }
    Ok((values, width.ok_or_else(error::empty_dataset)?, labels))
}

/// Numbers of a column.
///
/// # Errors
/// As [`vectors`].
pub(super) fn numbers(frame: &Frame, name: &str, host: &mut dyn TableHost) -> Result<Vec<f64>> {
    let expr = columns::double(frame, name)?.alias("c0");
    let plan = LogicalPlanBuilder::from(frame.plan.clone()).project(vec![expr])?.build()?;
    let mut values = Vec::new();
    for batch in host.collect(plan)? {
        for value in doubles(batch.column(0))?.iter() {
            values.push(value.ok_or_else(|| {
                SparkError::runtime(
                    "NOT_NULL_ASSERT_VIOLATION",
                    "NULL value appeared in non-nullable field.",
                )
            })?);
        }
    }
    Ok(values)
}

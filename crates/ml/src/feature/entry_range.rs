//! Smallest and largest value of each entry of a column of vectors, in one pass in which zeros that sparse vectors do
//! not store cost nothing (Spark's `Summarizer`).

use crate::data::Dataset;
use crate::error;
use crate::linalg::VectorColumn;
use firesteel_common::Result;

/// What was seen of each entry. NaN counts as a value that is neither small nor large.
#[derive(Debug, Default)]
pub(super) struct EntryRange {
    pub min: Vec<f64>,
    pub max: Vec<f64>,
    /// How often an entry was not zero.
    n_nonzero: Vec<u64>,
    n_rows: u64,
}

impl EntryRange {
    /// Of all vectors of a column; null is left out.
    ///
    /// # Errors
    /// Spark's: there are no vectors, or of different sizes.
    pub(super) fn of(data: &Dataset, column: &str) -> Result<Self> {
        let vectors = crate::columns::vector(&data.frame, column)?;
        let mut range = EntryRange::default();
        data.scan(vec![vectors], |batch| {
            let vectors = VectorColumn::new(batch.column(0))?;
            for row in 0..vectors.len() {
                let vector = super::map_vectors::required(&vectors, row)?;
                range.grow(vector.size())?;
                vector.for_each_nonzero(|at, value| {
                    range.n_nonzero[at] += 1;
                    if value < range.min[at] {
                        range.min[at] = value;
                    }
                    if value > range.max[at] {
                        range.max[at] = value;
                    }
                });
                range.n_rows += 1;
            }
            Ok(())
        })?;
        if range.n_rows == 0 {
            return Err(error::empty_summary());
        }
        for at in 0..range.min.len() {
            if range.n_nonzero[at] < range.n_rows {
                range.min[at] = range.min[at].min(0.0);
                range.max[at] = range.max[at].max(0.0);
            }
        }
        Ok(range)
    }

    fn grow(&mut self, size: usize) -> Result<()> {
        if self.n_rows == 0 {
            self.min = vec![f64::INFINITY; size];
            self.max = vec![f64::NEG_INFINITY; size];
            self.n_nonzero = vec![0; size];
        }
        check_size(self.min.len(), size)
    }
}

/// # Errors
/// Spark's: vectors of one column have different sizes.
pub(super) fn check_size(expected: usize, size: usize) -> Result<()> {
    if expected == size {
        return Ok(());
    }
    Err(error::requirement(format!(
        "Dimensions mismatch when adding new sample. Expecting {expected} but got {size}."
    )))
}

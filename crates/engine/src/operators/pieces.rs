//! Work on as many rows of a batch at a time as functions can make room for.

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{DataFusionError, Result};
use firesteel_common::{SparkError, batch_room};

/// What is left of a batch.
pub(crate) struct Pieces {
    batch: RecordBatch,
    done: usize,
    n_rows: usize,
}

impl Pieces {
    pub(crate) fn of(batch: RecordBatch) -> Self {
        Self { n_rows: batch.num_rows(), batch, done: 0 }
    }

    /// The answer for the next rows, half as many as before whenever they are refused; none at the end.
    pub(crate) fn next<T>(
        &mut self,
        mut evaluate: impl FnMut(&RecordBatch) -> Result<T>,
    ) -> Option<Result<T>> {
        loop {
            let n_left = self.batch.num_rows() - self.done;
            if n_left == 0 {
                return None;
            }
            let n_rows = self.n_rows.min(n_left);
            let piece = self.batch.slice(self.done, n_rows);
            let answer = match n_rows {
                1 => evaluate(&piece),
                _ => batch_room::divisible(|| evaluate(&piece)),
            };
            match answer.map_err(SparkError::from) {
                Ok(answer) => {
                    self.done += n_rows;
                    return Some(Ok(answer));
                }
                Err(error) if n_rows > 1 && batch_room::is_too_much(&error) => {
                    self.n_rows = n_rows / 2;
                }
                Err(error) => {
                    self.done = self.batch.num_rows();
                    return Some(Err(DataFusionError::from(error)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int32Array};
    use firesteel_common::ErrorKind;
    use std::sync::Arc;

    #[test]
    fn rows_come_in_smaller_and_smaller_pieces() {
        let column: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10));
        let batch = RecordBatch::try_from_iter([("a", column)]).expect("a batch");
        let mut pieces = Pieces::of(batch);
        let mut sizes = Vec::new();
        while let Some(size) = pieces.next(|piece| match piece.num_rows() {
            0..=3 => Ok(piece.num_rows()),
            _ => Err(SparkError::new(ErrorKind::Resources, "", "too much").into()),
        }) {
            sizes.push(size.expect("a small piece"));
        }
        assert_eq!(sizes, [2, 2, 2, 2, 2]);
    }

    #[test]
    fn other_errors_end_it() {
        let column: ArrayRef = Arc::new(Int32Array::from_iter_values(0..4));
        let batch = RecordBatch::try_from_iter([("a", column)]).expect("a batch");
        let mut pieces = Pieces::of(batch);
        let fails = |_: &RecordBatch| -> Result<()> {
            Err(SparkError::runtime("DIVIDE_BY_ZERO", "no").into())
        };
        assert!(pieces.next(fails).is_some_and(|answer| answer.is_err()));
        assert!(pieces.next(fails).is_none());
    }
}

//! Window functions row after row, for partitions larger than memory.
//!
//! Slower than the form over whole partitions, which stays the usual one: the engine asks for this form when a
//! partition does not fit (`engine/memory/window`).

use arrow::array::{Array, ArrayRef};
use datafusion_common::{Result, ScalarValue};
use std::fmt::Debug;
use std::ops::Range;

/// The state of one function within one partition.
pub(crate) trait Running: Debug + Send {
    /// Rows that have to be there for the value of row `row`, of `n_rows` that were read so far.
    fn rows(&self, row: usize, _n_rows: usize) -> Range<usize> {
        row..row + 1
    }

    /// Whether no later row is needed.
    fn is_causal(&self) -> bool {
        true
    }

    /// The value of the next row, from its `rows` of the arguments, after which come the columns of the
    /// window's order.
    fn next(&mut self, values: &[ArrayRef], rows: &Range<usize>) -> Result<ScalarValue>;
}

/// Rows before and including this one.
#[derive(Debug, Default)]
pub(super) struct RowNumber(i32);

impl Running for RowNumber {
    fn next(&mut self, _: &[ArrayRef], _: &Range<usize>) -> Result<ScalarValue> {
        self.0 += 1;
        Ok(ScalarValue::Int32(Some(self.0)))
    }
}

/// Rows that come before all rows equal to this one (`is_dense`: different ones), plus one.
#[derive(Debug)]
pub(super) struct Rank {
    is_dense: bool,
    last: Option<Vec<ScalarValue>>,
    n_rows: i32,
    rank: i32,
}

impl Rank {
    pub fn new(is_dense: bool) -> Self {
        Self { is_dense, last: None, n_rows: 0, rank: 0 }
    }
}

impl Running for Rank {
    fn next(&mut self, values: &[ArrayRef], rows: &Range<usize>) -> Result<ScalarValue> {
        let own = values.iter().map(|column| ScalarValue::try_from_array(column, rows.start));
        let own = own.collect::<Result<Vec<_>>>()?;
        self.n_rows += 1;
        if self.last.as_ref() != Some(&own) {
            self.rank = if self.is_dense { self.rank + 1 } else { self.n_rows };
            self.last = Some(own);
        }
        Ok(ScalarValue::Int32(Some(self.rank)))
    }
}

/// The value `by` rows further on; where there is none the second argument, or null.
#[derive(Debug)]
pub(super) struct Shifted {
    pub by: i64,
    pub has_default: bool,
}

impl Shifted {
    fn distance(&self) -> usize {
        usize::try_from(self.by.unsigned_abs()).unwrap_or(usize::MAX)
    }
}

impl Running for Shifted {
    fn rows(&self, row: usize, n_rows: usize) -> Range<usize> {
        if self.by > 0 {
            row..row.saturating_add(self.distance()).saturating_add(1).min(n_rows)
        } else {
            row.saturating_sub(self.distance())..row + 1
        }
    }

    fn is_causal(&self) -> bool {
        self.by <= 0
    }

    fn next(&mut self, values: &[ArrayRef], rows: &Range<usize>) -> Result<ScalarValue> {
        let (own, target) =
            if self.by > 0 { (rows.start, rows.end - 1) } else { (rows.end - 1, rows.start) };
        if rows.len() - 1 == self.distance() {
            ScalarValue::try_from_array(&values[0], target)
        } else if self.has_default {
            ScalarValue::try_from_array(&values[1], own)
        } else {
            ScalarValue::try_from(values[0].data_type())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use std::sync::Arc;

    fn all(running: &mut dyn Running, values: &[i64]) -> Vec<String> {
        let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        (0..values.len())
            .map(|row| {
                let rows = running.rows(row, values.len());
                running.next(&[Arc::clone(&column)], &rows).expect("a value").to_string()
            })
            .collect()
    }

    #[test]
    fn values() {
        let values = [5, 5, 7, 9];
        assert_eq!(all(&mut RowNumber::default(), &values), ["1", "2", "3", "4"]);
        assert_eq!(all(&mut Rank::new(false), &values), ["1", "1", "3", "4"]);
        assert_eq!(all(&mut Rank::new(true), &values), ["1", "1", "2", "3"]);
        let by = |by| all(&mut Shifted { by, has_default: false }, &values);
        assert_eq!(by(-1), ["NULL", "5", "5", "7"]);
        assert_eq!(by(2), ["7", "9", "NULL", "NULL"]);
        assert_eq!(by(0), ["5", "5", "7", "9"]);
        assert_eq!(by(i64::MAX), ["NULL"; 4]);
    }
}

//! Rows that wait for what Python makes of them.

use super::columns;
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{FieldRef, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use firesteel_common::SparkError;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Rows of the input whose results are not there yet, in order.
#[derive(Default)]
pub struct Waiting(pub VecDeque<RecordBatch>);

impl Waiting {
    /// The next `n_rows`.
    pub fn take(&mut self, n_rows: usize) -> Result<RecordBatch> {
        let more = || {
            DataFusionError::from(SparkError::internal("a Python function gave too many results"))
        };
        let mut parts = Vec::new();
        let mut missing = n_rows;
        while missing > 0 {
            let mut batch = self.0.pop_front().ok_or_else(more)?;
            if batch.num_rows() > missing {
                self.0.push_front(batch.slice(missing, batch.num_rows() - missing));
                batch = batch.slice(0, missing);
            }
            missing -= batch.num_rows();
            parts.push(batch);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(more),
            _ => {
                let schema = parts.first().map(RecordBatch::schema).ok_or_else(more)?;
                Ok(concat_batches(&schema, &parts)?)
            }
        }
    }
}

/// Rows of the input with their results beside them.
pub fn beside(
    waiting: &Mutex<Waiting>,
    answer: &RecordBatch,
    fields: &[FieldRef],
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let n_rows = answer.num_rows();
    if n_rows == 0 {
        return Ok(RecordBatch::new_empty(Arc::clone(schema)));
    }
    let rows = waiting.lock().take(n_rows)?;
    let mut all: Vec<ArrayRef> = rows.columns().to_vec();
    all.extend(columns::results(answer, fields)?);
    columns::batch(schema, all, n_rows)
}

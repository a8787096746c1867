//! A filter inside a file's reader that is applied only while it drops nearly all rows.
//!
//! A join tells the scan of its other side which keys it has (a dynamic filter). Read first and used to skip
//! the other columns, such a filter saves most of a scan when few rows pass. When many pass, skipping costs more
//! than it saves, and the join drops the rows anyway. How many pass is known only while the query runs.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{DynamicFilterPhysicalExpr, Literal};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows that are looked at before it is decided.
const ROWS_SAMPLED: u64 = 32 * 1024;
/// A filter stays if at most one row of so many passes.
const ROWS_FOR_ONE: u64 = 50;

/// `filter`, or true for every row once it has shown that it drops too few.
#[derive(Debug, Clone)]
pub(crate) struct Selective {
    filter: Arc<dyn PhysicalExpr>,
    sample: Arc<Sample>,
}

/// What all readers of a scan have seen together.
#[derive(Debug, Default)]
struct Sample {
    n_rows: AtomicU64,
    n_passed: AtomicU64,
    /// State of the filter when it was given up: it may become stricter, as that of `ORDER BY … LIMIT` does.
    given_up: AtomicU64,
}

impl Selective {
    pub(crate) fn new(filter: Arc<dyn PhysicalExpr>) -> Self {
        Self { filter, sample: Arc::default() }
    }

    /// Whether the other side of the join has told its keys.
    fn is_ready(&self) -> Result<bool> {
        let Some(dynamic) = self.filter.downcast_ref::<DynamicFilterPhysicalExpr>() else {
            return Ok(true);
        };
        Ok(!dynamic.current()?.is::<Literal>())
    }
}

impl Sample {
    /// Whether the filter is worth its cost in state `generation`.
    fn worth(&self, generation: u64) -> bool {
        let n_rows = self.n_rows.load(Ordering::Relaxed);
        if n_rows < ROWS_SAMPLED {
            return true;
        }
        if self.n_passed.load(Ordering::Relaxed).saturating_mul(ROWS_FOR_ONE) <= n_rows {
            return true;
        }
        if self.given_up.swap(generation, Ordering::Relaxed) != generation {
            // Another filter than the one that was measured: look again.
            self.n_rows.store(0, Ordering::Relaxed);
            self.n_passed.store(0, Ordering::Relaxed);
        }
        false
    }
}

impl PartialEq for Selective {
    fn eq(&self, other: &Self) -> bool {
        self.filter.eq(&other.filter)
    }
}

impl Eq for Selective {}

impl Hash for Selective {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.filter.hash(state);
    }
}

impl fmt::Display for Selective {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Selective({})", self.filter)
    }
}

impl PhysicalExpr for Selective {
    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        self.filter.return_field(schema)
    }

    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let all = || Ok(ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))));
        if !self.is_ready()? || !self.sample.worth(self.filter.snapshot_generation()) {
            return all();
        }
        let passes = self.filter.evaluate(batch)?.into_array(batch.num_rows())?;
        let n_passed = passes.as_boolean().true_count();
        self.sample.n_rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        self.sample.n_passed.fetch_add(n_passed as u64, Ordering::Relaxed);
        Ok(ColumnarValue::Array(passes))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.filter]
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let [filter] = <[_; 1]>::try_from(children).map_err(|children| {
            datafusion::common::internal_datafusion_err!(
                "a filter, not {} children",
                children.len()
            )
        })?;
        Ok(Arc::new(Self { filter, sample: Arc::clone(&self.sample) }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filter.fmt_sql(f)
    }

    /// For the statistics of row groups and pages, which are compared with the filter itself.
    fn snapshot(&self) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        Ok(Some(Arc::clone(&self.filter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int64Array};
    use datafusion::physical_expr::expressions::{binary, col, lit};

    fn passing(filter: &Selective, batch: &RecordBatch) -> usize {
        let answer = filter.evaluate(batch).expect("a filter");
        let answer = answer.into_array(batch.num_rows()).expect("booleans");
        answer.as_boolean().true_count()
    }

    #[test]
    fn stays_while_few_rows_pass() {
        let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..ROWS_SAMPLED as i64));
        let batch = RecordBatch::try_from_iter([("id", ids)]).expect("a batch");
        let schema = batch.schema();
        let below = |limit: i64| {
            let id = col("id", &schema).expect("a column");
            let op = datafusion::logical_expr::Operator::Lt;
            Selective::new(binary(id, op, lit(limit), &schema).expect("a comparison"))
        };
        let strict = below(7);
        for _ in 0..3 {
            assert_eq!(passing(&strict, &batch), 7);
        }
        let loose = below(10_000);
        assert_eq!(passing(&loose, &batch), 10_000);
        assert_eq!(passing(&loose, &batch), batch.num_rows());
    }
}

//! `spark.range`: numbers made while they are read, in exactly as many partitions as asked for.
//!
//! ```text
//! RangeExec        partition p: start_p, start_p + step, …   in batches
//!   DataSourceExec   partition p: one row (start_p, count_p)
//! ```
//!
//! The leaf holds a row per partition, so that a cluster's task, which gets one partition of the
//! leaf, makes the numbers of that partition and no others.

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coop::cooperative;
use datafusion::physical_plan::execution_plan::SchedulingType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{OperatorCodec, Task, UnaryExec, same_partition_count, streaming};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Every operator of this crate.
pub fn operators() -> Vec<OperatorCodec> {
    vec![OperatorCodec::unary::<RangeExec>()]
}

/// The numbers `start`, `start + step`, … before `end`.
#[derive(Debug)]
pub(crate) struct RangeTable {
    start: i64,
    step: i64,
    n_rows: i128,
    n_partitions: usize,
    schema: SchemaRef,
}

impl RangeTable {
    /// `step` is not 0.
    pub fn new(start: i64, end: i64, step: i64, n_partitions: usize) -> Self {
        let (distance, step_wide) = (i128::from(end) - i128::from(start), i128::from(step));
        // Rounded up: a last, shorter step still counts.
        let n_rows = if (distance > 0) == (step > 0) && distance != 0 {
            (distance.abs() + step_wide.abs() - 1) / step_wide.abs()
        } else {
            0
        };
        let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
        Self { start, step, n_rows, n_partitions, schema }
    }

    /// First number and count of each partition, cut as Spark cuts a range.
    fn descriptors(&self) -> Vec<(i64, i64)> {
        let n_partitions = self.n_partitions as i128;
        (0..n_partitions)
            .map(|partition| {
                let first = partition * self.n_rows / n_partitions;
                let last = (partition + 1) * self.n_rows / n_partitions;
                let start = i128::from(self.start) + first * i128::from(self.step);
                // A start outside of i64 belongs to an empty partition.
                let start = i64::try_from(start).unwrap_or(i64::MAX);
                (start, i64::try_from(last - first).unwrap_or(i64::MAX))
            })
            .collect()
    }
}

#[async_trait]
impl TableProvider for RangeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let descriptor = Arc::new(Schema::new(vec![
            Field::new("start", DataType::Int64, false),
            Field::new("count", DataType::Int64, false),
        ]));
        let mut partitions = Vec::with_capacity(self.n_partitions);
        for (start, count) in self.descriptors() {
            let count =
                limit.map_or(count, |limit| count.min(i64::try_from(limit).unwrap_or(count)));
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int64Array::from(vec![start])),
                Arc::new(Int64Array::from(vec![count])),
            ];
            partitions.push(vec![RecordBatch::try_new(Arc::clone(&descriptor), columns)?]);
        }
        let input = MemorySourceConfig::try_new_exec(&partitions, descriptor, None)?;
        let has_column = projection.is_none_or(|columns| !columns.is_empty());
        RangeExec { step: self.step, has_column }.over(input)
    }
}

/// Numbers for each `(start, count)` of the input.
///
/// An order of ranges says nothing of the numbers' order: none is kept, and no sort is pushed below.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RangeExec {
    step: i64,
    /// Without, only the number of rows matters.
    has_column: bool,
}

impl UnaryExec for RangeExec {
    const NAME: &'static str = "RangeExec";
    type Parameters = Self;

    fn details(&self) -> String {
        format!("step={}", self.step)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let field = self.has_column.then(|| Field::new("id", DataType::Int64, false));
        let schema = Arc::new(Schema::new(field.into_iter().collect::<Vec<_>>()));
        let properties = streaming(EquivalenceProperties::new(schema), same_partition_count(input));
        Ok(properties.with_scheduling_type(SchedulingType::Cooperative))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let batch_rows = task.context.session_config().batch_size().max(1);
        let (step, schema) = (self.step, Arc::clone(&task.schema));
        let batches = task.input()?.map(move |descriptors| {
            let (starts, counts) = ranges(&descriptors?)?;
            let schema = Arc::clone(&schema);
            let pieces = (0..starts.len()).flat_map(move |row| {
                let schema = Arc::clone(&schema);
                let (start, count) = (starts.value(row), counts.value(row).max(0));
                let n_pieces = (count as u64).div_ceil(batch_rows as u64);
                (0..n_pieces).map(move |piece| {
                    let first = piece as i64 * batch_rows as i64;
                    let n_rows = (count - first).min(batch_rows as i64);
                    numbers(start, step, first, n_rows, &schema)
                })
            });
            Ok::<_, DataFusionError>(stream::iter(pieces))
        });
        // One row of the input becomes any number of batches. Without yielding between them, an
        // aggregate above would hold its thread until the last one, and no interrupt could end it.
        let batches = RecordBatchStreamAdapter::new(task.schema, batches.try_flatten());
        Ok(Box::pin(cooperative(batches)))
    }

    fn encode(&self) -> Result<Self> {
        Ok(self.clone())
    }

    fn decode(parameters: Self, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(parameters)
    }
}

/// The two columns of descriptor rows.
fn ranges(descriptors: &RecordBatch) -> Result<(Int64Array, Int64Array)> {
    let column = |position: usize| {
        let column = descriptors.columns().get(position)?;
        column.as_primitive_opt::<Int64Type>().cloned()
    };
    match (column(0), column(1)) {
        (Some(starts), Some(counts)) => Ok((starts, counts)),
        _ => internal_err!("RangeExec got {} instead of ranges", descriptors.schema()),
    }
}

/// The numbers at positions `first` to `first + n_rows` of a partition.
fn numbers(
    start: i64,
    step: i64,
    first: i64,
    n_rows: i64,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(n_rows as usize));
    let columns: Vec<ArrayRef> = if schema.fields().is_empty() {
        Vec::new()
    } else {
        let at = |position: i64| start.wrapping_add(position.wrapping_mul(step));
        vec![Arc::new(Int64Array::from_iter_values((first..first + n_rows).map(at)))]
    };
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_as_spark_cuts_them() {
        assert_eq!(RangeTable::new(0, 10, 3, 2).descriptors(), [(0, 2), (6, 2)]);
        assert_eq!(RangeTable::new(5, 0, -2, 2).descriptors(), [(5, 1), (3, 2)]);
        assert_eq!(RangeTable::new(3, 3, 1, 2).descriptors(), [(3, 0), (3, 0)]);
        let all = RangeTable::new(i64::MIN, i64::MAX, 1, 1);
        assert_eq!(all.n_rows, i128::from(u64::MAX));
    }
}

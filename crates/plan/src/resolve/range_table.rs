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
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::coop::cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;

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
        Ok(Arc::new(RangeExec::new(input, self.step, has_column)))
    }
}

/// Numbers for each `(start, count)` of the input.
#[derive(Debug)]
pub(crate) struct RangeExec {
    input: Arc<dyn ExecutionPlan>,
    step: i64,
    /// Without, only the number of rows matters.
    has_column: bool,
    properties: Arc<PlanProperties>,
}

impl RangeExec {
    fn new(input: Arc<dyn ExecutionPlan>, step: i64, has_column: bool) -> Self {
        let fields =
            if has_column { vec![Field::new("id", DataType::Int64, false)] } else { vec![] };
        let schema = Arc::new(Schema::new(fields));
        let n_partitions = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(n_partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        Self { input, step, has_column, properties: Arc::new(properties) }
    }
}

impl DisplayAs for RangeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "RangeExec: step={}", self.step)
    }
}

impl ExecutionPlan for RangeExec {
    fn name(&self) -> &str {
        "RangeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    /// A row of the input is a range: an order of ranges says nothing of the numbers' order, and a
    /// sort must not be pushed below.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input, self.step, self.has_column))),
            Err(children) => internal_err!("RangeExec got {} children", children.len()),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let batch_rows = context.session_config().batch_size().max(1);
        let (step, schema) = (self.step, self.schema());
        let output_schema = Arc::clone(&schema);
        let batches = self.input.execute(partition, context)?.map(move |descriptors| {
            let descriptors = descriptors?;
            let starts = descriptors.column(0).as_primitive::<Int64Type>().clone();
            let counts = descriptors.column(1).as_primitive::<Int64Type>().clone();
            let schema = Arc::clone(&output_schema);
            let pieces = (0..descriptors.num_rows()).flat_map(move |row| {
                let schema = Arc::clone(&schema);
                let (start, count) = (starts.value(row), counts.value(row));
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
        let batches = cooperative(RecordBatchStreamAdapter::new(schema, batches.try_flatten()));
        Ok(Box::pin(batches))
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

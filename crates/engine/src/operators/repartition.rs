//! Exact exchange: `repartition(n)`, `repartition(n, cols)`, `repartitionById`.
//!
//! ```text
//!   RepartitionExec (this file)             opaque to DataFusion's rules, declares n partitions
//!     │ rules::PlaceRepartitions, last rule
//!     ▼
//!   RepartitionExec (DataFusion's)          Hash([key], n)
//!     └─ RepartitionKeyExec                 appends key: an Int64 whose hash lands in the partition
//!          └─ input
//! ```
//!
//! DataFusion strips every exchange of its own and puts back what parents require, at
//! `target_partitions`; so ours stays a marker until all rules have run. Its hash has fixed seeds:
//! for each partition `p` there is an Int64 key with `hash(key) % n == p` (`partition_keys`), and a
//! column of such keys puts each row exactly where Spark would. The shuffle writer of a cluster uses
//! the same hash and modulo.

use super::partition_keys::{KEY, PartitionKeys};
use datafusion::arrow::array::{Array, AsArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{Result, Statistics, internal_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::repartition::RepartitionExec as HashRepartitionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, Partitioning, PlanProperties};
use firesteel_common::operator::{
    Task, UnaryExec, same_partition_count, streaming, with_unknown_columns,
};
use futures::StreamExt;
use std::sync::Arc;

/// Marker of an exchange into exactly `partitions` partitions. Its input has the key column as its
/// last ([`RepartitionKeyExec`], [`super::RangeKeyExec`]).
#[derive(Debug, Clone)]
pub struct RepartitionExec {
    pub partitions: usize,
}

impl RepartitionExec {
    /// The exchange that does the work.
    ///
    /// # Errors
    /// When the input has no key column.
    pub fn exchange(&self, input: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let position = input.schema().index_of(KEY)?;
        let key: Arc<dyn PhysicalExpr> = Arc::new(Column::new(KEY, position));
        let partitioning = Partitioning::Hash(vec![key], self.partitions);
        Ok(Arc::new(HashRepartitionExec::try_new(Arc::clone(input), partitioning)?))
    }
}

impl UnaryExec for RepartitionExec {
    const NAME: &'static str = "ExactRepartitionExec";
    type Parameters = usize;

    fn details(&self) -> String {
        format!("partitions={}", self.partitions)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let equivalences = EquivalenceProperties::new(input.schema());
        Ok(streaming(equivalences, Partitioning::UnknownPartitioning(self.partitions)))
    }

    fn statistics(&self, input: &Statistics, _: &Schema) -> Statistics {
        input.clone()
    }

    fn execute(&self, _: Task) -> Result<SendableRecordBatchStream> {
        internal_err!("ExactRepartitionExec was not replaced by PlaceRepartitions")
    }

    fn encode(&self) -> Result<usize> {
        internal_err!("ExactRepartitionExec was not replaced by PlaceRepartitions")
    }

    fn decode(_: usize, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        internal_err!("ExactRepartitionExec is no operator of a task")
    }
}

/// Appends the Int64 key column. `id` gives each row's partition, taken modulo `partitions`; without it
/// rows are dealt out in turn.
#[derive(Debug, Clone)]
pub struct RepartitionKeyExec {
    id: Option<Arc<dyn PhysicalExpr>>,
    /// Where all rows of an input partition go, instead.
    targets: Option<Arc<Vec<usize>>>,
    keys: PartitionKeys,
}

impl RepartitionKeyExec {
    /// # Errors
    /// When hashing fails, which it does not for integers.
    pub fn try_new(id: Option<Arc<dyn PhysicalExpr>>, partitions: usize) -> Result<Self> {
        Ok(Self { id, targets: None, keys: PartitionKeys::try_new(partitions)? })
    }

    /// Sends all rows of input partition `i` to partition `targets[i]`.
    ///
    /// # Errors
    /// For no partitions.
    pub fn by_partition(targets: Vec<usize>, partitions: usize) -> Result<Self> {
        let keys = PartitionKeys::try_new(partitions)?;
        Ok(Self { id: None, targets: Some(Arc::new(targets)), keys })
    }
}

impl UnaryExec for RepartitionKeyExec {
    const NAME: &'static str = "RepartitionKeyExec";
    const KEEPS_ORDER: bool = true;
    /// Where dealing out begins.
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = (usize, Option<Vec<usize>>);

    fn details(&self) -> String {
        if let Some(targets) = &self.targets {
            return format!("{targets:?}");
        }
        self.id.as_ref().map_or_else(|| "round robin".to_owned(), ToString::to_string)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = PartitionKeys::schema(&input.schema());
        Ok(streaming(EquivalenceProperties::new(schema), same_partition_count(input)))
    }

    fn exprs(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.id.iter().collect()
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let input = task.input()?;
        let (schema, id, keys) = (Arc::clone(&task.schema), self.id.clone(), self.keys.clone());
        // Partitions start at different places, so that many small ones do not fill partition 0.
        let mut next = task.partition;
        let target = match &self.targets {
            None => None,
            Some(targets) => match targets.get(task.partition) {
                Some(target) => Some(*target),
                None => return internal_err!("partition {} has no target", task.partition),
            },
        };
        let output = input.map(move |batch| {
            let batch = batch?;
            let column = match (&id, target) {
                (_, Some(target)) => Int64Array::from_value(keys.of(target), batch.num_rows()),
                (Some(id), None) => keys_of_ids(&batch, id, &keys)?,
                (None, None) => {
                    let first = next;
                    next += batch.num_rows();
                    (first..next).map(|row| keys.of(row)).collect()
                }
            };
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(column));
            Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Self::Parameters> {
        Ok((self.keys.n_partitions(), self.targets.as_ref().map(|targets| targets.to_vec())))
    }

    fn decode(
        (partitions, targets): Self::Parameters,
        exprs: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Self> {
        match targets {
            Some(targets) => Self::by_partition(targets, partitions),
            None => Self::try_new(exprs.into_iter().next(), partitions),
        }
    }
}

fn keys_of_ids(
    batch: &RecordBatch,
    id: &Arc<dyn PhysicalExpr>,
    keys: &PartitionKeys,
) -> Result<Int64Array> {
    let ids = id.evaluate(batch)?.into_array(batch.num_rows())?;
    let ids = cast(&ids, &DataType::Int64)?;
    let ids = ids.as_primitive::<Int64Type>();
    let n_partitions = keys.n_partitions() as i64;
    // A null id goes to partition 0, as in Spark's DirectShufflePartitionID.
    let key_of = |row: usize| {
        let id = if ids.is_null(row) { 0 } else { ids.value(row).rem_euclid(n_partitions) };
        keys.of(id as usize)
    };
    Ok((0..ids.len()).map(key_of).collect())
}

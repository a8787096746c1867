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
//! for each partition `p` there is an Int64 key with `hash(key) % n == p` ([`partition_keys`]), and a
//! column of such keys puts each row exactly where Spark would. The shuffle writer of a cluster uses
//! the same hash and modulo.

use super::{only_child, same_partition_count, streaming};
use datafusion::arrow::array::{Array, AsArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::hash_utils::create_hashes;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::repartition::{
    REPARTITION_RANDOM_STATE, RepartitionExec as HashRepartitionExec,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use futures::StreamExt;
use std::fmt;
use std::sync::Arc;

/// Name of the key column; no internal column name of the resolver looks like it.
const KEY: &str = "__partition_key";

/// Keys tried at once when searching for pre-images.
const KEYS_PER_STEP: i64 = 1024;

/// Marker of an exchange into exactly `partitions` partitions.
#[derive(Debug)]
pub struct RepartitionExec {
    /// A [`RepartitionKeyExec`].
    input: Arc<dyn ExecutionPlan>,
    partitions: usize,
    properties: Arc<PlanProperties>,
}

impl RepartitionExec {
    /// `id` gives each row's partition, taken modulo `partitions`; without it rows are dealt out in
    /// turn. The output has the key column as its last.
    ///
    /// # Errors
    /// When hashing fails, which it does not for integers.
    pub fn try_new(
        input: Arc<dyn ExecutionPlan>,
        id: Option<Arc<dyn PhysicalExpr>>,
        partitions: usize,
    ) -> Result<Self> {
        let keys = Arc::new(partition_keys(partitions)?);
        let keyed: Arc<dyn ExecutionPlan> = Arc::new(RepartitionKeyExec::new(input, id, keys));
        Ok(Self::over(keyed, partitions))
    }

    fn over(input: Arc<dyn ExecutionPlan>, partitions: usize) -> Self {
        let equivalences = EquivalenceProperties::new(input.schema());
        let properties = streaming(equivalences, Partitioning::UnknownPartitioning(partitions));
        Self { input, partitions, properties }
    }

    /// The exchange that does the work.
    ///
    /// # Errors
    /// None in practice: a hash partitioning over an existing column is always valid.
    pub fn exchange(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let position = self.input.schema().index_of(KEY)?;
        let key: Arc<dyn PhysicalExpr> = Arc::new(Column::new(KEY, position));
        let partitioning = Partitioning::Hash(vec![key], self.partitions);
        Ok(Arc::new(HashRepartitionExec::try_new(Arc::clone(&self.input), partitioning)?))
    }
}

impl DisplayAs for RepartitionExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "ExactRepartitionExec: partitions={}", self.partitions)
    }
}

impl ExecutionPlan for RepartitionExec {
    fn name(&self) -> &str {
        "ExactRepartitionExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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
        Ok(Arc::new(Self::over(only_child(children)?, self.partitions)))
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        internal_err!("ExactRepartitionExec was not replaced by PlaceRepartitions")
    }
}

/// Appends the Int64 key column.
#[derive(Debug)]
struct RepartitionKeyExec {
    input: Arc<dyn ExecutionPlan>,
    id: Option<Arc<dyn PhysicalExpr>>,
    /// Key of each partition.
    keys: Arc<Vec<i64>>,
    properties: Arc<PlanProperties>,
}

impl RepartitionKeyExec {
    fn new(
        input: Arc<dyn ExecutionPlan>,
        id: Option<Arc<dyn PhysicalExpr>>,
        keys: Arc<Vec<i64>>,
    ) -> Self {
        let schema = keyed_schema(&input.schema());
        let properties =
            streaming(EquivalenceProperties::new(schema), same_partition_count(&input));
        Self { input, id, keys, properties }
    }
}

fn keyed_schema(schema: &SchemaRef) -> SchemaRef {
    let key = Arc::new(Field::new(KEY, DataType::Int64, false));
    let fields: Vec<_> = schema.fields().iter().cloned().chain([key]).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

impl DisplayAs for RepartitionKeyExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "RepartitionKeyExec: {id}"),
            None => write!(f, "RepartitionKeyExec: round robin"),
        }
    }
}

impl ExecutionPlan for RepartitionKeyExec {
    fn name(&self) -> &str {
        "RepartitionKeyExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.id.as_ref().map_or(Ok(TreeNodeRecursion::Continue), f)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = only_child(children)?;
        Ok(Arc::new(Self::new(input, self.id.clone(), Arc::clone(&self.keys))))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        let (schema, id, keys) = (self.schema(), self.id.clone(), Arc::clone(&self.keys));
        let output_schema = Arc::clone(&schema);
        // Partitions start at different places, so that many small ones do not fill partition 0.
        let mut next = partition;
        let output = input.map(move |batch| {
            let batch = batch?;
            let column = match &id {
                Some(id) => keys_of_ids(&batch, id, &keys)?,
                None => {
                    let first = next;
                    next += batch.num_rows();
                    (first..next).map(|row| keys[row % keys.len()]).collect()
                }
            };
            let mut columns = batch.columns().to_vec();
            columns.push(Arc::new(column));
            Ok(RecordBatch::try_new(Arc::clone(&output_schema), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, output)))
    }
}

fn keys_of_ids(
    batch: &RecordBatch,
    id: &Arc<dyn PhysicalExpr>,
    keys: &[i64],
) -> Result<Int64Array> {
    let ids = id.evaluate(batch)?.into_array(batch.num_rows())?;
    let ids = cast(&ids, &DataType::Int64)?;
    let ids = ids.as_primitive::<Int64Type>();
    let n_partitions = keys.len() as i64;
    // A null id goes to partition 0, as in Spark's DirectShufflePartitionID.
    let key_of = |row: usize| {
        let id = if ids.is_null(row) { 0 } else { ids.value(row).rem_euclid(n_partitions) };
        keys[id as usize]
    };
    Ok((0..ids.len()).map(key_of).collect())
}

/// For each of `n` partitions an Int64 key that DataFusion's exchange sends there.
fn partition_keys(n: usize) -> Result<Vec<i64>> {
    let mut found: Vec<Option<i64>> = vec![None; n];
    let mut n_missing = n;
    let mut first = 0_i64;
    while n_missing > 0 {
        let candidates = Int64Array::from_iter_values(first..first + KEYS_PER_STEP);
        let mut hashes = vec![0_u64; candidates.len()];
        let state = REPARTITION_RANDOM_STATE;
        create_hashes([&candidates as &dyn Array], state.random_state(), &mut hashes)?;
        for (candidate, hash) in (first..).zip(&hashes) {
            let slot = &mut found[(*hash % n as u64) as usize];
            if slot.is_none() {
                *slot = Some(candidate);
                n_missing -= 1;
            }
        }
        first += KEYS_PER_STEP;
    }
    Ok(found.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_a_key() {
        for n in [1, 3, 64, 200, 1024] {
            let keys = partition_keys(n).expect("hashing integers");
            let column = Int64Array::from(keys);
            let mut hashes = vec![0; n];
            let state = REPARTITION_RANDOM_STATE;
            create_hashes([&column as &dyn Array], state.random_state(), &mut hashes)
                .expect("hashing integers");
            for (partition, hash) in hashes.iter().enumerate() {
                assert_eq!(hash % n as u64, partition as u64);
            }
        }
    }
}

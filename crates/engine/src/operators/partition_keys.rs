//! Keys that DataFusion's hash exchange sends to a chosen partition.

use datafusion::arrow::array::{Array, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::hash_utils::create_hashes;
use datafusion::common::{Result, internal_err};
use datafusion::physical_plan::repartition::REPARTITION_RANDOM_STATE;
use std::sync::Arc;

/// Name of the key column; no internal column name of the resolver looks like it.
pub(super) const KEY: &str = "__partition_key";

/// Keys tried at once when searching for pre-images.
const KEYS_PER_STEP: i64 = 1024;

/// Most partitions of an exchange: a limit for numbers that come from a wire, above any of Spark's.
const PARTITIONS_MAX: usize = 1 << 20;

/// For each partition an Int64 whose hash is that of the partition.
#[derive(Debug, Clone)]
pub(super) struct PartitionKeys(Arc<Vec<i64>>);

impl PartitionKeys {
    /// # Errors
    /// For no partitions, or too many to search keys for.
    pub fn try_new(partitions: usize) -> Result<Self> {
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            return internal_err!("an exchange into {partitions} partitions");
        }
        Ok(Self(Arc::new(partition_keys(partitions)?)))
    }

    pub fn n_partitions(&self) -> usize {
        self.0.len()
    }

    /// Key of partition `position`, taken modulo their number.
    pub fn of(&self, position: usize) -> i64 {
        self.0[position % self.0.len()]
    }

    /// `schema` with the key column as its last.
    pub fn schema(schema: &SchemaRef) -> SchemaRef {
        let key = Arc::new(Field::new(KEY, DataType::Int64, false));
        let fields: Vec<_> = schema.fields().iter().cloned().chain([key]).collect();
        Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
    }
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

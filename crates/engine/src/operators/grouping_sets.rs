//! ROLLUP, CUBE and GROUPING SETS over rows that are grouped already.
//!
//! ```text
//!   keys a, b, states        a     b     id  states
//!   x  1   …           ⟶     x     1     0   …
//!   y  2   …                 y     2     0   …
//!                            x     null  1   …       one copy of the batch per grouping set
//!                            y     null  1   …
//! ```

use datafusion::arrow::array::{ArrayRef, UInt64Array, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{Result, internal_err};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Aggregate;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, PlanProperties};
use firesteel_common::operator::{Task, UnaryExec, same_partition_count, streaming};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Each row once per grouping set (Spark's `ExpandExec`): the keys that are not in the set are null, and behind the
/// keys stands DataFusion's number of the set, a bit per key, 1 for those that are not in it. Memory: none but the batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GroupingSetsExec {
    /// Per set and key, whether the key is missing.
    pub sets: Vec<Vec<bool>>,
}

impl UnaryExec for GroupingSetsExec {
    const NAME: &'static str = "GroupingSetsExec";
    type Parameters = Self;

    fn details(&self) -> String {
        let sets = self.sets.iter().map(|set| {
            let keys = set.iter().enumerate().filter(|(_, is_missing)| !**is_missing);
            let keys: Vec<_> = keys.map(|(position, _)| position.to_string()).collect();
            format!("({})", keys.join(", "))
        });
        format!("sets of keys=[{}]", sets.collect::<Vec<_>>().join(", "))
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = Arc::new(self.schema(&input.schema())?);
        Ok(streaming(EquivalenceProperties::new(schema), same_partition_count(input)))
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let (sets, schema) = (self.sets.clone(), Arc::clone(&task.schema));
        let rows = task.input()?.map_ok(move |batch| {
            let (sets, schema) = (sets.clone(), Arc::clone(&schema));
            let batches = sets.into_iter().map(move |set| of_set(&batch, &set, &schema));
            stream::iter(batches)
        });
        let rows = rows.try_flatten().boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, rows)))
    }

    fn encode(&self) -> Result<Self> {
        Ok(self.clone())
    }

    fn decode(parameters: Self, _exprs: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(parameters)
    }
}

impl GroupingSetsExec {
    /// What leaves: the keys, the number of the set, the rest of the input.
    fn schema(&self, input: &Schema) -> Result<Schema> {
        let n_keys = self.sets.first().map_or(0, Vec::len);
        if input.fields().len() < n_keys || self.sets.iter().any(|set| set.len() != n_keys) {
            return internal_err!("GroupingSetsExec over an input of other columns");
        }
        let (keys, rest) = input.fields().split_at(n_keys);
        let mut columns: Vec<FieldRef> = Vec::with_capacity(input.fields().len() + 1);
        for (position, key) in keys.iter().enumerate() {
            columns.push(match self.sets.iter().any(|set| set[position]) {
                true => Arc::new(key.as_ref().clone().with_nullable(true)),
                false => Arc::clone(key),
            });
        }
        let number = Aggregate::grouping_id_type(n_keys, 0);
        columns.push(Arc::new(Field::new(Aggregate::INTERNAL_GROUPING_ID, number, false)));
        columns.extend(rest.iter().cloned());
        Ok(Schema::new_with_metadata(columns, input.metadata().clone()))
    }
}

/// The rows of one grouping set.
fn of_set(batch: &RecordBatch, set: &[bool], schema: &SchemaRef) -> Result<RecordBatch> {
    let (keys, rest) = batch.columns().split_at(set.len());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for (key, is_missing) in keys.iter().zip(set) {
        columns.push(match is_missing {
            true => new_null_array(key.data_type(), batch.num_rows()),
            false => Arc::clone(key),
        });
    }
    let number = UInt64Array::from_value(set_number(set), batch.num_rows());
    columns.push(cast(&number, schema.field(set.len()).data_type())?);
    columns.extend(rest.iter().cloned());
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// DataFusion's `__grouping_id`, as long as no set stands twice: the first key is the highest bit.
fn set_number(set: &[bool]) -> u64 {
    set.iter().fold(0, |number, is_missing| (number << 1) | u64::from(*is_missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{AsArray, Int64Array};
    use datafusion::arrow::datatypes::{DataType, UInt8Type};

    #[test]
    fn missing_keys_are_null_and_counted_from_the_left() -> Result<()> {
        let key = |name: &str| Arc::new(Field::new(name, DataType::Int64, true));
        let input = Arc::new(Schema::new(vec![key("a"), key("b"), key("state")]));
        let number = Arc::new(Field::new("__grouping_id", DataType::UInt8, false));
        let output = Arc::new(Schema::new(vec![key("a"), key("b"), number, key("state")]));
        let values = || Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef;
        let batch = RecordBatch::try_new(input, vec![values(), values(), values()])?;
        let rows = of_set(&batch, &[false, true], &output)?;
        assert_eq!(rows.column(0), &values());
        assert_eq!(rows.column(1).null_count(), 2);
        assert_eq!(rows.column(2).as_primitive::<UInt8Type>().values(), &[1, 1]);
        assert_eq!(rows.column(3), &values());
        assert_eq!(set_number(&[true, false]), 2);
        Ok(())
    }
}

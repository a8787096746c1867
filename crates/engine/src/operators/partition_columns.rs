//! Columns that depend on the partition: `rand`, `randn`, `uuid`, `spark_partition_id`,
//! `monotonically_increasing_id`.
//!
//! A DataFusion function is not told its partition, so one operator makes all such columns.

use datafusion::arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::{Result, Statistics};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use firesteel_common::nodes::PartitionFunction;
use firesteel_common::operator::{Task, UnaryExec, streaming, with_unknown_columns};
use firesteel_common::random::{JavaRandom, MersenneTwister, Well19937, XorShiftRandom};
use futures::StreamExt;
use std::sync::Arc;

/// Bits of `monotonically_increasing_id` that count rows within the partition.
const ROW_BITS: u32 = 33;

/// The input's columns followed by one column per function.
#[derive(Debug, Clone)]
pub struct PartitionColumnsExec {
    pub columns: Vec<(String, PartitionFunction)>,
}

impl UnaryExec for PartitionColumnsExec {
    const NAME: &'static str = "PartitionColumnsExec";
    const KEEPS_ORDER: bool = true;
    /// Numbers go by the order of the rows: a sort below stays, although one above sorts again.
    const HIDES_INPUT_COLUMNS: bool = true;
    const NEEDS_PARTITION_ID: bool = true;
    type Parameters = Vec<(String, PartitionFunction)>;

    fn details(&self) -> String {
        format!("{:?}", self.columns)
    }

    fn properties(&self, input: &Arc<dyn ExecutionPlan>) -> Result<PlanProperties> {
        let schema = input.schema();
        let added = self
            .columns
            .iter()
            .map(|(name, function)| Arc::new(Field::new(name, function.data_type(), false)));
        let fields: Vec<_> = schema.fields().iter().cloned().chain(added).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let orderings =
            input.equivalence_properties().oeq_class().iter().cloned().collect::<Vec<_>>();
        let equivalences = EquivalenceProperties::new_with_orderings(schema, orderings);
        Ok(streaming(equivalences, input.output_partitioning().clone()))
    }

    fn statistics(&self, input: &Statistics, schema: &Schema) -> Statistics {
        with_unknown_columns(input, schema)
    }

    fn execute(&self, task: Task) -> Result<SendableRecordBatchStream> {
        let input = task.input()?;
        let new = |(_, function): &(_, _)| Generator::new(function, task.partition);
        let mut generators: Vec<_> = self.columns.iter().map(new).collect();
        let schema = Arc::clone(&task.schema);
        let output = input.map(move |batch| {
            let batch = batch?;
            let n_rows = batch.num_rows();
            let mut columns = batch.columns().to_vec();
            columns.extend(generators.iter_mut().map(|generator| generator.next(n_rows)));
            Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(task.schema, output)))
    }

    fn encode(&self) -> Result<Self::Parameters> {
        Ok(self.columns.clone())
    }

    fn decode(columns: Self::Parameters, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        Ok(Self { columns })
    }
}

/// One column of one partition; keeps its place between batches.
enum Generator {
    PartitionId(i32),
    Increasing(i64),
    Rand(XorShiftRandom),
    Randn(XorShiftRandom),
    Uuid(Box<MersenneTwister>),
    Letters(XorShiftRandom, u64),
    Poisson(Box<Well19937>, f64),
}

impl Generator {
    fn new(function: &PartitionFunction, partition: usize) -> Self {
        let random = |seed: i64| XorShiftRandom::new(seed.wrapping_add(partition as i64));
        match function {
            PartitionFunction::SparkPartitionId => Generator::PartitionId(partition as i32),
            PartitionFunction::MonotonicallyIncreasingId => {
                Generator::Increasing((partition as i64) << ROW_BITS)
            }
            PartitionFunction::Rand { seed } => Generator::Rand(random(*seed)),
            PartitionFunction::Randn { seed } => Generator::Randn(random(*seed)),
            PartitionFunction::Uuid { seed } => {
                let seed = seed.wrapping_add(partition as i64);
                Generator::Uuid(Box::new(MersenneTwister::new(seed)))
            }
            PartitionFunction::Letters { length, seed } => {
                Generator::Letters(random(*seed), *length)
            }
            PartitionFunction::Poisson { seed, mean_bits } => {
                // Spark draws a seed for each partition.
                let mut seeds = JavaRandom::new(*seed);
                (0..partition).for_each(|_| {
                    seeds.next_long();
                });
                let random = Well19937::new(seeds.next_long());
                Generator::Poisson(Box::new(random), f64::from_bits(*mean_bits))
            }
        }
    }

    fn next(&mut self, n_rows: usize) -> ArrayRef {
        match self {
            Generator::PartitionId(id) => Arc::new(Int32Array::from_value(*id, n_rows)),
            Generator::Increasing(first) => {
                let start = *first;
                *first += n_rows as i64;
                Arc::new(Int64Array::from_iter_values(start..*first))
            }
            Generator::Rand(random) => {
                Arc::new(Float64Array::from_iter_values((0..n_rows).map(|_| random.next_double())))
            }
            Generator::Randn(random) => Arc::new(Float64Array::from_iter_values(
                (0..n_rows).map(|_| random.next_gaussian()),
            )),
            Generator::Uuid(random) => {
                Arc::new(StringArray::from_iter_values((0..n_rows).map(|_| uuid(random))))
            }
            Generator::Letters(random, length) => {
                let texts = (0..n_rows).map(|_| letters(random, *length));
                Arc::new(StringArray::from_iter_values(texts))
            }
            Generator::Poisson(random, mean) => {
                let counts = (0..n_rows).map(|_| random.next_poisson(*mean));
                Arc::new(Int32Array::from_iter_values(counts))
            }
        }
    }
}

/// A text of random letters and digits.
fn letters(random: &mut XorShiftRandom, length: u64) -> String {
    const POOL: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = |_| char::from(POOL[(random.next_int() % 62).unsigned_abs() as usize]);
    (0..length).map(letter).collect()
}

/// A version 4 UUID (RFC 9562).
fn uuid(random: &mut MersenneTwister) -> String {
    let high = (random.next_long() as u64 & 0xffff_ffff_ffff_0fff) | 0x4000;
    let low = (random.next_long() as u64 & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

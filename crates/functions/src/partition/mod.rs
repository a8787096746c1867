//! Functions whose value depends on the partition or the position of a row.
//!
//! They are no scalar functions: DataFusion gives a function no partition. The resolver hands what
//! these builders answer with to the operator that knows it.

use crate::call::Call;
use crate::implicit::{literal_long, not_foldable};
use crate::registry::{Builder, FunctionDef, PartitionFunction};
use firesteel_common::Result;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let partition = |name, build| FunctionDef { name, builder: Builder::Partition(build) };
    vec![
        partition("spark_partition_id", |call| {
            call.check_arity(0, 0)?;
            Ok(PartitionFunction::SparkPartitionId)
        }),
        partition("monotonically_increasing_id", |call| {
            call.check_arity(0, 0)?;
            Ok(PartitionFunction::MonotonicallyIncreasingId)
        }),
        partition("rand", |call| Ok(PartitionFunction::Rand { seed: seed(&call)? })),
        partition("random", |call| Ok(PartitionFunction::Rand { seed: seed(&call)? })),
        partition("randn", |call| Ok(PartitionFunction::Randn { seed: seed(&call)? })),
        partition("uuid", |call| Ok(PartitionFunction::Uuid { seed: seed(&call)? })),
    ]
}

/// The seed, or a random one.
fn seed(call: &Call<'_>) -> Result<i64> {
    call.check_arity(0, 1)?;
    match call.args.first() {
        None => Ok(rand::random()),
        Some(arg) if arg.literal().is_some_and(|value| value.is_null()) => Ok(0),
        Some(arg) => literal_long(arg).ok_or_else(|| not_foldable(call.name, "seed")),
    }
}

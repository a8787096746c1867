//! Functions whose value depends on the partition or the position of a row.
//!
//! They are no scalar functions: DataFusion gives a function no partition. The resolver hands what
//! these builders answer with to the operator that knows it.

use crate::call::Call;
use crate::faults::invalid_parameter_value;
use crate::implicit::{literal_long, literal_text, not_foldable, unexpected_type};
use crate::registry::{Builder, FunctionDef, PartitionFunction};
use firesteel_common::{Result, SparkType};

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
        partition("randstr", randstr),
        partition("uuid", |call| Ok(PartitionFunction::Uuid { seed: seed(&call)? })),
    ]
}

/// `randstr(length [, seed])`.
fn randstr(mut call: Call<'_>) -> Result<PartitionFunction> {
    call.check_arity(1, 2)?;
    let length = call.args.remove(0);
    if let Some(seed) = call.args.first()
        && !matches!(seed.spark_type()?, SparkType::Integer | SparkType::Long | SparkType::Null)
    {
        return Err(unexpected_type("randstr", 1, seed, "(\"INT\" or \"BIGINT\")"));
    }
    let text = || literal_text(&length).and_then(|text| text.trim().parse().ok());
    let n = match literal_long(&length).or_else(text) {
        Some(n) => n,
        None if length.literal().is_some_and(|value| value.is_null()) => 0,
        None => return Err(not_foldable("randstr", "length")),
    };
    if n < 0 {
        let detail = format!("Expects `length` greater than or equal to 0, but got {n}.");
        return Err(invalid_parameter_value("randstr", "length", "LENGTH", &detail)
            .with("length", n.to_string()));
    }
    Ok(PartitionFunction::Letters { length: n as u64, seed: seed(&call)? })
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

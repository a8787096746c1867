//! Physical operators of ours, one per file.
//!
//! `tokio` is named in none of them but the range exchange: an operator is a stream over its
//! input's streams, so that it runs wherever its input does.

mod coalesce;
mod generate;
mod ordered_coalesce;
mod partition_columns;
mod range_repartition;
mod recursion_limit;
mod repartition;
mod show_string;
mod sort_within_partitions;
mod tail;

pub use coalesce::CoalesceExec;
pub use generate::GenerateExec;
pub use ordered_coalesce::OrderedCoalesceExec;
pub use partition_columns::PartitionColumnsExec;
pub use range_repartition::RangeRepartitionExec;
pub use recursion_limit::RecursionLimitExec;
pub use repartition::RepartitionExec;
pub use show_string::ShowStringExec;
pub use sort_within_partitions::SortWithinPartitionsExec;
pub use tail::TailExec;

use datafusion::common::{DataFusionError, Result};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::{
    ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties,
};
use std::sync::Arc;

/// The single child of a unary operator.
fn only_child(children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    let [child] = <[_; 1]>::try_from(children).map_err(|children: Vec<_>| {
        DataFusionError::Internal(format!("a unary operator got {} children", children.len()))
    })?;
    Ok(child)
}

/// Properties of an operator that streams with the given schema-bound properties.
fn streaming(
    equivalences: EquivalenceProperties,
    partitioning: Partitioning,
) -> Arc<PlanProperties> {
    Arc::new(PlanProperties::new(
        equivalences,
        partitioning,
        EmissionType::Incremental,
        Boundedness::Bounded,
    ))
}

/// As many partitions as the input has, in no known arrangement.
fn same_partition_count(input: &Arc<dyn ExecutionPlan>) -> Partitioning {
    Partitioning::UnknownPartitioning(input.output_partitioning().partition_count())
}

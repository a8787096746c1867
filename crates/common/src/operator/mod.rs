//! What all physical operators of ours are made of.
//!
//! ```text
//!   UnaryExec          a struct of parameters and expressions; its file says how it runs and what
//!     │                crosses a wire
//!   Unary<O>           DataFusion's ExecutionPlan around it: children, properties, metrics, display
//!     │
//!   OperatorCodec      what a decoder knows of it: an id and two functions; a crate lists its own
//! ```
//!
//! An operator has one input and as many partitions as that, unless it needs all input
//! ([`UnaryExec::NEEDS_ALL_INPUT`]). So a cluster can cut a plan into tasks of one partition each.

mod codec;
mod measured;
mod ordering;
mod partition_ids;
mod unary;

pub use codec::{Encoded, ExprCodec, OperatorCodec};
pub use ordering::SortDirections;
pub use partition_ids::with_partition_ids;
pub use unary::{Task, Unary, UnaryExec};

use arrow::datatypes::Schema;
use datafusion_common::stats::Precision;
use datafusion_common::{ColumnStatistics, Statistics};
use datafusion_physical_expr::{EquivalenceProperties, Partitioning};
use datafusion_physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion_physical_plan::{ExecutionPlan, ExecutionPlanProperties, PlanProperties};
use std::sync::Arc;

/// Properties of an operator that streams with the given schema-bound properties.
pub fn streaming(
    equivalences: EquivalenceProperties,
    partitioning: Partitioning,
) -> PlanProperties {
    PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded)
}

/// Statistics of rows that gained columns of which nothing is known.
pub fn with_unknown_columns(input: &Statistics, schema: &Schema) -> Statistics {
    let mut statistics = input.clone();
    statistics.total_byte_size = Precision::Absent;
    statistics.column_statistics.resize(schema.fields().len(), ColumnStatistics::new_unknown());
    statistics
}

/// As many partitions as the input has, in no known arrangement.
pub fn same_partition_count(input: &Arc<dyn ExecutionPlan>) -> Partitioning {
    Partitioning::UnknownPartitioning(input.output_partitioning().partition_count())
}

//! Logical nodes of ours: `plan` creates them, `engine` turns them into operators.
//!
//! They stand here because `plan` and `engine` may not see each other.

mod collect_metrics;
mod generate;
mod join_hint;
mod map_in_python;
mod partition_columns;
mod python_columns;
mod python_groups;
mod python_rows;
mod python_source;
mod recursion_limit;
mod repartition;
mod show_string;
mod single_row;
mod sort_within_partitions;
mod tail;

pub use collect_metrics::CollectMetrics;
pub use generate::Generate;
pub use join_hint::{JoinHint, JoinStrategy};
pub use map_in_python::MapInPython;
pub use partition_columns::{PartitionColumns, PartitionFunction};
pub use python_columns::PythonColumns;
pub use python_groups::{GroupShape, PythonGroups, PythonGroupsParts};
pub use python_rows::{PythonRows, PythonRowsParts};
pub use python_source::{PythonScan, PythonSource};
pub use recursion_limit::RecursionLimit;
pub use repartition::{Repartition, RepartitionScheme};
pub use show_string::{ShowFormat, ShowString};
pub use single_row::SingleRow;
pub use sort_within_partitions::SortWithinPartitions;
pub use tail::Tail;

use datafusion_common::{DataFusionError, Result};
use datafusion_expr::LogicalPlan;

/// The single input of a unary node.
fn one_input(inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
    let [input] = <[LogicalPlan; 1]>::try_from(inputs).map_err(|inputs| {
        DataFusionError::Internal(format!("a unary node got {} inputs", inputs.len()))
    })?;
    Ok(input)
}

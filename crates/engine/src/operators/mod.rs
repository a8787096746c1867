//! Physical operators of ours, one per file.
//!
//! Each is a struct of parameters that implements `UnaryExec` (`firesteel_common::operator`): how it
//! runs, and its form on the wire. [`operators`] lists them for whoever decodes plans.
//!
//! `tokio` is named in none of them but the ordered coalesce: an operator is a stream over its
//! input's streams, so that it runs wherever its input does.

mod accumulated;
mod coalesce;
mod collect_metrics;
mod forget_constants;
mod generate;
mod grouping_sets;
mod map_in_python;
mod ordered_coalesce;
mod partition_columns;
mod partition_keys;
mod pieces;
mod python_columns;
mod python_groups;
mod python_rows;
mod python_windows;
mod range_key;
mod recursion_limit;
mod repartition;
mod show_string;
mod single_row;
mod sliced_projection;
mod sort_within_partitions;
mod tail;

pub use accumulated::take_accumulated;
pub use coalesce::CoalesceExec;
pub use collect_metrics::{CollectMetricsExec, ObservedAggregate, ObservedResults};
pub use forget_constants::ForgetConstantsExec;
pub use generate::GenerateExec;
pub use grouping_sets::GroupingSetsExec;
pub use map_in_python::MapInPythonExec;
pub use ordered_coalesce::OrderedCoalesceExec;
pub use partition_columns::PartitionColumnsExec;
pub use python_columns::PythonColumnsExec;
pub use python_groups::PythonGroupsExec;
pub use python_rows::{Flags as PythonRowsFlags, PythonRowsExec};
pub use python_windows::PythonWindowsExec;
pub use range_key::RangeKeyExec;
pub use recursion_limit::RecursionLimitExec;
pub use repartition::{RepartitionExec, RepartitionKeyExec};
pub use show_string::ShowStringExec;
pub use single_row::SingleRowExec;
pub use sliced_projection::SlicedProjectionExec;
pub use sort_within_partitions::SortWithinPartitionsExec;
pub use tail::TailExec;

use firesteel_common::operator::OperatorCodec;

/// Every operator of this crate that can stand in a task. An operator that is not here does not
/// travel.
pub fn operators() -> Vec<OperatorCodec> {
    vec![
        CollectMetricsExec::codec(),
        OperatorCodec::unary::<ForgetConstantsExec>(),
        OperatorCodec::unary::<GenerateExec>(),
        OperatorCodec::unary::<GroupingSetsExec>(),
        OperatorCodec::unary::<MapInPythonExec>(),
        OperatorCodec::unary::<OrderedCoalesceExec>(),
        OperatorCodec::unary::<PartitionColumnsExec>(),
        OperatorCodec::unary::<PythonColumnsExec>(),
        OperatorCodec::unary::<PythonGroupsExec>(),
        OperatorCodec::unary::<PythonRowsExec>(),
        OperatorCodec::unary::<PythonWindowsExec>(),
        OperatorCodec::unary::<RangeKeyExec>(),
        OperatorCodec::unary::<RecursionLimitExec>(),
        OperatorCodec::unary::<RepartitionKeyExec>(),
        OperatorCodec::unary::<ShowStringExec>(),
        OperatorCodec::unary::<SingleRowExec>(),
        OperatorCodec::unary::<SlicedProjectionExec>(),
        OperatorCodec::unary::<SortWithinPartitionsExec>(),
        crate::memory::GroupedWindowExec::codec(),
        crate::memory::SpillingHashJoinExec::codec(),
        OperatorCodec::unary::<crate::memory::StoredRowsExec>(),
        OperatorCodec::unary::<TailExec>(),
    ]
}

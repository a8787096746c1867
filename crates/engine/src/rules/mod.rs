//! Logical rules of ours, before DataFusion's: [`ExtractPython`] and [`ExtractPythonGroups`], because those after
//! them must not copy, fold or move calls of Python functions. Costs other queries one look at their expressions.
//!
//! After those, [`NameAggregatesAbove`]: before DataFusion's rule that looks for distinct aggregates. [`ProjectGrowing`] has no place
//! that matters. [`SameWindows`] after expressions are simplified and before common ones are looked for. After DataFusion's, [`PlanPythonSources`]: filters are where they stay.
//!
//! Physical rules around DataFusion's `JoinSelection`: [`OrderJoins`] and [`NotInWithoutNulls`] before it, because it then
//! chooses the sides; [`PartitionOuterJoins`] after it, and [`WindowsOverConstants`], both before exchanges and sorts are placed.
//!
//! Physical optimizer rules of ours, in the order in which they run after DataFusion's.
//!
//! [`GroupBeforeSets`]: after DataFusion's, which know partial aggregations by their grouping sets.
//!
//! 1. [`PlaceRepartitions`]: after DataFusion's, because any of them may move or strip an exchange.
//! 2. [`PushSelectiveFilters`]: after dynamic filters have found their scans.
//! 3. [`CheapConjunctsFirst`]: before conjunctions become lazy ones.
//! 4. [`ShortCircuit`]: after the rules that look for conjunctions.
//! 5. [`SliceProjections`]: after every rule that looks for `ProjectionExec` by type.
//! 6. [`FilterConjunctions`]: after the rules that look for conjunctions.
//! 7. [`KeepPartitionOrder`]: late, because rules before it look for `CoalescePartitionsExec` by type.
//! 8. [`LimitMemory`]: after every rule that looks for `HashJoinExec` or `WindowAggExec` by type.
//! 9. [`CountBarrierTasks`]: when no rule changes the number of partitions any more.
//! 10. [`PlaceSharedRows`]: last, because a rule that changed one of two equal copies would part them.

mod cheap_conjuncts_first;
mod count_barrier_tasks;
mod extract_python;
mod extract_python_groups;
mod filter_conjunctions;
mod filter_string_views;
mod group_before_sets;
mod infallible_filters;
mod keep_partition_order;
mod limit_memory;
mod name_aggregates_above;
mod not_in_without_nulls;
mod order_joins;
mod partition_outer_joins;
mod place_repartitions;
mod place_shared_rows;
mod plan_python_sources;
mod project_growing;
mod push_selective_filters;
mod same_windows;
mod short_circuit;
mod slice_projections;
mod windows_over_constants;

pub(crate) use cheap_conjuncts_first::CheapConjunctsFirst;
pub(crate) use count_barrier_tasks::{CountBarrierTasks, has_barrier};
pub(crate) use extract_python::ExtractPython;
pub(crate) use extract_python_groups::ExtractPythonGroups;
pub(crate) use filter_conjunctions::FilterConjunctions;
pub(crate) use filter_string_views::FilterStringViews;
pub(crate) use group_before_sets::GroupBeforeSets;
pub(crate) use keep_partition_order::KeepPartitionOrder;
pub(crate) use limit_memory::LimitMemory;
pub(crate) use name_aggregates_above::NameAggregatesAbove;
pub(crate) use not_in_without_nulls::NotInWithoutNulls;
pub(crate) use order_joins::OrderJoins;
pub(crate) use partition_outer_joins::PartitionOuterJoins;
pub(crate) use place_repartitions::PlaceRepartitions;
pub(crate) use place_shared_rows::PlaceSharedRows;
pub(crate) use plan_python_sources::PlanPythonSources;
pub(crate) use project_growing::ProjectGrowing;
pub(crate) use push_selective_filters::PushSelectiveFilters;
pub(crate) use same_windows::SameWindows;
pub(crate) use short_circuit::{ShortCircuit, cannot_fail};
pub(crate) use slice_projections::SliceProjections;
pub(crate) use windows_over_constants::WindowsOverConstants;

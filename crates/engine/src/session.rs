//! The DataFusion session: configuration, rules, planner, memory.

use crate::join_hints::ShowHintedJoins;
use crate::memory;
use crate::planner::NodeQueryPlanner;
use crate::rules::{
    CheapConjunctsFirst, CountBarrierTasks, ExtractPython, ExtractPythonGroups, FilterConjunctions,
    FilterStringViews, GroupBeforeSets, KeepPartitionOrder, LimitMemory, NameAggregatesAbove,
    NotInWithoutNulls, OrderJoins, PartitionOuterJoins, PlaceRepartitions, PlaceSharedRows,
    PlanPythonSources, ProjectGrowing, PushSelectiveFilters, SameWindows, ShortCircuit,
    SliceProjections, WindowsOverConstants,
};
use crate::runner::EngineConfig;
use datafusion::execution::context::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;
use firesteel_common::Result;
use std::sync::Arc;

/// Largest estimated build side of a join that every task sees whole. Measured on TPC-H at scale factor 1: from
/// DataFusion's 1 MiB and 128 Ki rows to this gained queries 5, 7, 8 and 9 a fifth to a third.
const BROADCAST_BYTES: usize = 128 << 20;
const BROADCAST_ROWS: usize = 2 << 20;

pub(crate) fn session_state(config: &EngineConfig) -> Result<SessionState> {
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(session_config(config)?)
        .with_runtime_env(memory::runtime(config)?)
        // None: the resolver emits Spark's types and casts, and DataFusion's own coercion must not change them.
        .with_analyzer_rules(vec![])
        .with_optimizer_rules(logical_rules())
        .with_query_planner(Arc::new(NodeQueryPlanner { share: config.travel.is_none() }))
        .with_physical_optimizer_rules(physical_rules())
        .build();
    Ok(state)
}

/// DataFusion's own after ours, but for two.
fn logical_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let ours: [Arc<dyn OptimizerRule + Send + Sync>; 4] = [
        Arc::new(ExtractPython),
        Arc::new(ExtractPythonGroups),
        Arc::new(NameAggregatesAbove),
        Arc::new(ProjectGrowing),
    ];
    let last: Arc<dyn OptimizerRule + Send + Sync> = Arc::new(PlanPythonSources);
    let mut rules: Vec<_> = ours.into_iter().collect();
    for rule in Optimizer::new().rules {
        if rule.name() == "common_sub_expression_eliminate" {
            rules.push(Arc::new(SameWindows));
        }
        rules.push(rule);
    }
    rules.push(last);
    rules
}

/// DataFusion's, with five of ours around the choice of joins, and the rest of ours after them.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> = vec![];
    for rule in PhysicalOptimizer::new().rules {
        let chooses_joins = rule.name() == "join_selection";
        if chooses_joins {
            rules.push(Arc::new(OrderJoins));
            rules.push(Arc::new(NotInWithoutNulls));
        }
        rules.push(rule);
        if chooses_joins {
            rules.push(Arc::new(ShowHintedJoins));
            rules.push(Arc::new(PartitionOuterJoins));
            rules.push(Arc::new(WindowsOverConstants));
        }
    }
    // After all others, because every rule before it may move or strip a RepartitionExec.
    rules.push(Arc::new(PlaceRepartitions));
    rules.push(Arc::new(GroupBeforeSets));
    rules.push(Arc::new(PushSelectiveFilters));
    rules.push(Arc::new(CheapConjunctsFirst));
    rules.push(Arc::new(FilterStringViews));
    rules.push(Arc::new(ShortCircuit));
    rules.push(Arc::new(FilterConjunctions));
    rules.push(Arc::new(SliceProjections));
    rules.push(Arc::new(KeepPartitionOrder));
    rules.push(Arc::new(LimitMemory));
    rules.push(Arc::new(CountBarrierTasks));
    rules.push(Arc::new(PlaceSharedRows));
    rules
}

fn session_config(engine: &EngineConfig) -> Result<SessionConfig> {
    let mut config = SessionConfig::new()
        .with_target_partitions(engine.slots.max(1))
        .with_information_schema(false)
        // A round-robin exchange would change the partitions that the user counts
        // (`spark_partition_id`) and the order of rows within them.
        .with_round_robin_repartition(false);
    let options = config.options_mut();
    memory::configure(options, engine);
    // The client knows plain strings only.
    options.execution.parquet.schema_force_view_types = false;
    // `PushSelectiveFilters` does it where it pays.
    options.execution.parquet.pushdown_filters = false;
    // A build side of this size is shared by all tasks: the larger side then needs no exchange.
    options.optimizer.hash_join_single_partition_threshold = BROADCAST_BYTES;
    options.optimizer.hash_join_single_partition_threshold_rows = BROADCAST_ROWS;
    options.optimizer.expand_views_at_output = true;
    for (key, value) in &engine.options {
        options.set(key, value)?;
    }
    Ok(config)
}

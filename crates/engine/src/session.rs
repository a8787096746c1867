//! The DataFusion session: configuration, rules, planner, memory.

use crate::planner::NodeQueryPlanner;
use crate::rules::{KeepPartitionOrder, PlaceRepartitions, ShortCircuit};
use crate::runner::EngineConfig;
use datafusion::execution::context::SessionState;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::SessionConfig;
use firesteel_common::Result;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Consumers that an out-of-memory error names.
const CONSUMERS_NAMED: usize = 5;

pub(crate) fn session_state(config: &EngineConfig) -> Result<SessionState> {
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(bytes) = config.memory_bytes {
        let named = NonZeroUsize::new(CONSUMERS_NAMED).unwrap_or(NonZeroUsize::MIN);
        let pool = TrackConsumersPool::new(GreedyMemoryPool::new(bytes), named);
        runtime = runtime.with_memory_pool(Arc::new(pool));
    }
    if let Some(directory) = &config.temp_dir {
        let mode = DiskManagerMode::Directories(vec![directory.clone()]);
        runtime = runtime.with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode));
    }
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(session_config(config.slots.max(1)))
        .with_runtime_env(runtime.build_arc()?)
        .with_query_planner(Arc::new(NodeQueryPlanner))
        // Last, because every rule before it may move or strip a RepartitionExec.
        .with_physical_optimizer_rule(Arc::new(PlaceRepartitions))
        .with_physical_optimizer_rule(Arc::new(ShortCircuit))
        .with_physical_optimizer_rule(Arc::new(KeepPartitionOrder))
        .build();
    Ok(state)
}

fn session_config(slots: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(slots)
        .with_information_schema(false)
        // A round-robin exchange would change the partitions that the user counts
        // (`spark_partition_id`) and the order of rows within them.
        .with_round_robin_repartition(false);
    let options = config.options_mut();
    // The client knows plain strings only.
    options.execution.parquet.schema_force_view_types = false;
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.optimizer.expand_views_at_output = true;
    config
}

//! The DataFusion session: configuration, rules, planner, memory.

use crate::memory;
use crate::planner::NodeQueryPlanner;
use crate::rules::{KeepPartitionOrder, LimitMemory, PlaceRepartitions, ShortCircuit};
use crate::runner::EngineConfig;
use datafusion::execution::context::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::SessionConfig;
use firesteel_common::Result;
use firesteel_common::conf::SparkStrings;
use std::sync::Arc;

pub(crate) fn session_state(config: &EngineConfig) -> Result<SessionState> {
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(session_config(config)?)
        .with_runtime_env(memory::runtime(config)?)
        .with_query_planner(Arc::new(NodeQueryPlanner))
        // Last, because every rule before it may move or strip a RepartitionExec.
        .with_physical_optimizer_rule(Arc::new(PlaceRepartitions))
        .with_physical_optimizer_rule(Arc::new(ShortCircuit))
        .with_physical_optimizer_rule(Arc::new(KeepPartitionOrder))
        .with_physical_optimizer_rule(Arc::new(LimitMemory))
        .build();
    Ok(state)
}

fn session_config(engine: &EngineConfig) -> Result<SessionConfig> {
    let mut config = SessionConfig::new()
        .with_target_partitions(engine.slots.max(1))
        .with_information_schema(false)
        // A round-robin exchange would change the partitions that the user counts
        // (`spark_partition_id`) and the order of rows within them.
        .with_round_robin_repartition(false);
    let options = config.options_mut();
    options.extensions.insert(SparkStrings::new(&engine.settings));
    memory::configure(options, engine);
    // The client knows plain strings only.
    options.execution.parquet.schema_force_view_types = false;
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.optimizer.expand_views_at_output = true;
    for (key, value) in &engine.options {
        options.set(key, value)?;
    }
    Ok(config)
}

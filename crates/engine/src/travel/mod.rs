//! Plans that travel: a test runner that treats every query as a cluster would.
//!
//! ```text
//!  ExecutionPlan ─cluster_form─▶ ─stages::cut─▶ stages ─PlanCodec::encode─▶ bytes, once per stage
//!       per task: bytes ─decode, in a fresh context─▶ plan ─restrict─▶ one partition ─execute(0)─▶ rows
//!       between stages: rows by partition, in memory
//! ```
//!
//! It is for tests (`firesteel.test.runner=travel` when the engine starts): whatever an operator, a
//! function or a source keeps outside of its wire form is missing here, and partitions have the numbers
//! that they have in a task. Stages and tasks are cut where Ballista cuts them. Dynamic filters and
//! subqueries of physical plans are off, as they are there.

mod cluster_form;
mod codec;
mod exec;
mod one_row;
mod ordered_merge;
mod recursive_query;
mod restrict;
mod stage_input;
mod stages;
mod subqueries_below;
#[cfg(test)]
mod tests;

pub use codec::PlanCodec;

use crate::operators;
use datafusion::common::Result;
use datafusion::execution::context::SessionState;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use exec::TravelExec;
use firesteel_common::operator::{ExprCodec, OperatorCodec};
use firesteel_common::wire::FunctionCodec;
use one_row::OneRow;
use std::sync::Arc;
use subqueries_below::SubqueriesBelow;
use tokio::sync::Semaphore;

/// What crosses a wire besides this crate's: the operators, expressions and functions of others.
#[derive(Debug, Clone)]
pub struct Wire {
    pub operators: Vec<OperatorCodec>,
    pub expressions: Vec<ExprCodec>,
    pub functions: Arc<dyn FunctionCodec>,
}

/// Runs plans as tasks made of bytes.
#[derive(Debug)]
pub(crate) struct Traveller {
    codec: Arc<PlanCodec>,
    /// Every setting of an engine as text.
    settings: Vec<(String, String)>,
    runtime: Arc<RuntimeEnv>,
    /// For tasks of stages below the last; those of the last have the runner's.
    slots: Arc<Semaphore>,
}

impl Traveller {
    pub fn new(
        mut wire: Wire,
        config: &SessionConfig,
        runtime: Arc<RuntimeEnv>,
        n_slots: usize,
    ) -> Self {
        wire.operators.extend(operators::operators());
        wire.operators.extend(recursive_query::operators());
        wire.operators.push(ordered_merge::CODEC);
        wire.operators.push(stage_input::CODEC);
        wire.expressions.extend(crate::expressions::expressions());
        let settings = config.options().entries().into_iter();
        let settings = settings.filter_map(|entry| Some((entry.key, entry.value?))).collect();
        let slots = Arc::new(Semaphore::new(n_slots));
        Self { codec: Arc::new(PlanCodec::new(wire)), settings, runtime, slots }
    }

    /// A plan with the partitions of `plan` that runs each of them as a task.
    ///
    /// # Errors
    /// When the plan has no wire form.
    pub fn prepare(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = cluster_form::cluster_form(Arc::clone(plan), self.codec.operators())?;
        let stages = stages::cut(plan, &self.codec)?;
        Ok(Arc::new(TravelExec::new(self, stages)))
    }

    /// Plans without what a cluster does not have.
    pub fn configure(state: &mut SessionState) {
        state.add_analyzer_rule(Arc::new(SubqueriesBelow));
        state.add_analyzer_rule(Arc::new(OneRow));
        let optimizer = &mut state.config_mut().options_mut().optimizer;
        optimizer.enable_dynamic_filter_pushdown = false;
        optimizer.enable_topk_dynamic_filter_pushdown = false;
        optimizer.enable_join_dynamic_filter_pushdown = false;
        optimizer.enable_aggregate_dynamic_filter_pushdown = false;
        optimizer.enable_physical_uncorrelated_scalar_subquery = false;
    }
}

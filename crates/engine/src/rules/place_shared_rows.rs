//! Marks of shared parts become the operators that share.

use crate::sharing::{Role, SharedRowsExec};
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::{ExecutionPlan, replace_children_if_necessary};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// The first of the marks with one id computes the rows, those after it read them, and their copies of the plan are
/// gone. A copy that came out of the rules as another plan stays. Costs other queries one walk over the plan.
#[derive(Debug)]
pub(crate) struct PlaceSharedRows;

impl PhysicalOptimizerRule for PlaceSharedRows {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut counts = HashMap::new();
        count(&plan, &mut counts);
        if counts.is_empty() {
            return Ok(plan);
        }
        place(plan, &counts, &mut HashMap::new())
    }

    fn name(&self) -> &str {
        "place_shared_rows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Id and text of a shared part: equal for copies that may stand for each other.
type Key = (usize, String);

fn mark(plan: &Arc<dyn ExecutionPlan>) -> Option<(Key, &Arc<dyn ExecutionPlan>)> {
    let shared = (plan.as_ref() as &dyn Any).downcast_ref::<SharedRowsExec>()?;
    match shared.role() {
        Role::Mark(input) => {
            let text = DisplayableExecutionPlan::new(input.as_ref()).indent(true).to_string();
            Some(((shared.id(), text), input))
        }
        Role::First(_) | Role::Again(_) => None,
    }
}

/// How many marks of each key there are that are not within a copy that will go.
fn count(plan: &Arc<dyn ExecutionPlan>, counts: &mut HashMap<Key, usize>) {
    if let Some((key, _)) = mark(plan) {
        let n_marks = counts.entry(key).or_insert(0);
        *n_marks += 1;
        if *n_marks > 1 {
            return;
        }
    }
    for child in plan.children() {
        count(child, counts);
    }
}

fn place(
    plan: Arc<dyn ExecutionPlan>,
    counts: &HashMap<Key, usize>,
    placed: &mut HashMap<Key, Arc<SharedRowsExec>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    if let Some((key, input)) = mark(&plan) {
        if let Some(again) = placed.get(&key).and_then(|first| SharedRowsExec::again(first)) {
            return Ok(Arc::new(again));
        }
        let input = place(Arc::clone(input), counts, placed)?;
        let n_readers = counts.get(&key).copied().unwrap_or(1);
        if n_readers < 2 {
            return Ok(input);
        }
        let first = Arc::new(SharedRowsExec::first(key.0, input, n_readers));
        placed.insert(key, Arc::clone(&first));
        return Ok(first);
    }
    let children = plan.children().into_iter().cloned();
    let children = children.map(|child| place(child, counts, placed)).collect::<Result<_>>()?;
    replace_children_if_necessary(plan, children)
}

//! `df["x"]`: a column named together with the plan that it comes from.

use super::Scope;
use std::collections::HashMap;
use std::sync::Arc;

/// Scopes of the relations with a plan id that have been resolved so far.
#[derive(Debug, Default)]
pub(crate) struct PlanIds(HashMap<i64, Vec<Occurrence>>);

/// One place at which a plan was resolved: the same DataFrame may stand on both sides of a join.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    /// Nesting: when two places offer the column, the nearer one is meant.
    pub level: usize,
    pub scope: Arc<Scope>,
}

impl PlanIds {
    pub fn record(&mut self, plan_id: i64, level: usize, scope: &Arc<Scope>) {
        let occurrence = Occurrence { level, scope: Arc::clone(scope) };
        self.0.entry(plan_id).or_default().push(occurrence);
    }

    /// All that was recorded.
    pub fn all(&self) -> impl Iterator<Item = (i64, &Occurrence)> {
        self.0.iter().flat_map(|(plan_id, found)| found.iter().map(move |one| (*plan_id, one)))
    }

    pub fn occurrences(&self, plan_id: i64) -> &[Occurrence] {
        self.0.get(&plan_id).map_or(&[], Vec::as_slice)
    }
}

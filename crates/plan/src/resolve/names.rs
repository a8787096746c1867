//! What the user calls the columns of a plan, those between its operators included.

use super::Scope;
use std::collections::HashMap;
use std::sync::Arc;

/// The scopes of all relations of a query.
#[derive(Debug, Default)]
pub struct Names(Vec<Arc<Scope>>);

impl Names {
    pub(super) fn add(&mut self, scope: &Arc<Scope>) {
        self.0.push(Arc::clone(scope));
    }

    /// The user's name of each column by its internal one (`#12` → `price`).
    pub fn by_internal_name(&self) -> HashMap<String, String> {
        let columns = self.0.iter().flat_map(|scope| scope.columns.iter().chain(&scope.hidden));
        columns.map(|own| (own.internal.clone(), own.field.name.clone())).collect()
    }
}

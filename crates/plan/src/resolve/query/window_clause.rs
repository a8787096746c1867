//! `WINDOW w AS (…)`: definitions for the SELECT list in the input.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Relation, Window};
use firesteel_common::Result;

impl Resolver<'_> {
    pub(super) fn window_clause(
        &mut self,
        input: &Relation,
        windows: &[(String, Window)],
    ) -> Result<Resolved> {
        self.windows.push(windows.to_vec());
        let resolved = self.relation(input);
        self.windows.pop();
        resolved
    }
}

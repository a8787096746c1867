//! Functions in FROM: `range(…)`, `explode(…)`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::TableFunction;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn table_function(&mut self, _function: &TableFunction) -> Result<Resolved> {
        Err(SparkError::unsupported("table functions"))
    }
}

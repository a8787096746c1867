//! PIVOT: values of a column become columns.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Aggregate, Pivot};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn pivot(&mut self, _pivot: &Pivot) -> Result<Resolved> {
        Err(SparkError::unsupported("PIVOT"))
    }

    pub(super) fn pivoted_aggregate(
        &mut self,
        _input: Resolved,
        _aggregate: &Aggregate,
    ) -> Result<Resolved> {
        Err(SparkError::unsupported("pivot"))
    }
}

//! `df.stat.crosstab`: counts of pairs of values.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn crosstab(&mut self, _input: &Relation, _column1: &str, _column2: &str) -> Result<Resolved> {
        Err(SparkError::unsupported("crosstab"))
    }
}

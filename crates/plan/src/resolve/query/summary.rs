//! `df.summary`: statistics per column.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn summary(&mut self, _input: &Relation, _statistics: &[String]) -> Result<Resolved> {
        Err(SparkError::unsupported("summary"))
    }
}

//! `df.na.drop`: rows without nulls.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn na_drop(&mut self, _input: &Relation, _columns: &[String], _min_non_nulls: Option<i32>) -> Result<Resolved> {
        Err(SparkError::unsupported("na.drop"))
    }
}

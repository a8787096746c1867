//! `df.na.fill`: values for nulls.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Literal, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn na_fill(&mut self, _input: &Relation, _columns: &[String], _values: &[Literal]) -> Result<Resolved> {
        Err(SparkError::unsupported("na.fill"))
    }
}

//! `df.na.replace`: values for values.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Literal, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn na_replace(&mut self, _input: &Relation, _columns: &[String], _replacements: &[(Literal, Literal)]) -> Result<Resolved> {
        Err(SparkError::unsupported("na.replace"))
    }
}

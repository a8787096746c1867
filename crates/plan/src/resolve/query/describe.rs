//! `df.describe`: count, mean, deviation, least and greatest value per column.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn describe(&mut self, _input: &Relation, _columns: &[String]) -> Result<Resolved> {
        Err(SparkError::unsupported("describe"))
    }
}

//! `df.stat.corr`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn corr(&mut self, _input: &Relation, _column1: &str, _column2: &str, _method: Option<&str>) -> Result<Resolved> {
        Err(SparkError::unsupported("stat.corr"))
    }
}

//! As-of joins: the nearest row of the other side.

use crate::resolve::{Resolved, Resolver};
use crate::spec::AsOfJoin;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn as_of_join(&mut self, _join: &AsOfJoin) -> Result<Resolved> {
        Err(SparkError::unsupported("AS OF joins"))
    }
}

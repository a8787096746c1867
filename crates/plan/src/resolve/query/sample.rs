//! `df.sample`: rows by chance.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Sample;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn sample(&mut self, _sample: &Sample) -> Result<Resolved> {
        Err(SparkError::unsupported("sample"))
    }
}

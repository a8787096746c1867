//! `df.stat.freqItems`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn freq_items(&mut self, _input: &Relation, _columns: &[String], _support: Option<f64>) -> Result<Resolved> {
        Err(SparkError::unsupported("freqItems"))
    }
}

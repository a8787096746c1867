//! `df.stat.approxQuantile`.

use crate::resolve::{Resolved, Resolver};
use crate::spec::Relation;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn approx_quantile(&mut self, _input: &Relation, _columns: &[String], _probabilities: &[f64], _relative_error: f64) -> Result<Resolved> {
        Err(SparkError::unsupported("approxQuantile"))
    }
}

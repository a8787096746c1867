//! `df.sampleBy`: rows by chance, per value of a column.

use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Literal, Relation};
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn sample_by(&mut self, _input: &Relation, _column: &Expr, _fractions: &[(Literal, f64)], _seed: Option<i64>) -> Result<Resolved> {
        Err(SparkError::unsupported("sampleBy"))
    }
}
